"""The table of errors."""

from support_portal.dashboard.filters import ErrorFilter
from support_portal.dashboard.record_tables import ErrorTable
from support_portal.dashboard.views.listing import ListPage
from support_portal.insights.models import Kind


class ErrorList(ListPage):
    """API errors, filtered by the query string."""

    table_class = ErrorTable
    filterset_class = ErrorFilter
    template_name = "errors/list.html"
    fragment_name = "errors/_results.html"
    kind = Kind.ERROR
