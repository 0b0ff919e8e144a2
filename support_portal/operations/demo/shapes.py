"""Receipts as 8x8 posts them: one function for each format that our webhooks still meet."""

from support_portal.operations.demo import clock
from support_portal.operations.demo.lives import NOTHING, Observed

Payload = dict[str, object]
CHANGED = "outbound_message_status_changed"
NEWEST_VERSION = 9
TEMPLATES = {
    "sent": "np_delivery_slot",
    "delivered": "np_out_for_delivery",
    "read": "np_delivery_slot",
}


def receipt(seen: Observed) -> Payload:
    """Return what 8x8 posts for ``seen``."""
    if seen.sent.kind == "sms":
        return _sms(seen)
    return _messaging(seen)


def _sms(seen: Observed) -> Payload:
    sent = seen.sent
    payload: Payload = {"umid": sent.umid, **_client_ids(seen), "subAccountId": sent.sub.key}
    payload |= {"source": sent.sub.source, "destination": sent.destination, "status": _status(seen)}
    if seen.failure is NOTHING:
        payload["price"] = {"total": sent.sub.price, "perSms": sent.sub.price, "currency": "USD"}
    payload["smsCount"] = 1
    return _webhook("SMS", "SMS outbound message delivery receipt", payload)


def _messaging(seen: Observed) -> Payload:
    sent = seen.sent
    payload: Payload = {"umid": sent.umid, **_client_ids(seen), "subAccountId": sent.sub.key}
    payload |= {"channel": seen.channel, "user": _user(seen), "status": _status(seen)}
    if seen.channel == "whatsapp":
        payload["whatsapp"] = _whatsapp(seen)
    body = _webhook("ChatApps", "ChatApps outbound message delivery receipt", payload)
    if sent.sub.version < NEWEST_VERSION:
        return body
    if seen.channel == "whatsapp" and seen.state in TEMPLATES:
        payload["outboundContent"] = _content(seen)
    return {"version": NEWEST_VERSION, **body}


def _webhook(namespace: str, description: str, payload: Payload) -> Payload:
    head = {"namespace": namespace, "eventType": CHANGED, "description": description}
    return {**head, "payload": payload}


def _client_ids(seen: Observed) -> Payload:
    sent = seen.sent
    if not sent.batch_id:
        return {"clientMessageId": sent.client_message_id}
    return {
        "batchId": sent.batch_id,
        "clientMessageId": sent.client_message_id,
        "clientBatchId": sent.client_batch_id,
    }


def _user(seen: Observed) -> Payload:
    user: Payload = {"msisdn": seen.sent.destination}
    if seen.sent.sub.version < NEWEST_VERSION and seen.channel == "whatsapp":
        user["channelUserId"] = seen.sent.destination[1:]
    return user


def _status(seen: Observed) -> Payload:
    status: Payload = {"state": seen.state}
    if seen.detail:
        status["detail"] = seen.detail
    status["timestamp"] = clock.stamp(seen.moment, seen.sent.stamp_style)
    if seen.failure is not NOTHING:
        status["errorCode"] = seen.failure.code
    if seen.failure.message:
        status["errorMessage"] = seen.failure.message
    return status


def _whatsapp(seen: Observed) -> Payload:
    if seen.failure.provider:
        return {"providerErrorCode": seen.failure.provider}
    return {"pricingCategory": "utility"}


def _content(seen: Observed) -> Payload:
    template = {"name": TEMPLATES[seen.state], "language": "en_GB", "category": "UTILITY"}
    text = f"Your parcel {seen.sent.client_message_id[-6:]} is on its way."
    return {
        "channel": "whatsapp",
        "contentType": "template",
        "template": template,
        "body": {"text": text},
    }
