"""The embedded broker gives every message to exactly one consumer, whole."""

import json
import multiprocessing
import queue
import resource
import shutil
from contextlib import contextmanager

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from kombu import Connection, Exchange, Queue

from support_portal.core import local_broker

PADDING = "x" * 20_000  # long enough that a reader could meet half of it
PER_SENDER = 300


def options(folder):
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.01,
    }


@pytest.fixture
def connect(tmp_path):
    """Return a function that opens connections to one broker, closed after the test."""
    local_broker.register()
    opened = []

    def open_one():
        url = "local://localhost//"
        opened.append(Connection(url, transport_options=options(tmp_path)))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.release()


def send(folder, sender):
    local_broker.register()
    url = "local://localhost//"
    with Connection(url, transport_options=options(folder)) as connection:
        rings = connection.SimpleQueue("rings")
        for number in range(PER_SENDER):
            rings.put([sender, number, PADDING])


def take(folder, results):
    local_broker.register()
    url = "local://localhost//"
    with Connection(url, transport_options=options(folder)) as connection:
        rings = connection.SimpleQueue("rings")
        while True:
            try:
                message = rings.get(timeout=1.5)
            except queue.Empty:
                break
            message.ack()
            results.put(message.payload[:2])
    results.put(None)


@contextmanager
def no_file_longer_than(size):
    """Let every file of this process end after so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_ring_that_cannot_be_written_leaves_nothing_behind(connect, tmp_path):
    rings = connect().SimpleQueue("rings")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(OSError, match="too large"), no_file_longer_than(100):
        rings.put(PADDING)
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    rings.put("the next")

    assert after == before
    assert rings.get(timeout=5).payload == "the next"


def test_two_senders_and_two_takers_lose_and_double_nothing(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    processes = [spawn.Process(target=send, args=(tmp_path, sender)) for sender in range(2)]
    processes += [spawn.Process(target=take, args=(tmp_path, results)) for _ in range(2)]

    for process in processes:
        process.start()
    taken, ended = [], 0
    while ended < 2:
        result = results.get(timeout=60)
        taken, ended = (taken, ended + 1) if result is None else ([*taken, result], ended)
    for process in processes:
        process.join()

    expected = [[sender, number] for sender in range(2) for number in range(PER_SENDER)]
    assert sorted(taken) == expected
    assert list(tmp_path.glob("queue/.aside/*")) == []


def test_messages_come_in_the_order_they_were_sent(connect):
    rings = connect().SimpleQueue("rings")
    for number in range(5):
        rings.put(number)

    taken = [rings.get(block=False).payload for _ in range(5)]

    assert taken == [0, 1, 2, 3, 4]
    with pytest.raises(queue.Empty):
        rings.get(block=False)


def test_queues_do_not_see_each_other_whatever_they_are_called(connect):
    names = ["a", "a.b", "../a", "ä/ö", ".."]
    for name in names:
        connect().Producer().publish(name, routing_key=name)

    channel = connect().default_channel
    taken = {name: Queue(name, channel=channel).get(no_ack=True).payload for name in names}

    assert taken == {name: name for name in names}


def test_size_and_purge_count_what_waits(connect):
    rings = connect().SimpleQueue("rings")
    for number in range(3):
        rings.put(number)

    assert [rings.qsize(), rings.clear(), rings.qsize()] == [3, 3, 0]


def test_a_fanout_reaches_every_bound_queue_and_none_that_left(connect):
    exchange = Exchange("all", type="fanout")
    channel = connect().default_channel
    first, second = (Queue(name, exchange, channel=channel) for name in ("first", "second"))
    for bound in (first, second):
        bound.declare()
    producer = connect().Producer()

    producer.publish("one", exchange=exchange)
    second.delete()
    producer.publish("two", exchange=exchange)

    waiting = [first.get(no_ack=True).payload, first.get(no_ack=True).payload]
    assert waiting == ["one", "two"]
    table = json.loads(next(channel.control_folder.glob("all.exchange")).read_text())
    assert [row[2] for row in table] == ["first"]


def test_an_emptied_folder_loses_what_waits_and_nothing_else(connect, tmp_path):
    sender, taker = connect().SimpleQueue("rings"), connect().SimpleQueue("rings")
    sender.put("before")

    shutil.rmtree(tmp_path / "queue")
    shutil.rmtree(tmp_path / "control")
    sender.put("after")

    assert taker.get(timeout=5).payload == "after"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_celery_runs_tasks_and_answers_to_control(tmp_path):
    local_broker.register()
    app = Celery("embedded", broker="local://localhost//", set_as_current=False)
    app.conf.broker_transport_options = options(tmp_path)
    app.conf.worker_hijack_root_logger = False
    done = queue.SimpleQueue()

    @app.task(name="ring")
    def ring(number):
        done.put(number)

    with start_worker(app, perform_ping_check=False, pool="solo"):
        for number in range(3):
            ring.delay(number)
        finished = [done.get(timeout=10) for _ in range(3)]
        pong = app.control.ping(timeout=2)

    assert finished == [0, 1, 2]
    assert [list(answer.values()) for answer in pong] == [[{"ok": "pong"}]]
