"""API errors: the calls of our services that 8x8 answered with an error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from support_portal.operations.demo import clock
from support_portal.operations.demo.chance import Weighted, between
from support_portal.operations.demo.messages import Desk, Sent
from support_portal.operations.demo.shapes import Payload
from support_portal.operations.demo.world import Burst, ErrorKind, Errors, SubAccount

TEMPLATES = ("np_delivery_slot", "np_out_for_delivery", "np_cash_reminder", "np_return_label")


@dataclass(frozen=True, slots=True)
class Fault:
    """One API error as it reached us, and when."""

    moment: float
    code: int
    status: int
    sub: SubAccount
    error_id: str
    stamp: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Call:
    """The call that failed: filled in from a message we know, or made up."""

    moment: float
    kind: ErrorKind
    sub: SubAccount
    sent: Sent | None
    umid: str
    batch_id: str
    client_batch_id: str
    template: str

    def fill(self, text: str) -> str:
        """Return ``text`` with the ids of this call in it."""
        values = {
            "sub": self.sub.key,
            "umid": self.umid,
            "batch": self.batch_id,
            "template": self.template,
        }
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text


@dataclass(slots=True)
class Trouble:
    """Makes the API errors of the two weeks."""

    desk: Desk
    errors: Errors
    sent: Sequence[Sent]
    kinds: Weighted[ErrorKind] = field(init=False)
    by_sub: dict[str, list[Sent]] = field(init=False)
    hostile: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = Weighted((kind, kind.weight) for kind in self.errors.errors)
        self.hostile = cycle(self.errors.hostile.messages)  # in turn: every one of them occurs
        self.by_sub = {sub.key: [] for sub in self.desk.world.sub_accounts}
        for sent in self.sent:
            self.by_sub[sent.sub.key].append(sent)

    @property
    def dice(self) -> Random:
        """Return the dice of the desk."""
        return self.desk.dice

    def everyday(self, now: float) -> Iterator[Fault]:
        """Yield the errors that are spread over the two weeks."""
        world = self.desk.world
        total = sum(sub.share for sub in world.sub_accounts)
        for sub in world.sub_accounts:
            count = round(world.api_errors * sub.share / total)
            for moment in clock.moments(self.dice, world, sub, now, count):
                yield self._fault(moment, sub, self.kinds.draw(self.dice))

    def burst(self, burst: Burst, now: float) -> Iterator[Fault]:
        """Yield a short storm of one code."""
        kind = next(kind for kind in self.errors.errors if kind.code == burst.code)
        sub = next(sub for sub in self.desk.world.sub_accounts if sub.key == burst.sub_account)
        for _ in range(burst.count):
            moment = now - burst.hours_ago * clock.HOUR + self.dice.random() * burst.minutes * 60
            yield self._fault(moment, sub, kind)

    def _fault(self, moment: float, sub: SubAccount, kind: ErrorKind) -> Fault:
        call = self._call(moment, sub, kind)
        error_id = self.desk.new_id(moment - between(self.dice, 0.003, 0.082))
        stamp = clock.stamp(moment, self.desk.style())
        message = self._message(call)
        error: Payload = {"code": kind.code, **({"message": message} if message else {})}
        error |= {"errorId": error_id, "timestamp": stamp}
        payload = error
        if self.dice.random() < self.desk.world.wrapped_share:
            payload = {"error": error, "context": self._context(call)}
        return Fault(moment, kind.code, kind.status, sub, error_id, stamp, payload)

    def _call(self, moment: float, sub: SubAccount, kind: ErrorKind) -> Call:
        sent = self._known_message(moment, sub) if kind.about == "message" else None
        in_batch = kind.about == "batch"
        batch_id, client_batch_id = self.desk.batch(sub, moment) if in_batch else ("", "")
        made_up = self.desk.new_id(moment - between(self.dice, clock.HOUR, 9 * clock.DAY))
        return Call(
            moment=moment,
            kind=kind,
            sub=sub,
            sent=sent,
            umid=sent.umid if sent else made_up,
            batch_id=batch_id,
            client_batch_id=client_batch_id,
            template=self.dice.choice(TEMPLATES),
        )

    def _known_message(self, moment: float, sub: SubAccount) -> Sent | None:
        if self.dice.random() >= self.desk.world.linked_share:
            return None
        sent = self.dice.choice(self.by_sub[sub.key])
        return sent if sent.moment < moment else None

    def _message(self, call: Call) -> str:
        if self.dice.random() < self.desk.world.hostile_share:
            return next(self.hostile)
        return call.fill(self.dice.choice(call.kind.messages))

    def _context(self, call: Call) -> Payload:
        context: Payload = {
            "httpStatus": call.kind.status,
            "method": call.kind.method,
            "path": call.fill(call.kind.path),
            "subAccountId": call.sub.key,
        }
        context |= self._about(call)
        context["service"] = call.sub.service
        context["requestedAt"] = clock.plain(call.moment - between(self.dice, 0.05, 0.9))
        return context

    def _about(self, call: Call) -> Payload:
        if call.sent:
            about: Payload = {"umid": call.umid, "clientMessageId": call.sent.client_message_id}
            channel = "whatsapp" if call.sent.kind == "whatsapp_fallback" else call.sent.kind
            return {**about, "channel": channel, "destination": call.sent.destination}
        match call.kind.about:
            case "message":
                return {"umid": call.umid}
            case "batch":
                return {"batchId": call.batch_id, "clientBatchId": call.client_batch_id}
            case "send":
                return self._send_context(call)
        return {}

    def _send_context(self, call: Call) -> Payload:
        return {
            "channel": "sms" if call.kind.host == "sms" else "whatsapp",
            "destination": self.desk.number(call.sub.country),
            "clientMessageId": self.desk.client_message_id(call.sub, call.moment),
        }
