"""The table of errors."""

from typing import ClassVar

from django.db.models import QuerySet

from support_portal.dashboard.filters import ErrorFilter
from support_portal.dashboard.tables import ErrorTable
from support_portal.dashboard.views.listing import ListPage
from support_portal.events.models import ErrorEvent

COLUMNS = (
    "error_id", "code", "message", "occurred_at", "channel", "sub_account", "country", "repeats",
)  # fmt: skip


class ErrorList(ListPage):
    """API errors, filtered by the query string."""

    table_class = ErrorTable
    filterset_class = ErrorFilter
    template_name = "errors/list.html"
    fragment_name = "errors/_results.html"
    comments_on = "error"
    split_by: ClassVar[dict[str, str]] = {"code": "code", "sub_account": "sub_account"}

    def get_queryset(self) -> QuerySet[ErrorEvent]:
        """Return the errors of the sub-accounts that this person looks after."""
        return ErrorEvent.objects.visible_to(self.person).newest_first().only(*COLUMNS)
