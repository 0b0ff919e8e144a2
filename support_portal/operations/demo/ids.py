"""Identifiers as 8x8's generators make them today, and a few of the old kind."""

from random import Random

UNIX_DAY = 25567  # 1970-01-01, counted from 1900-01-01
UNIX_TICKS = 0x01B21DD213814000  # the same day in 100 ns since 1582-10-15
NODE = "0288025a7c1e90d4"  # clock sequence and a locally administered node: no real machine


def make_id(dice: Random, family: str, moment: float) -> str:
    """Return an id of ``family`` made at ``moment``."""
    if family == "comb":
        return comb(dice, moment)
    if family == "seq_v1":
        return sequential(moment)
    return random_id(dice)


def random_id(dice: Random) -> str:
    """Return a version 4 UUID: nothing can be read from it."""
    return _dashed(_version_four(f"{dice.getrandbits(128):032x}"))


def comb(dice: Random, moment: float) -> str:
    """Return a COMB: version 4 in front, in the last six bytes the day and the 1/300 s of ``moment``."""
    days, seconds = divmod(moment, 86400)
    tail = f"{UNIX_DAY + int(days):04x}{int(seconds * 300):08x}"
    return _dashed(_version_four(f"{dice.getrandbits(80):020x}{tail}"))


def sequential(moment: float) -> str:
    """Return a version 1 UUID in SQL Server's byte order, as the platform made them until 2020."""
    ticks = UNIX_TICKS + int(moment * 1_000_000) * 10
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF | 0x1000
    fields = low.to_bytes(4, "little") + middle.to_bytes(2, "little") + high.to_bytes(2, "little")
    return _dashed(f"{fields.hex()}8{NODE[1:]}")


def _version_four(digits: str) -> str:
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:12]}4{digits[13:16]}{variant}{digits[17:]}"


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
