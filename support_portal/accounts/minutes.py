"""What senders used, minute by minute, over all web processes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Q

from support_portal.accounts.models import ApiToken, HookKey, SenderKind, SenderMinute

Key = tuple[str, int, int]  # kind, id, minute since 1970
Use = tuple[str, bytes]  # kind, digest of the secret that was shown
MODELS: dict[str, type[ApiToken] | type[HookKey]] = {
    SenderKind.TOKEN.value: ApiToken,
    SenderKind.HOOK.value: HookKey,
}
NOTED_EVERY = 60.0  # seconds
ROWS = 500  # a statement
TABLE = SenderMinute._meta.db_table
ADD = (
    f"INSERT INTO {TABLE} (kind, sender_id, minute, requests, bytes, refused) VALUES {{rows}}"  # noqa: S608
    " ON CONFLICT (kind, sender_id, minute) DO UPDATE SET"
    f" requests = {TABLE}.requests + excluded.requests,"
    f" bytes = {TABLE}.bytes + excluded.bytes,"
    f" refused = {TABLE}.refused + excluded.refused"
    " RETURNING kind, sender_id, minute, requests, bytes, refused"
)


@dataclass(slots=True)
class Tally:
    """What one sender did in one minute."""

    requests: int = 0
    bytes: int = 0
    refused: int = 0

    def take(self, other: "Tally") -> None:
        """Count ``other`` no more."""
        self.requests -= other.requests
        self.bytes -= other.bytes
        self.refused -= other.refused

    def __bool__(self) -> bool:
        return bool(self.requests or self.bytes or self.refused)


def add(counted: Mapping[Key, Tally]) -> dict[Key, Tally]:
    """Add what a process counted; return the sums of these minutes over all processes."""
    # Everybody takes the rows in the same order, so nobody waits in a circle.
    rows = [
        (*key, tally.requests, tally.bytes, tally.refused)
        for key, tally in sorted(counted.items(), key=lambda pair: pair[0])
    ]
    sums: dict[Key, Tally] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            statement = ADD.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(part)))
            cursor.execute(statement, [value for row in part for value in row])
            sums.update({tuple(row[:3]): Tally(*row[3:]) for row in cursor.fetchall()})
    return sums


def drop_before(minute: int) -> None:
    """Forget the minutes before ``minute``."""
    SenderMinute.objects.filter(minute__lt=minute).delete()


def note_use(use: Use, seconds: float) -> None:
    """Write down when a secret was last shown, at most once a minute."""
    kind, digest = use
    at = datetime.fromtimestamp(seconds, UTC)
    for secret, field in (("digest", "last_used_at"), ("old_digest", "old_used_at")):
        unwritten = Q((field, None)) | Q((f"{field}__lte", at - timedelta(seconds=NOTED_EVERY)))
        MODELS[kind].objects.filter(unwritten, (secret, digest)).update(**{field: at})
