"""The table of inquiries."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString

from support_portal.dashboard import pieces
from support_portal.dashboard.clock import MONTHS
from support_portal.dashboard.clock_words import BUSINESS, owed, step_is_late
from support_portal.dashboard.inquiring import LOOKS
from support_portal.dashboard.markup import draw, joined
from support_portal.dashboard.tables import DrawnTable, plain, sortable
from support_portal.inquiries.desk import Desk
from support_portal.inquiries.models import OPEN, Inquiry, Severity, State
from support_portal.inquiries.services import person_name

SHORT = {Severity.P1: "P1", Severity.P2: "P2", Severity.LOWER: "Lower"}


class InquiryTable(DrawnTable):
    """Inquiries to 8x8."""

    caption = "Inquiries"
    default_sort = "-number"
    usual = (
        "number", "state", "due", "subject", "owner", "severity", "age", "kind", "evidence_count",
    )  # fmt: skip
    evidence: Mapping[int, int]
    rules: Desk
    now: datetime

    number = sortable("No.", "number")
    state = plain("State")
    due = sortable("Due", "due_at", "number")
    subject = plain("Subject")
    owner = plain("Owner", css="aside")
    severity = plain("Priority", css="aside")
    age = plain("Sent", css="aside")
    kind = plain("About", css="aside wide")
    evidence_count = plain("Evidence", css="aside wide end")

    class Meta:
        order_by_field = "sort"

    @property
    def drawn(self) -> Iterator[SafeString]:
        """Return the rows of the page as HTML cells."""
        for inquiry in self.page:
            yield draw(
                '<td><a data-main href="{}">{}</a></td><td>{}</td><td>{}</td>'
                '<td class="grow"><bdi title="{}">{}</bdi></td><td class="aside"><bdi>{}</bdi></td>'
                '<td class="aside" title="{}">{}</td><td class="aside">{}</td>'
                '<td class="aside wide">{}</td><td class="aside wide end num">{}</td>',
                reverse("inquiries:detail", args=[inquiry.pk]),
                inquiry.reference,
                pieces.state(*LOOKS[State(inquiry.state)]),
                self._due(inquiry),
                inquiry.subject,
                inquiry.subject or "No subject",
                person_name(inquiry.keeper),
                inquiry.get_severity_display(),
                SHORT[Severity(inquiry.severity)],
                pieces.moment(inquiry.sent_at, "ago") if inquiry.sent_at else "",
                inquiry.get_kind_display(),
                f"{self.evidence.get(inquiry.pk, 0):,}",
            )

    def _due(self, inquiry: Inquiry) -> SafeString:
        """Draw what 8x8 owes next, and the next step of ours."""
        told = owed(inquiry, self.rules, self.now)
        parts = []
        if told:
            words = told.words.removesuffix(f" {BUSINESS}")
            parts.append(pieces.state(told.tone, told.icon, words))
        if inquiry.due_on and inquiry.state in OPEN:
            late = step_is_late(inquiry, self.rules, self.now)
            words = f"next step {inquiry.due_on.day} {MONTHS[inquiry.due_on.month - 1]}"
            tone, icon = ("bad", "warn") if late else ("", "arrow")
            parts.append(pieces.state(tone, icon, words + (", late" if late else "")))
        return joined(parts, "<br>")
