"""The table of messages."""

from typing import ClassVar

from django.db.models import QuerySet

from support_portal.dashboard.filters import MessageFilter
from support_portal.dashboard.tables import MessageTable
from support_portal.dashboard.views.listing import ListPage
from support_portal.events.models import Message

COLUMNS = (
    "umid", "state", "detail", "state_at", "channel", "channels", "sub_account", "country",
    "operator", "destination_masked", "error_code", "error_context",
)  # fmt: skip


class MessageList(ListPage):
    """Messages, filtered by the query string."""

    table_class = MessageTable
    filterset_class = MessageFilter
    template_name = "messages/list.html"
    fragment_name = "messages/_results.html"
    comments_on = "message"
    split_by: ClassVar[dict[str, str]] = {
        "code": "error_code",
        "state": "state",
        "sub_account": "sub_account",
        "channel": "channel",
    }

    def get_queryset(self) -> QuerySet[Message]:
        """Return the messages of the sub-accounts that this person looks after."""
        return Message.objects.visible_to(self.person).newest_first().only(*COLUMNS)
