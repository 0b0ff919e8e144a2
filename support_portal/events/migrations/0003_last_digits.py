"""Find ids by their end, of which four bytes are enough."""

from django.db import migrations, models

from support_portal.core.migrating import AddIndexInUse
from support_portal.events.digits import LastDigits


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds the indexes beside those who write

    dependencies = [
        ("events", "0002_happenings_and_account_events"),
    ]

    operations = [
        AddIndexInUse(
            model_name="errorevent",
            index=models.Index(LastDigits("error_id"), name="error_by_last_digits"),
        ),
        AddIndexInUse(
            model_name="message",
            index=models.Index(LastDigits("umid"), name="message_by_last_digits"),
        ),
    ]
