"""Comments that were written elsewhere: brought in once, with their source."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from support_portal.accounts.models import User
from support_portal.comments.models import Comment
from support_portal.comments.telling import follow
from support_portal.lookup import subjects
from support_portal.notices.models import Notice
from tests.dashboard.sending import ERROR_ID, an_error, sent


@pytest.fixture(autouse=True)
def _records(db: None) -> None:
    sent(an_error())


def line(**changes: Any) -> dict[str, Any]:
    told = {"errorId": ERROR_ID, "id": 7, "author": "Jo", "text": "it fails"}
    return {name: value for name, value in (told | changes).items() if value is not ...}


def bring(folder: Path, *lines: object, source: str = "Desk 12") -> tuple[str, str]:
    """Bring lines in; return what was said, and of what was wrong."""
    file = folder / "comments.ndjson"
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    file.write_text(text, "utf-8")
    out, err = StringIO(), StringIO()
    try:
        call_command("import_comments", str(file), source=source, stdout=out, stderr=err)
    except CommandError as problem:
        err.write(str(problem))
    return out.getvalue().strip(), err.getvalue()


def test_a_comment_is_brought_once_with_its_source(tmp_path: Path) -> None:
    mine = line(at="2026-11-23T06:30:00Z")

    assert bring(tmp_path, mine)[0] == "1 new, 0 already here, 0 refused"
    assert bring(tmp_path, mine, line(id=8))[0] == "1 new, 1 already here, 0 refused"

    first = Comment.objects.order_by("id")[0]
    assert (first.author, first.author_name, first.source, first.body) == (
        None, "Jo", "Desk 12", "it fails",
    )  # fmt: skip
    assert first.created_at.isoformat() == "2026-11-23T06:30:00+00:00"


def test_foreign_words_tell_who_follows_and_call_nobody(
    agent: User, lead: User, tmp_path: Path
) -> None:
    about = subjects.find("error", ERROR_ID, agent)
    assert about
    follow(about, agent, wanted=True)

    bring(tmp_path, line(text="@lead help"))

    assert Notice.objects.get().title == f"Jo (Desk 12) commented on errorId {ERROR_ID}"
    assert Comment.objects.get().mentions == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "A line is an object"),
        ("[" * 100_000, "A line is an object"),
        ("[]", "A line is an object"),
        (line(errorId=...), "Say what it is about"),
        (line(umid="x"), "Say what it is about"),
        (line(errorId="0" * 32), "is not here"),
        (line(errorId={"a": 1}), "is not here"),
        (line(text=" "), "“text” is a text"),
        (line(text="x" * 10_001), "10,001 characters"),
        (line(id=...), "“id” is a text"),
        (line(id=True), "“id” is a text"),
        (line(at="yesterday"), "“at” is a time"),
        (line(at="2026-11-23T06:30:00"), "needs a time zone"),
        (line(at="0001-01-01T00:00:00+14:00"), "“at” is a time"),
        (json.dumps(line(text="\ud800")), ""),
    ],
)
def test_what_cannot_be_taken_is_named_and_the_rest_is_taken(
    bad: object, said: str, tmp_path: Path
) -> None:
    told, wrong = bring(tmp_path, bad, line(id="good"))

    assert "line 1: " in wrong if said else wrong == ""
    assert said in wrong
    assert Comment.objects.filter(body="it fails").count() == 1
    assert told.endswith("1 refused" if said else "0 refused")


def test_lines_are_named_as_the_file_counts_them(tmp_path: Path) -> None:
    assert "line 3: " in bring(tmp_path, "", line(), "{")[1]


def test_a_file_that_is_not_there_and_a_source_without_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_comments", str(tmp_path / "none"), source="Desk")
    assert "Name the source" in bring(tmp_path, line(), source=" ")[1]
