"""From the terms of a query line to what is chosen: what ``language`` reads gets its meaning here.

Terms are taken one by one.  What is wrong with one is a Problem with its place, and the others count.
"""

from datetime import datetime

from support_portal.browsing import values
from support_portal.browsing.fields import ALL, FIELDS, MOST, NAMES, SHORT, TEXT, Chosen, Field
from support_portal.browsing.language import Problem, Term, Word
from support_portal.browsing.values import Refused, Value
from support_portal.insights.models import Kind


class LineReader:
    """Puts the terms of a line together."""

    def __init__(self, kind: Kind, now: datetime) -> None:
        self.kind, self.now = kind, now
        self.begin: datetime | None = None
        self.all_time = False
        self.end: datetime | None = None
        self.sides: dict[bool, dict[str, list[Value]]] = {False: {}, True: {}}
        self.problems: list[Problem] = []

    def take(self, term: Term) -> None:
        """Add one term, or say what is wrong with it."""
        name = NAMES.get(term.name, term.name)
        if name in ("since", "until"):
            self._time(name, term)
        elif declared := FIELDS[self.kind].get(name or TEXT):
            self._field(declared, term)
        else:
            said = (
                f"“{values.cut(term.name)}:” is no word of this list. There are: "
                f"{', '.join(_known_names(self.kind))}. To look for it in texts, put it between "
                "quotation marks."
            )
            self.problems.append(Problem(said, term.start, term.end))

    def side(self, *, without: bool) -> Chosen:
        """Return the values by field."""
        return {
            name: values.in_order(self.sides[without][name])
            for name in FIELDS[self.kind]
            if name in self.sides[without]
        }

    def _field(self, declared: Field, term: Term) -> None:
        found = self.sides[term.without].setdefault(declared.name, [])
        for word in term.words:
            try:
                found.append(declared.read(word.text))
            except Refused as refused:
                self._refuse(str(refused), word)
        if len(set(found)) > MOST:
            said = f"That is too many. Up to {MOST} are read."
            self.problems.append(Problem(said, term.start, term.end))
        if not found:
            del self.sides[term.without][declared.name]

    def _time(self, name: str, term: Term) -> None:
        word = term.words[0]
        if term.without or len(term.words) > 1:
            self._refuse("A time is one, and not excluded.", word)
            return
        if name == "since" and word.text.lower() == ALL and not self._has_been(name):
            self.all_time = True
            return
        try:
            at = values.relative(word.text, self.now) or values.moment(word.text)
        except Refused as refused:
            self._refuse(str(refused), word)
            return
        if self._has_been(name):
            self._refuse(f"“{name}:” is there twice.", word)
        elif name == "since":
            self.begin = at
        else:
            self.end = at
        if self.begin and self.end and self.end < self.begin:
            self._refuse("“until” is before “since”.", word)

    def _has_been(self, name: str) -> bool:
        if name == "since":
            return self.begin is not None or self.all_time
        return self.end is not None

    def _refuse(self, said: str, word: Word) -> None:
        self.problems.append(Problem(said, word.start, word.end))


def _known_names(kind: Kind) -> list[str]:
    return [SHORT.get(name, name) for name in FIELDS[kind]] + ["since", "until"]
