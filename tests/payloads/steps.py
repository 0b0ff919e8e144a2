"""How much work the paste engine can be made to do: counted, not timed."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from inspect import isfunction, isgenerator
from pkgutil import iter_modules
from re import _constants as op  # the parser of re has no other name
from re import _parser as parser
from types import ModuleType
from typing import Any

import pytest

from support_portal.payloads import recognise


@dataclass(frozen=True)
class Cost:
    """Of one attempt at one place: steps at most, and the ends among which it may choose."""

    steps: int
    ends: int

    def then(self, after: "Cost") -> "Cost":
        """Return the cost of both in a row: the second is tried from each end of the first."""
        return Cost(self.steps + self.ends * after.steps, self.ends * after.ends)


class Explodes(Exception):
    """A repetition without a bound that can give back what it took."""


def cost(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Cost:
    """Return what one attempt costs at most; what is repeated without a bound counts once.

    Such a repetition must be possessive.  It runs on over a stretch, but never tries it again.
    """
    return _sequence(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))


def _sequence(items: Any) -> Cost:
    whole = Cost(0, 1)
    for kind, value in items:
        whole = whole.then(_item(kind, value))
    return whole


def _item(kind: Any, value: Any) -> Cost:
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _repeat(*value, gives_back=kind is not op.POSSESSIVE_REPEAT)
    if kind is op.BRANCH:
        branches = [_sequence(branch) for branch in value[1]]
        return Cost(sum(b.steps for b in branches), sum(b.ends for b in branches))
    if kind is op.SUBPATTERN:
        return _sequence(value[-1])
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return Cost(_sequence(value[1]).steps, 1)
    return Cost(1, 1)


def _repeat(least: int, most: int, body: Any, *, gives_back: bool) -> Cost:
    inner = _sequence(body)
    if not gives_back:
        return Cost(inner.steps * (1 if most is op.MAXREPEAT else most), 1)
    if most is op.MAXREPEAT:
        raise Explodes(str(body))
    whole = Cost(0, 1)
    ends = 1 if least == 0 else 0
    for count in range(1, most + 1):
        whole = whole.then(inner)
        ends += whole.ends if count >= least else 0
    return Cost(whole.steps, ends)


def modules() -> list[ModuleType]:
    """Return the modules of the paste engine."""
    name = recognise.__name__
    return [import_module(f"{name}.{found.name}") for found in iter_modules(recognise.__path__)]


def patterns() -> dict[str, re.Pattern[Any]]:
    """Return every pattern of the paste engine by its name."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    }


def count(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count from now on each call of a function of the engine, and each item that one yields."""
    steps: Counter[str] = Counter()
    wrapped: dict[Any, Any] = {}
    for module in modules():
        for name, value in list(vars(module).items()):
            if isfunction(value) and value.__module__.startswith(recognise.__name__):
                wrapped.setdefault(value, _counting(value, steps))
                monkeypatch.setattr(module, name, wrapped[value])
    return steps


def _counting(function: Callable[..., Any], steps: Counter[str]) -> Callable[..., Any]:
    @wraps(function)
    def counting(*args: Any, **options: Any) -> Any:
        steps[function.__qualname__] += 1
        outcome = function(*args, **options)
        return _items(outcome) if isgenerator(outcome) else outcome

    def _items(outcome: Iterator[Any]) -> Iterator[Any]:
        for item in outcome:
            steps[function.__qualname__] += 1
            yield item

    return counting
