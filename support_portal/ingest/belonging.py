"""Tokens that may send for some sub-accounts only: what they send for others is set aside.

It is kept, as everything is: an administrator can widen the token and replay it.
"""

from collections.abc import Iterable

from support_portal.accounts.models import ApiToken
from support_portal.ingest.opening import Opened, unreadable

REASON = "foreign_sub_account"
DETAIL = "It belongs to another sub-account than the token may send for."


def set_aside_foreign(batch: Iterable[Opened]) -> None:
    """Move what a restricted token must not send to what waits in quarantine.

    One query for a batch with tokens in it and none for one without: 8x8's own are never touched.
    """
    by_token: dict[int, list[Opened]] = {}
    for opened in batch:
        if opened.delivery.token_id is not None:
            by_token.setdefault(opened.delivery.token_id, []).append(opened)
    if not by_token:
        return
    restricted = ApiToken.objects.filter(pk__in=by_token, sub_accounts__isnull=False)
    for token_id, names in restricted.values_list("pk", "sub_accounts"):
        for opened in by_token[token_id]:
            _set_aside(opened, frozenset(["", *names]))


def _set_aside(opened: Opened, own: frozenset[str]) -> None:
    """Set items aside whole whose records belong to others; their own records are kept as well."""
    foreign = {
        arrival.position: arrival.received_at
        for arrival in opened.arrivals
        if arrival.record.sub_account not in own
    }
    if not foreign:
        return
    opened.arrivals = [one for one in opened.arrivals if one.record.sub_account in own]
    told = {one.position for one in opened.unreadable}
    opened.unreadable.extend(
        unreadable(position, REASON, DETAIL, opened.raw(position), received_at)
        for position, received_at in foreign.items()
        if position not in told
    )
