"""What mends a finding: taking out what leaks, asking the template's question, two letters of one."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import cast

from django.db import transaction
from django.db.models import Field

from support_portal.accounts.models import User
from support_portal.inquiries import services
from support_portal.inquiries.checking import OF_SAMPLES
from support_portal.inquiries.leaks import cleaned, leaks
from support_portal.inquiries.models import Evidence, Inquiry

TYPED = ("subject", "question", "body", "ruled_out", "expectation")


def clean(inquiry: Inquiry, author: User) -> Inquiry:
    """Mask numbers and take out what else leaks, in what was typed and in the evidence."""
    with transaction.atomic():
        held = services.locked(inquiry)
        said = {name: cleaned(getattr(held, name)) for name in TYPED}
        rows = [row for row in held.evidence.all() if _clean(row)]
        Evidence.objects.bulk_update(rows, OF_SAMPLES, batch_size=100)
        services.note(held, author, "took out what leaks")
        return services.save(held, said, author, base=held.version)


def ask(inquiry: Inquiry, author: User) -> Inquiry:
    """Put the template's words where there are none."""
    with transaction.atomic():
        held = services.locked(inquiry)
        words = services.templated(held)
        said = {name: text for name, text in words.items() if not getattr(held, name).strip()}
        return services.save(held, said, author, base=held.version)


def split(inquiry: Inquiry, author: User) -> Inquiry:
    """Move the evidence of all code tables but the most frequent one to a draft of its own."""
    with transaction.atomic():
        held = services.locked(inquiry)
        tables = Counter(row.registry for row in held.evidence.all() if row.registry)
        others = [table for table, _ in tables.most_common()[1:]]
        rows = held.evidence.filter(registry__in=others)
        if not others:
            return held
        other = services.begin(author, list(rows), "")
        services.note(
            held, author, "split", f"{services.pieces(rows.count())} to {other.reference}"
        )
        rows.update(inquiry=other)
        services.follow(held, author)
    return other


MENDS: Mapping[str, Callable[[Inquiry, User], Inquiry]] = {
    "clean": clean,
    "ask": ask,
    "split": split,
    "adopt": services.adopt,
}


def _clean(row: Evidence) -> bool:
    """Take out of a piece of evidence what leaks; tell whether anything did."""
    if not leaks(("", getattr(row, name)) for name in OF_SAMPLES):
        return False
    for name in OF_SAMPLES:
        field = cast("Field[str, str]", Evidence._meta.get_field(name))
        setattr(row, name, cleaned(getattr(row, name))[: field.max_length])
    return True
