"""The table that benchmarks print: what was measured, its goal, and whether it was reached."""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

DEPTH = 1.3  # times the first page that a page far behind it may take
HEAD = ("what", "goal", "median", "worst", "depth", "ratio")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure with what it is compared to; "" where there is nothing to say."""

    what: str
    goal: str = ""
    median: str = ""
    worst: str = ""
    depth: str = ""
    ratio: str = ""
    missed: tuple[str, ...] = ()  # the columns of goals that were not reached
    judged: bool = True


def title(text: str) -> None:
    """Print what the lines that follow are about."""
    sys.stdout.write(f"\n{text}\n")
    _write(HEAD, "")


def tell(line: Line) -> None:
    """Print a line."""
    cells = (line.what, line.goal, line.median, line.worst, line.depth, line.ratio)
    verdict = f"MISSED: {', '.join(line.missed)}" if line.missed else "ok" if line.judged else ""
    _write(cells, verdict)


def _write(cells: Sequence[str], verdict: str) -> None:
    what, goal, median, worst, depth, ratio = cells
    told = f"{what:<46} {goal:<22}{median:>13}{worst:>13}{depth:>8}  {ratio:<22}"
    sys.stdout.write(f"{told}  {verdict}".rstrip() + "\n")
    sys.stdout.flush()


def milliseconds(figure: float) -> str:
    """Write a time."""
    return f"{figure:,.1f} ms"


def worst_of_a_hundred(times: Sequence[float]) -> float:
    """Return the 99th percentile; of few times it is the worst."""
    return statistics.quantiles(times, n=100, method="inclusive")[98]
