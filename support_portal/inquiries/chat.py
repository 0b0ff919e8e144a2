"""Telling the chat of the team how inquiries stand.

What is told names the inquiry and who did what, not what it is about: a chat has readers of its own.
A call that fails is shown to leads and hinders nothing.
"""

from datetime import datetime

from django.conf import settings

from support_portal.core import calls, webhooks
from support_portal.core.calls import CallState
from support_portal.inquiries.models import ChatCall, Inquiry

SHOWN = 20


def announce(inquiry: Inquiry, what: str) -> None:
    """Leave a call that says what became of an inquiry, in the transaction of that."""
    if not settings.INQUIRY_CHAT:
        return
    link = f"{settings.ADDRESS}/inquiries/{inquiry.pk}/"
    text = f"<{link}|{inquiry.reference}> {escaped(what)}"
    ChatCall.objects.create(inquiry=inquiry, address=settings.INQUIRY_CHAT, body={"text": text})


def escaped(text: str) -> str:
    """Return ``text`` on one line as Slack reads it: no link, no mention."""
    plain = " ".join(text.split())
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def call_all(now: datetime, seconds: float) -> None:
    """Make the calls that are due, for a while, and forget old ones."""
    calls.call_all(ChatCall.objects.all(), lambda _: secret(), now, seconds)
    calls.prune(ChatCall.objects.all(), now)


def secret() -> str:
    """Return what the calls are signed with."""
    return webhooks.secret_of("support_portal.inquiries.chat", "chat")


def failing() -> str:
    """Return why the last call that ended was not answered; "" when it was."""
    last = ChatCall.objects.exclude(state=CallState.WAITING).order_by("-id").first()
    return last.answer if last and last.state == CallState.FAILED else ""
