"""Which columns a list shows and in which order: in the address, and remembered for the session."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from support_portal.browsing.values import cut
from support_portal.dashboard.record_tables import RecordTable

NAME = "columns"  # in the address: their names, parted by commas
USUAL = "usual"  # forgets what was remembered
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the menu, and the addresses that change it; "" where that cannot be."""

    title: str
    shown: bool
    toggle: str
    earlier: str = ""
    later: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a list."""

    shown: tuple[str, ...]
    unknown: tuple[str, ...]  # asked for, and there are none of these names
    asked: bool  # another choice than the usual

    @property
    def error(self) -> str:
        """Say what is wrong with the address."""
        if not self.unknown:
            return ""
        return f"There is no column “{cut(self.unknown[0])}”."


def columns(request: HttpRequest, table: type[RecordTable]) -> Columns:
    """Return the columns that the address names, else those of the last time in this session."""
    place = f"columns.{table.what}"
    told = request.GET.get(NAME)
    if told is None:
        return _read(str(request.session.get(place, "")), table)
    found = _read(told, table)
    kept = ",".join(found.shown) if found.asked else ""
    if kept != request.session.get(place, ""):
        request.session[place] = kept
    return found


def _read(text: str, table: type[RecordTable]) -> Columns:
    names = [] if text == USUAL else list(dict.fromkeys(filter(None, text[:LONGEST].split(","))))
    known = tuple(name for name in names if name in table.cells)
    unknown = tuple(name for name in names if name not in table.cells)
    shown = known or table.usual
    return Columns(shown, unknown, shown != table.usual)


def menu(
    found: Columns, table: type[RecordTable], address: Callable[[str], str]
) -> Sequence[Choice]:
    """Return the columns to choose from, the shown ones first; ``address`` is that of a choice."""
    shown = found.shown
    choices = []
    for place, name in enumerate(shown):
        rest = [each for each in shown if each != name]
        choices.append(
            Choice(
                title=_title(table, name),
                shown=True,
                toggle=address(",".join(rest)) if rest else "",
                earlier=address(_moved(rest, name, place - 1)) if place else "",
                later=address(_moved(rest, name, place + 1)) if place + 1 < len(shown) else "",
            )
        )
    others = [name for name in table.cells if name not in shown]
    more = [
        Choice(_title(table, name), False, address(",".join([*shown, name]))) for name in others
    ]
    return choices + more


def _moved(rest: Sequence[str], name: str, place: int) -> str:
    return ",".join([*rest[:place], name, *rest[place:]])


def _title(table: type[RecordTable], name: str) -> str:
    return str(table.base_columns[name].verbose_name)
