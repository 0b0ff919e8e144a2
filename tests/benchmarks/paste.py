"""Seconds and memory of the paste engine: python -m tests.benchmarks.paste [--megabytes 1 5]."""

import argparse
import base64
import json
import quopri
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from uuid import UUID

from support_portal.payloads.recognise import recognise

IDS_A_MEGABYTE = 500
NOISE = "2026-07-20 11:31:07,133 INFO gateway took 12 of 90 in 88 ms, path=/a/b?x=1\n"
PROSE = "The customer says that nothing arrived since Tuesday and asks what the code is. "


def _ids(seed: int) -> Iterator[str]:
    dice = random.Random(seed)
    while True:
        yield str(UUID(int=dice.getrandbits(128)))


def log(id: str) -> str:
    """Return lines of a log, each with a time."""
    return NOISE * 26 + f"errorId={id} code=1300\n"


def prose(id: str) -> str:
    """Return sentences with many words that could be labels."""
    return PROSE * 25 + f"\nerrorId: {id}\n"


def receipts(id: str) -> str:
    """Return JSON of which each line is a receipt in a string."""
    status = {"state": "undelivered", "timestamp": "2026-07-20T09:02:11.38Z", "errorCode": 46}
    payload = {"umid": id, "destination": "+12025550147", "status": status, "pad": "x y " * 400}
    return json.dumps({"body": json.dumps({"namespace": "SMS", "payload": payload})}) + "\n"


def rows(id: str) -> str:
    """Return rows of a table."""
    return f'{id},northwind,1,US,"Example, Wireless",undelivered,46,,12025550147\n' * 25


def mail(id: str) -> str:
    """Return a part of a mail in quoted-printable."""
    written = quopri.encodestring((PROSE * 24 + f"errorId={id}\n").encode()).decode()
    return f"Content-Transfer-Encoding: quoted-printable\n\n{written}\n--b\n"


def packed(id: str) -> str:
    """Return a text in base64."""
    return base64.encodebytes((PROSE * 18 + f"errorId: {id}\n").encode()).decode() + "\n"


def codes(id: str) -> str:
    """Return short rows, of which each has a code and an HTTP status."""
    return "".join(f"{1000 + digit},40{digit}\n" for digit in range(10)) * 20 + f"{id},404\n"


def parts(id: str) -> str:
    """Return many small pieces of base64, as the bodies of a log of calls."""
    body = base64.b64encode(b'{"code": 1300, "ok": 0}').decode()
    return (
        f'{{"body": "{body}"}}\n' * 40 + base64.b64encode(f"errorId: {id}".encode()).decode() + "\n"
    )


HEADS: dict[Callable[[str], str], str] = {
    rows: "umid,subaccountid,direction,country,operator,state,errorcode,note,msisdn\n",
    codes: "code,http status\n",
}
KINDS: tuple[Callable[[str], str], ...] = (log, prose, receipts, rows, mail, packed, codes, parts)


def main() -> None:
    """Print a line for each kind of text and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[1, 5])
    _say(f"{'text':10}{'MB':>5}{'CPU, s':>9}{'ids':>7}{'memory, MB':>12}")
    for megabytes in parser.parse_args().megabytes:
        for kind in KINDS:
            _measure(kind, megabytes)


def _measure(kind: Callable[[str], str], megabytes: int) -> None:
    ids = _ids(megabytes)
    text = HEADS.get(kind, "")
    text += "".join(kind(next(ids)) for _ in range(megabytes * IDS_A_MEGABYTE))
    text = text[: megabytes * 1_000_000]
    started = time.process_time()
    things = recognise(text)
    seconds = time.process_time() - started
    found = sum(thing.kind in ("error_id", "umid", "uuid") for thing in things)
    tracemalloc.start()
    recognise(text)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    size = len(text) / 1e6
    _say(f"{kind.__name__:10}{size:5.1f}{seconds:9.2f}{found:7}{peak:12.1f}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
