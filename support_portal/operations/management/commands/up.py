"""Start the whole portal on one machine, with nothing else installed."""

from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from support_portal.accounts.models import ApiToken, User
from support_portal.bootstrap import local_settings
from support_portal.core import sealing
from support_portal.ingest.models import Delivery
from support_portal.operations import demo, local_run
from support_portal.operations.demo.people import SENDER
from support_portal.operations.local_run import Address, CannotStart, DemoSecrets


class Command(BaseCommand):
    """Prepare the database, then run web, worker and beat until Ctrl-C."""

    help = "Start the portal on this machine: database, web server, worker and beat in one go."
    requires_system_checks: list[str] = []  # check_setup makes them; a start should be quick

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, the data directory and whether a demo is wanted."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")
        parser.add_argument("--data-dir", help="where everything is kept (default: .data)")
        parser.add_argument(
            "--no-demo", action="store_false", dest="demo", help="leave an empty database empty"
        )

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Prepare everything, then turn into the supervisor of the processes."""
        sealing.read_keys(settings.SEAL_KEYS)  # what it finds wrong should not wait for an event
        address, data_dir = Address(host, port), Path(settings.DATA_DIR)
        try:
            local_run.hold(data_dir, address)
            local_run.refuse_taken_port(address)
            self._migrate()
            secrets = self._load_demo(data_dir) if options["demo"] and _is_demo() else None
        except CannotStart as problem:
            raise CommandError(str(problem)) from None
        except DatabaseError as error:
            raise CommandError(
                f"The database does not work: {str(error).splitlines()[0]}"
            ) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped before the portal was up; start it again.") from None
        local_run.forget_rings(data_dir / "broker")
        local_run.export(address, data_dir, demo=secrets is not None)
        connection.close()
        greeting = local_run.greeting(address, data_dir, secrets)
        feed = secrets is not None
        local_run.become_supervisor(
            local_run.plan(address, data_dir, greeting, feed=feed), settings.BASE_DIR
        )

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        ahead = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if not ahead:
            return
        started = monotonic()
        self.stdout.write(f"Preparing the database: {ahead} migrations", ending="")
        self.stdout.flush()
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f" ({monotonic() - started:.0f} s)")

    def _load_demo(self, data_dir: Path) -> DemoSecrets:
        secrets = local_run.demo_secrets(data_dir / local_settings.FILE_NAME)
        demo.prepare(
            now=timezone.now(),
            password=secrets.password,
            token=secrets.token,
            hook_key=secrets.hook_key,
        )
        return secrets


def _is_demo() -> bool:
    """Tell whether the demo may live here: it was loaded before, or nobody has been here yet."""
    loaded = ApiToken.objects.filter(name=SENDER).exists()
    return loaded or not (User.objects.exists() or Delivery.objects.exists())
