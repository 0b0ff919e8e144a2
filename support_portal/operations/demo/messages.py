"""What Northwind Parcel sent: each message with its ids, before anything happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from support_portal.operations.demo import clock, ids
from support_portal.operations.demo.chance import Weighted
from support_portal.operations.demo.world import Block, SubAccount, World

KINDS_WITH_BATCHES = ("sms", "whatsapp", "whatsapp_fallback")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that 8x8 accepted."""

    moment: float
    sub: SubAccount
    kind: str
    umid: str
    destination: str
    client_message_id: str
    batch_id: str
    client_batch_id: str
    stamp_style: str
    lost: bool  # on its way when the operator failed


@dataclass(slots=True)
class Desk:
    """Hands out ids and numbers; one desk serves one run of the demo."""

    dice: Random
    world: World
    families: Weighted[str] = field(init=False)
    styles: Weighted[str] = field(init=False)
    batches: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    issued: int = 0

    def __post_init__(self) -> None:
        self.families = Weighted.of(self.world.id_families)
        self.styles = Weighted.of(self.world.stamps)

    def new_id(self, moment: float) -> str:
        """Return an id made at ``moment`` by one of the platform's generators."""
        return ids.make_id(self.dice, self.families.draw(self.dice), moment)

    def style(self) -> str:
        """Return a form of printing the clock."""
        return self.styles.draw(self.dice)

    def number(self, country: str) -> str:
        """Return a fictional number of ``country``."""
        return self.number_in(self.dice.choice(self.world.countries[country].blocks))

    def number_in(self, block: Block) -> str:
        """Return a fictional number of ``block``."""
        digits = self.dice.randrange(10**block.digits)
        return f"{block.prefix}{digits:0{block.digits}d}"

    def client_message_id(self, sub: SubAccount, moment: float) -> str:
        """Return our own id of the next message."""
        self.issued += 1
        return f"NWP-{sub.country}-{clock.plain(moment)[5:10].replace('-', '')}-{self.issued:06d}"

    def batch(self, sub: SubAccount, moment: float) -> tuple[str, str]:
        """Return the ids of the batch that ``sub`` sends in this hour: 8x8's and ours."""
        hour = int(moment // clock.HOUR)
        key = (sub.key, hour)
        if key not in self.batches:
            day = clock.plain(moment)[5:13].replace("-", "").replace("T", "-")
            self.batches[key] = (self.new_id(moment - 0.02), f"NWP-B{day}-{sub.country}")
        return self.batches[key]


def all_sent(desk: Desk, now: float) -> list[Sent]:
    """Return every message of the two weeks, oldest first."""
    plans = [*_everyday(desk, now), *_campaign(desk, now)]
    plans.sort(key=lambda plan: plan.moment)
    return [_send(desk, plan) for plan in plans]


@dataclass(frozen=True, slots=True)
class _Plan:
    moment: float
    sub: SubAccount
    kind: str
    block: Block | None = None
    in_batch: bool = False
    lost: bool = False


def _everyday(desk: Desk, now: float) -> Iterator[_Plan]:
    total = sum(sub.share for sub in desk.world.sub_accounts)
    for sub in desk.world.sub_accounts:
        count = round(desk.world.messages * sub.share / total)
        kinds = Weighted.of(sub.kinds).draw_many(desk.dice, count)
        for moment, kind in zip(
            clock.moments(desk.dice, desk.world, sub, now, count), kinds, strict=True
        ):
            in_batch = kind in KINDS_WITH_BATCHES and desk.dice.random() < desk.world.batch_share
            yield _Plan(
                moment,
                sub,
                kind,
                in_batch=in_batch,
                lost=_is_lost(desk.world, now, moment, sub, kind),
            )


def _is_lost(world: World, now: float, moment: float, sub: SubAccount, kind: str) -> bool:
    incident = world.incident
    if sub.key != incident.sub_account or kind != "sms":
        return False
    return 0 <= moment - clock.incident_start(incident, now) < incident.minutes * 60


def _campaign(desk: Desk, now: float) -> Iterator[_Plan]:
    incident = desk.world.incident
    sub = next(sub for sub in desk.world.sub_accounts if sub.key == incident.sub_account)
    failing, *others = desk.world.countries[sub.country].blocks
    start = clock.incident_start(incident, now)
    lead_in = (incident.campaign_minutes - incident.minutes) * 30
    for _ in range(incident.messages):
        moment = start - lead_in + desk.dice.random() * incident.campaign_minutes * 60
        block = failing if desk.dice.random() < incident.block_share else desk.dice.choice(others)
        lost = _is_lost(desk.world, now, moment, sub, "sms")
        yield _Plan(moment, sub, "sms", block=block, in_batch=True, lost=lost)


def _send(desk: Desk, plan: _Plan) -> Sent:
    country = plan.sub.country
    number = desk.number_in(plan.block) if plan.block else desk.number(country)
    failing = desk.world.countries[country].blocks[0].prefix
    batch_id, client_batch_id = desk.batch(plan.sub, plan.moment) if plan.in_batch else ("", "")
    return Sent(
        moment=plan.moment,
        sub=plan.sub,
        kind=plan.kind,
        umid=desk.new_id(plan.moment),
        destination=number,
        client_message_id=desk.client_message_id(plan.sub, plan.moment),
        batch_id=batch_id,
        client_batch_id=client_batch_id,
        stamp_style=desk.style(),
        lost=plan.lost and number.startswith(failing),
    )
