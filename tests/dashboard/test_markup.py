"""Nothing foreign becomes markup, and one module alone says what markup is."""

import re
from html import escape

from django import forms
from hypothesis import given

from support_portal.dashboard.boxes import boxes
from support_portal.dashboard.markup import attribute, draw, joined
from tests.dashboard.hostile import HOSTILE
from tests.stack import REPOSITORY

BREAKS_OUT = '"><script>alert(1)</script>'
MADE_BY_HAND = re.compile(r"\bmark_safe\b|\bSafe(?:String|Text)\(|\b__html__\b")


class Choosing(forms.Form):
    sub_account = forms.MultipleChoiceField(choices=[("plain", "Plain"), (BREAKS_OUT, BREAKS_OUT)])


@given(HOSTILE)
def test_what_is_not_markup_is_escaped_wherever_it_stands(text: str) -> None:
    shown = escape(text)

    assert draw("<b>{}</b>", text) == f"<b>{shown}</b>"
    assert joined([text, draw("<i></i>"), text], ", ") == f"{shown}, <i></i>, {shown}"
    assert attribute("title", text) == (f' title="{shown}"' if text else "")


def test_boxes_escape_hostile_choices_and_tick_what_was_chosen() -> None:
    form = Choosing({"sub_account": [BREAKS_OUT]})

    drawn = boxes(form["sub_account"])

    hostile = escape(BREAKS_OUT)
    assert "<script" not in drawn
    assert drawn.count(hostile) == 3
    assert re.findall(r'value="([^"]*)"( checked)?>', drawn) == [
        ("plain", ""), (hostile, " checked"),
    ]  # fmt: skip


def test_only_the_module_of_markup_says_what_markup_is() -> None:
    package = REPOSITORY / "support_portal"

    made = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if MADE_BY_HAND.search(path.read_text(encoding="utf-8"))
    ]

    assert made == ["dashboard/markup.py"]
