"""Boxes of a filter, drawn at once: a widget of Django draws each with a template of its own."""

from collections.abc import Iterator

from django.forms import BoundField
from django.utils.safestring import SafeString

from support_portal.dashboard.markup import draw, joined


def boxes(field: BoundField) -> SafeString:
    """Draw the choices of a field as a list of boxes to tick."""
    ticked = {str(value) for value in field.value() or ()}
    return joined(_boxes(field, ticked))


def _boxes(field: BoundField, ticked: set[str]) -> Iterator[SafeString]:
    for value, label in getattr(field.field, "choices", ()):
        checked = draw(" checked" if str(value) in ticked else "")
        yield draw(
            '<li><label title="{}"><input class="box" type="checkbox" name="{}" value="{}"{}>'
            "<span><bdi>{}</bdi></span></label></li>",
            label, field.html_name, value, checked, label,
        )  # fmt: skip
