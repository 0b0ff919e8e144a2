"""The last digits of an id in SQL: an index of them finds ids whose beginning is not known."""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func
from django.db.models.sql.compiler import SQLCompiler

LAST = 8  # digits: random ids differ there, and the index takes half of what the ids would


class LastDigits(Func):
    """The last digits: of 32 in a text on SQLite, of 16 bytes on PostgreSQL."""

    output_field = models.CharField()
    template = "substr(%(expressions)s, -8)"
    on_postgresql: ClassVar[str] = "substr(uuid_send(%(expressions)s), 13)"

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, Any]:
        """Write it for PostgreSQL."""
        return self.as_sql(compiler, connection, template=self.on_postgresql, **more)
