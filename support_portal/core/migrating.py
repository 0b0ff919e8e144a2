"""Changes of large tables while they are in use."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.utils import timezone

from support_portal.core import partitions
from support_portal.core.partitions import Parted


class AddIndexInUse(AddIndexConcurrently):
    """Add an index without stopping those who write; the migration must not be atomic.

    PostgreSQL builds it beside them.  A build that was broken off leaves an index behind that is never
    used; it goes first, so that the migration may simply run again when it does nothing else.
    SQLite has one writer, which waits for as long as the build takes.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Build the index."""
        told: tuple[Any, ...] = (app_label, schema_editor, from_state, to_state)
        name = schema_editor.quote_name(str(self.index.name))
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
            AddIndex.database_forwards(self, *told)
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(*told)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Remove the index."""
        told: tuple[Any, ...] = (app_label, schema_editor, from_state, to_state)
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_backwards(self, *told)
            return
        super().database_backwards(*told)


class PartByTime(Operation):
    """Part a table of PostgreSQL by time and move its rows; in every other database do nothing.

    The partitions are those of ``core.partitions``: of the weeks that rows are of, of this week and
    of those to come.  The migration must be atomic.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, parted: Parted) -> None:
        self.parted = parted

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Say how the operation is written."""
        return type(self).__qualname__, [self.parted], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the model as it is: it does not know of partitions."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the partitions and move the rows into them."""
        if schema_editor.connection.vendor == "postgresql":
            partitions.part(self.parted, timezone.now())

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Move the rows back into one table."""
        if schema_editor.connection.vendor == "postgresql":
            partitions.unite(self.parted)

    def describe(self) -> str:
        """Say what it does."""
        return f"Part {self.parted.table} by {self.parted.column}"
