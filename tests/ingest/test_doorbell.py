"""The bell rings for everybody who pressed, and not once for each of them."""

import threading

from support_portal.ingest.doorbell import BETWEEN_RINGS, Doorbell


class Listening(Doorbell):
    """A bell that counts its rings instead of sending them."""

    def __init__(self, pause):
        super().__init__(pause)
        self.rings = 0

    def _send(self):
        self.rings += 1
        return True


def settle():
    for thread in threading.enumerate():
        if thread.name == "doorbell":
            thread.join()


def test_one_press_is_one_ring_followed_by_quiet():
    pauses = []
    bell = Listening(pauses.append)

    bell.ring()
    settle()

    assert (bell.rings, pauses) == (1, [BETWEEN_RINGS])


def test_all_who_press_during_the_quiet_share_one_ring_after_it():
    def press_again(seconds):
        if bell.rings == 1:
            for _ in range(100):
                bell.ring()

    bell = Listening(press_again)

    bell.ring()
    settle()

    assert bell.rings == 2


def test_no_press_is_forgotten_when_many_press_at_once():
    bell = Listening(lambda seconds: None)
    presses = [threading.Thread(target=bell.ring) for _ in range(50)]

    for press in presses:
        press.start()
    for press in presses:
        press.join()
    settle()

    assert 1 <= bell.rings <= 50
    assert not bell._pressed.is_set()
