"""Tell the clocks of inquiries that left before there were any."""

from typing import Any

from django.db import migrations
from django.db.models import F, Min

from support_portal.inquiries import clocks, desk

SOLVED = "solved"


def reckon(apps: Any, schema_editor: Any) -> None:
    """Set them from letters and replies; a solution is as old as what was noted last."""
    model = apps.get_model("inquiries", "Inquiry")
    rules = desk.configured()
    model.objects.filter(owner=None).update(owner=F("created_by"))
    with_answer = model.objects.exclude(state="draft").annotate(first_reply=Min("replies__at"))
    for inquiry in with_answer.iterator():
        inquiry.sent_at = clocks.left_at(inquiry.letters.filter(state__in=clocks.LEFT))
        if inquiry.sent_at is None:
            continue
        inquiry.answered_at = inquiry.first_reply and max(inquiry.first_reply, inquiry.sent_at)
        inquiry.solved_at = inquiry.saved_at if inquiry.state == SOLVED else None
        clocks.reckon_due(inquiry, rules)
        inquiry.save(update_fields=clocks.TOLD)


class Migration(migrations.Migration):
    dependencies = [("inquiries", "0007_clocks")]

    operations = [migrations.RunPython(reckon, migrations.RunPython.noop)]
