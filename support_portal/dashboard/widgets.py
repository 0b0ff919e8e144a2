"""The fields of forms, drawn as Django's templates draw them.

Those templates include others for the attributes of each field and for each option: two fields took a
seventh of the page of an id that is not held.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeString

from support_portal.dashboard.markup import attribute, draw, joined

Widget = Mapping[str, Any]  # what a template is given of a widget
INPUTS = ("checkbox", "datetime", "email", "hidden", "input", "number", "password", "text", "url")


class Renderer(DjangoTemplates):
    """Draws the widgets that forms here have most; all others have Django's templates."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Return a widget as markup."""
        drawn = _DRAWN.get(template_name)
        return (
            drawn(context["widget"]) if drawn else super().render(template_name, context, request)
        )


def _input(widget: Widget) -> SafeString:
    return draw(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        attribute("value", widget["value"]),
        _attributes(widget),
    )


def _textarea(widget: Widget) -> SafeString:
    return draw(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        _attributes(widget),
        widget["value"] or "",
    )


def _select(widget: Widget) -> SafeString:
    groups = joined(_group(name, options) for name, options, _ in widget["optgroups"])
    return draw('<select name="{}"{}>{}</select>', widget["name"], _attributes(widget), groups)


def _group(name: str | None, options: list[Widget]) -> SafeString:
    drawn = joined(map(_option, options))
    return draw('<optgroup label="{}">{}</optgroup>', name, drawn) if name else drawn


def _option(option: Widget) -> SafeString:
    return draw(
        '<option value="{}"{}>{}</option>', option["value"], _attributes(option), option["label"]
    )


def _attributes(widget: Widget) -> SafeString:
    return joined(
        draw(" {}", name) if value is True else draw(' {}="{}"', name, value)
        for name, value in widget["attrs"].items()
        if value is not False
    )


_DRAWN: Mapping[str, Callable[[Widget], SafeString]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
