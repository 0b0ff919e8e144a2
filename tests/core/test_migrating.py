"""A migration that was broken off can run again."""

import pytest
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from support_portal.core.migrating import AddIndexInUse


def _lasting(migration: Migration) -> bool:
    """Tell whether something may be left behind that is in the way of the next attempt."""
    return not migration.atomic and not all(
        isinstance(operation, AddIndexInUse) for operation in migration.operations
    )


def test_what_is_not_atomic_adds_indexes_and_nothing_else() -> None:
    loader = MigrationLoader(None)
    ours = [each for each in loader.disk_migrations.values() if "support_portal" in each.__module__]

    assert len(ours) > 20
    assert [str(each) for each in ours if _lasting(each)] == []


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_left_behind_is_built_again() -> None:
    index = models.Index(fields=["occurred_at"], name="happening_by_time")
    state = MigrationLoader(connection).project_state()
    before = ProjectState(dict(state.models))
    before.remove_index("events", "happening", index.name)

    with connection.schema_editor(atomic=False) as editor:
        AddIndexInUse("happening", index).database_forwards("events", editor, before, state)

    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "events_happening")
    assert found[index.name]["columns"] == ["occurred_at"]
