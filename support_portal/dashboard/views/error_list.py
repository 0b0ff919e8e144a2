"""The table of errors."""

from support_portal.dashboard.filters import ErrorFilter
from support_portal.dashboard.tables import ErrorTable
from support_portal.dashboard.views.listing import ListPage
from support_portal.insights.models import Kind

COLUMNS = (
    "error_id", "code", "message", "occurred_at", "channel", "sub_account", "country", "repeats",
)  # fmt: skip


class ErrorList(ListPage):
    """API errors, filtered by the query string."""

    table_class = ErrorTable
    filterset_class = ErrorFilter
    template_name = "errors/list.html"
    fragment_name = "errors/_results.html"
    kind = Kind.ERROR
    columns = COLUMNS
    comments_on = "error"
