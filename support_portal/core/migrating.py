"""Changes of large tables while they are in use."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexInUse(AddIndexConcurrently):
    """Add an index without stopping those who write; the migration must not be atomic.

    PostgreSQL builds it beside them.  A build that was broken off leaves an index behind that is never
    used; it goes first, so that the migration may simply run again.  SQLite has one writer, which
    waits for as long as the build takes.
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
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, *told)
            return
        name = schema_editor.quote_name(str(self.index.name))
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
