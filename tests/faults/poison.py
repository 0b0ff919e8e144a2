"""Events that cannot be recorded, each for another reason, and a database that refuses some."""

from collections.abc import Callable
from contextlib import closing

from tests.stack import Database
from tests.traffic import Line, Traffic

REFUSED, STUMBLED, LIMITED = 66_001, 66_002, 66_003  # codes, which 8x8 has not
REFUSE_IN_SQLITE = f"""
CREATE TRIGGER refuse_poison BEFORE INSERT ON events_errorevent WHEN NEW.code = {REFUSED}
BEGIN SELECT RAISE(ABORT, 'this row is refused'); END
"""
# In PostgreSQL a row can also meet an error that is no refusal of data: one that Django tells as
# InternalError, and a limit of the program, which Django tells as OperationalError.
REFUSE_IN_POSTGRESQL = f"""
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.code = {REFUSED} THEN RAISE EXCEPTION 'this row is refused' USING ERRCODE = '23514';
  ELSIF NEW.code = {STUMBLED} THEN RAISE EXCEPTION 'a fault of ours' USING ERRCODE = 'P0001';
  ELSIF NEW.code = {LIMITED} THEN RAISE EXCEPTION 'too long' USING ERRCODE = '54000';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_poison BEFORE INSERT ON events_errorevent
FOR EACH ROW EXECUTE FUNCTION refuse_poison()
"""


def refuse_poison(database: Database) -> None:
    """Make the database refuse the rows with the codes above."""
    statement = REFUSE_IN_SQLITE if database.name == "sqlite" else REFUSE_IN_POSTGRESQL
    with closing(database.connect()) as connection:
        connection.execute(statement)


class Poisoned(Traffic):
    """Traffic whose nonsense is of several kinds: cut, not text, and refused by the database."""

    def line(self) -> Line:
        """Return the next event; nonsense is replaced by one of the kinds in turn."""
        line = super().line()
        if line.fact is not None:
            return line
        kind: Callable[[Line], Line] = self.random.choice((_cut, self._torn, self._refused))
        return kind(line)

    def refused(self, code: int) -> Line:
        """Return an error that the database does not take."""
        line = self.error()
        text = line.text.replace(b'"code":', b'"code":%d,"was":' % code, 1)
        return Line(text, None)

    def _refused(self, _: Line) -> Line:
        return self.refused(REFUSED)

    def _torn(self, line: Line) -> Line:
        """Return a line with bytes in it that are no text, unlike any other."""
        return Line(line.text + self.random.randbytes(4).hex().encode() + b"\xff\xfe", None)


def _cut(line: Line) -> Line:
    return line
