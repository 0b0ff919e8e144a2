"""Give a machine a secret of its own: a token for the API, or a key for the webhook."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from support_portal.accounts.admission import Quota
from support_portal.accounts.services import SCOPES, BadSubAccount, issue_hook_key, issue_token


class Command(BaseCommand):
    """Create the secret and print it, once."""

    help = "Create an API token, or with --hook a webhook key. Only its digest is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose secret it is and what it opens."""
        parser.add_argument("name", help="who will use it, such as 'sms sender'")
        parser.add_argument(
            "--scope",
            action="append",
            choices=SCOPES,
            help=f"what an API token may do; repeatable (default: {SCOPES[0]})",
        )
        parser.add_argument(
            "--sub-account",
            action="append",
            help="what an API token may send for and read; repeatable (default: all)",
        )
        parser.add_argument("--requests", type=int, help="calls of an API token a minute")
        parser.add_argument("--bytes", type=int, help="bytes an API token may send a minute")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")
        parser.add_argument("--hook", action="store_true", help="a webhook key instead of a token")
        parser.add_argument(
            "--authorization", default="", help="the Authorization value agreed on with 8x8"
        )

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        """Print the secret alone on standard output, so that a script can take it."""
        days = options["days"]
        until = timezone.now() + timedelta(days=days) if days else None
        if options["hook"]:
            _, secret = issue_hook_key(
                name=name, authorization=options["authorization"], expires_at=until
            )
            self.stderr.write(f"Webhook path for {name}, shown only now:")
            self.stdout.write(f"/hooks/8x8/{secret}/")
            return
        try:
            _, secret = issue_token(
                name=name,
                scopes=options["scope"] or SCOPES[:1],
                sub_accounts=options["sub_account"],
                quota=Quota(options["requests"], options["bytes"]),
                expires_at=until,
            )
        except BadSubAccount as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"Token for {name}, shown only now:")
        self.stdout.write(secret)
