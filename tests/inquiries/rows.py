"""Inquiries that tests share."""

from typing import Any
from uuid import UUID

from support_portal.accounts.models import User
from support_portal.inquiries import services
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.models import Inquiry
from tests.dashboard.rows import UMID, error, message, save_errors, save_messages

FIRST, SECOND = UUID(int=1), UUID(int=2)


def wanted(*ids: UUID, name: Named = Named.ERROR) -> list[Wanted]:
    """Return what is wanted by these ids."""
    return [Wanted(name, each) for each in ids]


def inquiry_of(author: User, *ids: UUID, **values: Any) -> Inquiry:
    """Return a draft on errors of these ids, which are stored first."""
    save_errors(*(error(each.int, **values) for each in ids))
    return services.start(author, wanted(*ids))


def failed_message(**values: Any) -> None:
    """Store a message that the operator rejected."""
    save_messages(
        message(
            **{
                "umid": UMID, "state": "undelivered", "detail": "rejected_by_operator",
                "channel": "sms", "source": "NORTHWIND", "operator": "Globe", "error_code": 15,
                "error_context": "sms_receipt", "error_registry": "sms_dlr",
            }
            | values
        )
    )  # fmt: skip
