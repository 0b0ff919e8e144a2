"""The table of inquiries."""

from collections.abc import Iterator, Mapping

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support_portal.dashboard import pieces
from support_portal.dashboard.inquiring import LOOKS
from support_portal.dashboard.tables import DrawnTable, plain, sortable
from support_portal.inquiries.models import State
from support_portal.inquiries.services import person_name


class InquiryTable(DrawnTable):
    """Inquiries to 8x8."""

    caption = "Inquiries"
    default_sort = "-number"
    usual = ("number", "state", "subject", "kind", "evidence_count", "created_by", "saved")
    evidence: Mapping[int, int]

    number = sortable("No.", "number")
    state = plain("State")
    subject = plain("Subject")
    kind = plain("About", css="aside")
    evidence_count = plain("Evidence", css="aside")
    created_by = plain("By", css="aside")
    saved = plain("Saved", css="aside end")

    class Meta:
        order_by_field = "sort"

    @property
    def drawn(self) -> Iterator[SafeString]:
        """Return the rows of the page as HTML cells."""
        for inquiry in self.page:
            yield format_html(
                '<td><a data-main href="{}">{}</a></td><td>{}</td>'
                '<td class="grow"><bdi title="{}">{}</bdi></td><td class="aside">{}</td>'
                '<td class="aside num">{}</td><td class="aside"><bdi>{}</bdi></td>'
                '<td class="aside end">{}</td>',
                reverse("inquiries:detail", args=[inquiry.pk]),
                inquiry.reference,
                pieces.state(*LOOKS[State(inquiry.state)]),
                inquiry.subject,
                inquiry.subject or "No subject",
                inquiry.get_kind_display(),
                f"{self.evidence.get(inquiry.pk, 0):,}",
                person_name(inquiry.created_by),
                pieces.moment(inquiry.saved_at, "ago"),
            )
