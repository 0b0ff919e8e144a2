"""Addresses of lists: the query string is the state of the page, with absolute times."""

from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from support_portal.browsing.filtering import FILTERS, NOT, SPANS, Filter
from support_portal.browsing.values import cut
from support_portal.dashboard import clock
from support_portal.dashboard.inputs import parse_moment

MOMENTS = ("from", "to")
LOOKS = ("sort", "per_page", "columns", "by")  # how a list looks, whatever it shows
# What filters some list: where another list is asked for it, it says so.
CHOICES = FILTERS | {*MOMENTS, "last", "kind", "reason", "sender", "show", "source"}
VIEW = "view"  # the saved view that was opened; what is shown may be another filter since


def changed(request: HttpRequest, **params: str | int | list[str] | None) -> str:
    """Return this page's address with ``params`` changed; it begins at the first page again.

    None takes a parameter away; ``from_`` stands for from, which is a word of Python.
    """
    query = dict(request.GET.lists())  # its own copy() copies every value, for every link of a page
    query.pop("cursor", None)
    for key, value in params.items():
        name = key.rstrip("_")
        if value is None or value == []:
            query.pop(name, None)
        else:
            query[name] = value if isinstance(value, list) else [str(value)]
    written = urlencode(query, doseq=True)
    return f"{request.path}?{written}" if written else request.path


def not_understood(said: Mapping[str, str], **known: Collection[str] | None) -> str:
    """Say what an address asks for that a list does not know; "" where it knows everything.

    ``known`` are the words of each of its filters, None where any will do.  As in the large lists what
    is not understood shows nothing: a wider list would be taken for the answer.
    """
    sentences = []
    for name in sorted(said):
        if name.removeprefix(NOT) not in CHOICES:
            continue
        words = known.get(name, ())
        if said[name] and words is not None and said[name] not in words:
            sentence = f"“{name}={cut(said[name])}” is not understood."
            choices = ", ".join(filter(None, words))
            sentences.append(f"{sentence} There are: {choices}." if choices else sentence)
    return " ".join(sentences)


def only(request: HttpRequest, *names: str) -> str:
    """Return this page's address with none but the parameters in ``names``."""
    query = QueryDict(mutable=True)
    for name in names:
        if name in request.GET:
            query.setlist(name, request.GET.getlist(name))
    return joined(request, query)


def filtered(request: HttpRequest, shown: Filter, *kept: str) -> str:
    """Return this page's address with another filter; it looks the same and begins at the first page.

    ``kept`` are parameters to keep besides the looks.
    """
    chosen = shown.to_query()
    looks = only(request, *LOOKS, *kept, *([VIEW] if chosen else [])).partition("?")[2]
    query = "&".join(part for part in (chosen, looks) if part)
    return f"{request.path}?{query}" if query else request.path


def settled(request: HttpRequest, now: datetime) -> str:
    """Return the address that shows a colleague the same thing tomorrow; "" when it does already.

    "The last 24 hours" and times without a zone become absolute, fields left empty are dropped.
    """
    query = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        query.setlist(name, [value for value in values if value != ""])
    for name in [name for name in query if not query.getlist(name)]:
        del query[name]
    for name in MOMENTS:
        if name in query:
            query[name] = _absolute(str(query[name]))
    if span := SPANS.get(str(query.get("last", ""))):
        end = now.replace(microsecond=0)
        query["from"], query["to"] = clock.iso(end - span[1]), clock.iso(end)
        del query["last"]
    if set(query) == {VIEW} != set(request.GET):
        del query[VIEW]  # everything was taken away: alone it would open the view again
    same = dict(query.lists()) == dict(request.GET.lists())
    return "" if same else joined(request, query)


def joined(request: HttpRequest, query: QueryDict) -> str:
    """Return this page's address with another query."""
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _absolute(text: str) -> str:
    try:
        return clock.iso(parse_moment(text))
    except ValidationError:
        return text  # stays as it was typed, so that it can be mended
