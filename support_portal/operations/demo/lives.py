"""What happened to a message: its receipts in the order in which 8x8 saw them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from support_portal.operations.demo.chance import Weighted, between
from support_portal.operations.demo.messages import Sent
from support_portal.operations.demo.world import Failure, Incident, Plot, Plots, PlotStep

NOTHING = Failure(code=-1, message="", detail="", weight=0)


@dataclass(frozen=True, slots=True)
class Observed:
    """One receipt: what 8x8 saw, when, and why it failed if it did."""

    sent: Sent
    moment: float
    channel: str
    state: str
    detail: str
    failure: Failure


@dataclass(slots=True)
class Fate:
    """Decides how the life of each message goes."""

    dice: Random
    plots: Plots
    incident: Incident
    by_kind: dict[str, Weighted[Plot]] = field(init=False)
    failures: dict[str, Weighted[Failure]] = field(init=False)

    def __post_init__(self) -> None:
        kinds = {plot.kind for plot in self.plots.plots}
        self.by_kind = {
            kind: Weighted((plot, plot.weight) for plot in self.plots.plots if plot.kind == kind)
            for kind in sorted(kinds)
        }
        self.failures = {
            channel: Weighted((failure, failure.weight) for failure in table)
            for channel, table in self.plots.failures.items()
        }

    def life(self, sent: Sent) -> Iterator[Observed]:
        """Yield the receipts of one message."""
        steps = self._lost() if sent.lost else self.by_kind[sent.kind].draw(self.dice).steps
        moment = sent.moment
        for step in steps:
            moment += between(self.dice, step.low, step.high)
            failure = self._failure(sent, step)
            detail = step.detail or failure.detail
            yield Observed(sent, moment, step.channel, step.state, detail, failure)

    def _lost(self) -> tuple[PlotStep, ...]:
        return (
            PlotStep("sms", "sent", "", 0.3, 2.0),
            PlotStep("sms", "undelivered", "", 4.0, 45.0),
        )

    def _failure(self, sent: Sent, step: PlotStep) -> Failure:
        if step.state not in ("undelivered", "rejected"):
            return NOTHING
        if sent.lost:
            return Failure(self.incident.code, self.incident.message, "rejected_by_operator", 0)
        table = "rejected" if step.state == "rejected" else step.channel.lower()
        return self.failures[table].draw(self.dice)
