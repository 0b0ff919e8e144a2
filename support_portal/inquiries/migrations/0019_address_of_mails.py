"""The address of a sender, as it was read from the mail and not from what is shown of it."""

from email.utils import getaddresses

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def of_senders(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the mails that there are keep the address that was read so far."""
    mails = apps.get_model("inquiries", "Mail").objects
    for number, sender in mails.exclude(sender="").values_list("pk", "sender").iterator():
        found = getaddresses([sender])
        if len(found) == 1:
            mails.filter(pk=number).update(address=found[0][1].lower())


class Migration(migrations.Migration):
    dependencies = [
        ("inquiries", "0018_failed_proofs"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="address",
            field=models.CharField(blank=True, default="", max_length=254),
        ),
        migrations.RunPython(of_senders, migrations.RunPython.noop),
    ]
