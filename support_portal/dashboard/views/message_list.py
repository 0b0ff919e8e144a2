"""The table of messages."""

from support_portal.dashboard.filters import MessageFilter
from support_portal.dashboard.record_tables import MessageTable
from support_portal.dashboard.views.listing import ListPage
from support_portal.insights.models import Kind


class MessageList(ListPage):
    """Messages, filtered by the query string."""

    table_class = MessageTable
    filterset_class = MessageFilter
    template_name = "messages/list.html"
    fragment_name = "messages/_results.html"
    kind = Kind.MESSAGE
