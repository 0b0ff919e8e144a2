"""The digits of an id in SQL, to find one of which only a part is known.

SQLite keeps ids as 32 digits, PostgreSQL as 16 bytes.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Value
from django.db.models.sql.compiler import SQLCompiler

LAST = 8  # digits in the index: random ids differ there, and it takes half of what an id would


class _Digits(Func):
    """Digits of an id, written for either database."""

    output_field = models.CharField()
    on_postgresql: ClassVar[str]

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, Any]:
        """Write it for PostgreSQL."""
        return self.as_sql(compiler, connection, template=self.on_postgresql, **more)


class AllDigits(_Digits):
    """The 32 digits, without dashes."""

    template = "%(expressions)s"
    on_postgresql = "encode(uuid_send(%(expressions)s), 'hex')"


class LastDigits(_Digits):
    """The last digits as their index has them: as bytes on PostgreSQL."""

    template = "substr(%(expressions)s, -8)"
    on_postgresql = "substr(uuid_send(%(expressions)s), 13)"


class IndexedDigits(_Digits):
    """Given digits as the index of last digits has them."""

    template = "%(expressions)s"
    on_postgresql = "decode(%(expressions)s, 'hex')"

    def __init__(self, digits: str) -> None:
        super().__init__(Value(digits))
