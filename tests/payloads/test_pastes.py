"""The corpus of pastes: from each all that it holds and nothing else, in the order of the text."""

from pathlib import Path

import pytest

from support_portal.payloads.recognise import recognise

FOLDER = Path(__file__).parent.parent / "data" / "pastes"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def _expected(name: str) -> list[list[str]]:
    """Return kind, value and what else is told of each thing, as the file beside the paste says."""
    lines = (FOLDER / f"{name}.things").read_text().splitlines()
    return [line.split("\t") for line in lines]


@pytest.mark.parametrize("name", NAMES)
def test_a_paste_gives_all_it_holds_and_nothing_else(name):
    things = recognise((FOLDER / f"{name}.txt").read_bytes().decode())

    assert [[thing.kind, thing.value] for thing in things] == [row[:2] for row in _expected(name)]


@pytest.mark.parametrize("name", NAMES)
def test_a_paste_tells_the_places_and_contexts_that_are_noted(name):
    things = recognise((FOLDER / f"{name}.txt").read_bytes().decode())

    for thing, (_, _, *noted) in zip(things, _expected(name), strict=True):
        told = {
            f"place={thing.start}:{thing.end}",
            f"context={thing.context}",
            f"channel={thing.channel}",
            f"note={thing.note}",
        }
        assert told.issuperset(noted)
