"""What happened around the messages of the demo: answers, clicks, and events of the account."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

from support_portal.operations.demo import clock, ids
from support_portal.operations.demo.lives import Observed
from support_portal.operations.demo.shapes import Payload
from support_portal.operations.demo.story import SEED, Line, Story

ANSWER_SHARE = 0.2
CLICK_SHARE = 0.1
LOOKED_AT = 4_000  # of the newest lines
MOST = 60
PAUSED = 1035
WEEK = 7 * 24 * clock.HOUR
TEMPLATE = {"templateId": 7710023341955, "templateName": "np_delivery_slot"}
ANSWERS = (
    ("Text", {"text": "Can you come after six?"}),
    ("Text", {"text": "Thank you"}),
    ("Interactive", {"interactive": {"type": "button_reply", "button_reply": {"id": "later"}}}),
    ("Location", {"location": {"latitude": 1.2834, "longitude": 103.8607}}),
)


def around(story: Story, end: datetime) -> list[Line]:
    """Return the lines, oldest first; the same story gives the same lines."""
    dice = Random(SEED)
    newest = story.lines[:LOOKED_AT]
    lines = [*_answers(dice, newest), *_clicks(dice, newest), *_account(story, end.timestamp())]
    known = [line for line in lines if line.received_at < end.timestamp()]
    return sorted(known, key=lambda line: line.received_at)


def _answers(dice: Random, lines: Sequence[Line]) -> Iterator[Line]:
    for seen in _chosen(dice, lines, "whatsapp", "read", ANSWER_SHARE):
        moment = seen.moment + 60 + dice.random() * 1_800
        kind, content = dice.choice(ANSWERS)
        payload: Payload = {
            "umid": ids.make_id(dice, "random", moment),
            "subAccountId": seen.sent.sub.key,
            "timestamp": clock.stamp(moment, "hundredths"),
            "user": {"msisdn": seen.sent.destination},
            "recipient": {"channel": "whatsapp", "channelId": ids.make_id(dice, "random", 0)},
            "type": kind,
            "content": content,
            "replyToUmid": seen.sent.umid,
        }
        yield Line(moment + 0.8, _event("ChatApps", "inbound_message_received", payload, version=3))


def _clicks(dice: Random, lines: Sequence[Line]) -> Iterator[Line]:
    for seen in _chosen(dice, lines, "sms", "delivered", CLICK_SHARE):
        moment = seen.moment + 20 + dice.random() * 900
        payload: Payload = {
            "eventId": ids.make_id(dice, "random", moment),
            "occurredAt": clock.stamp(moment, "hundredths"),
            "umid": seen.sent.umid,
            "destination": seen.sent.destination,
            "shortUrl": "https://s.example.com/np",
            "targetUrl": "https://example.com/track",
        }
        yield Line(moment + 0.6, _event("SMS", "short_url_clicked", payload))


def _chosen(
    dice: Random, lines: Sequence[Line], channel: str, state: str, share: float
) -> list[Observed]:
    """Return some messages that reached ``state``, each once."""
    found = {
        line.told.sent.umid: line.told
        for line in lines
        if isinstance(line.told, Observed)
        and (line.told.channel, line.told.state) == (channel, state)
    }
    return [seen for seen in found.values() if dice.random() < share][:MOST]


def _account(story: Story, end: float) -> Iterator[Line]:
    """Yield what WhatsApp did to the account; one pause stands before a failure that it explains."""
    paused = next(
        (
            line.told.moment - 3 * clock.HOUR
            for line in story.lines
            if isinstance(line.told, Observed) and line.told.failure.code == PAUSED
        ),
        end - clock.HOUR,
    )
    pause = {"status": "PAUSED", "reason": "NONE", "otherInfo": {"title": "FIRST_PAUSE"}}
    quality = {"previousQualityScore": "GREEN", "newQualityScore": "YELLOW"}
    yield _account_event(paused - WEEK / 7, "template_quality_update", TEMPLATE | {"meta": quality})
    yield _account_event(paused, "template_status_update", TEMPLATE | {"meta": pause})
    limit = {"event": "DOWNGRADE", "maxDailyConversationsPerBusiness": "TIER_1K"}
    number: Payload = {"displayPhoneNumber": "12025550110", "meta": limit}
    yield _account_event(end - WEEK / 2, "phone_number_quality_update", number)
    restriction = {
        "restrictionType": "RESTRICTED_BUSINESS_INITIATED_CALLING",
        "expiration": clock.stamp(end - WEEK / 7, "hundredths"),
    }
    told: Payload = {"event": "ACCOUNT_RESTRICTION", "restrictionInfo": [restriction]}
    yield _account_event(end - WEEK, "account_update", told)


def _account_event(moment: float, kind: str, details: Payload) -> Line:
    return Line(
        moment + 1,
        {
            "eventId": ids.make_id(Random(kind), "random", moment),
            "timestamp": clock.stamp(moment, "hundredths"),
            "provider": "WhatsApp",
            "businessAccountId": "104477731200455",
            "accountId": "NorthwindParcel",
            "eventType": kind,
            "eventDetails": details,
        },
    )


def _event(namespace: str, kind: str, payload: Payload, *, version: int = 0) -> Payload:
    event: Payload = {"namespace": namespace, "eventType": kind, "payload": payload}
    return event | {"version": version} if version else event
