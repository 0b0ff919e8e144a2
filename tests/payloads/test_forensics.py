"""What ids tell about themselves, against the table of known ids."""

import csv
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads.forensics import IdFamily, examine
from support_portal.payloads.times import parse_time
from tests.payloads.samples import FOLDER, manifest_entries, read

NAMES = {"seq-v1 (byte-swapped)": "seq-v1", "COMB": "comb", "v1": "v1", "v4": "random"}

with (FOLDER / "id_families.csv").open() as table:
    ROWS = list(csv.DictReader(table))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['uuid']}-{row['documented_time']}")
def test_the_family_and_time_of_every_known_id(row):
    # A version 1 or 7 id whose time is not plausible was typed by hand.
    timeless = row["family"] == "v1" and not row["embedded_time"]
    family = "none" if timeless else NAMES.get(row["family"], "none")

    found = examine(UUID(row["uuid"]), None)

    written = found.embedded_at.isoformat(timespec="milliseconds") if found.embedded_at else ""
    assert (found.family, written.replace("+00:00", "Z")) == (family, row["embedded_time"])


def agreement(id, documented):
    return examine(UUID(id), parse_time(documented)).agreement


@pytest.mark.parametrize(
    ("id", "documented", "sentence"),
    [
        (
            "1cc1eda1-f5dd-ea11-8288-0263195dd35a",
            "2020-12-22T05:52:01.85Z",
            "The time in the id lies 130 days before the event. A hint, not a fact.",
        ),
        (
            "7aea5f0a-712c-4b0f-b751-b35400b3feae",
            "2018-08-04T09:25:40.9235752+00:00",
            "The time in the id lies 2594 days after the event. A hint, not a fact.",
        ),
        (
            "200171e8-4d61-45d1-a8b7-ae7b009a3dfe",
            "2022-04-18T09:21:34.74Z",
            "The time in the id agrees with the event (0.027 s earlier). A hint, not a fact.",
        ),
        (
            "5611682f-4ecb-4c62-b685-ac8a0101abe9",
            "2020-12-07T07:38:11.43Z",
            "The time in the id agrees with the event if its clock is 8 hours ahead of UTC. "
            "A hint, not a fact.",
        ),
        (
            "9ac6f2cb-abb7-43e6-b533-b3d7017846fd",
            "2026-01-19T13:50:20.00Z",
            "The time in the id agrees with the event if its clock is 9 hours ahead of UTC. "
            "A hint, not a fact.",
        ),
        (
            "84e7ee9a-5c41-e811-814c-020897df5459",
            "2018-04-16T09:59:48Z",
            "The time in the id lies 2 minutes before the event. A hint, not a fact.",
        ),
        (
            "db9dced4-3534-4d86-9d18-6b448af0d621",
            "2018-07-02T09:42:38Z",
            "A random id. It carries no time.",
        ),
    ],
)
def test_the_agreement_with_a_documented_time_is_one_sentence(id, documented, sentence):
    assert agreement(id, documented) == sentence


def test_without_another_time_there_is_nothing_to_compare():
    found = examine(UUID("200171e8-4d61-45d1-a8b7-ae7b009a3dfe"), None)

    assert found == IdFamily(
        "comb",
        datetime(2022, 4, 18, 9, 21, 34, 713_333, tzinfo=UTC),
        "The id carries a time, and there is no other time to compare. A hint, not a fact.",
    )


def test_a_version_7_id_carries_milliseconds():
    found = examine(UUID("0198a1b2-c3d4-7000-8000-000000000000"), None)

    assert (found.family, found.embedded_at) == (
        "v7",
        datetime(2025, 8, 13, 4, 31, 44, 84_000, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "entry",
    [entry for entry in manifest_entries() if "id_time" in entry.get("expect", {})],
    ids=lambda entry: entry["file"],
)
def test_the_ids_of_the_samples_agree_with_their_times(entry):
    expected = entry["expect"]
    text = read(entry["file"]).decode()
    id = text.split('"errorId": "')[1][:36]

    found = examine(UUID(id), parse_time(expected["occurred_at"][:-1].removesuffix("+00:00")))

    assert found.family == expected["id_family"].lower()
    assert "agrees with the event" in found.agreement


@given(st.uuids(), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_any_id_and_any_time_can_be_examined(id, documented):
    found = examine(id, documented)

    assert found.agreement.endswith(".")
    assert (found.embedded_at is None) == (found.family in ("random", "none"))
