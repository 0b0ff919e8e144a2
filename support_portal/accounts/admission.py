"""Who may come in: every living sender by the digest of its secret, as this process last saw them.

The table is small, so all of it is read every few seconds and a call costs no query.  That also
bounds what guessers cost: they cause one look a second, however many they are.
"""

import hmac
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from support_portal.accounts import secrets
from support_portal.accounts.models import ApiToken, HookKey, SenderKind

LIFE = 5.0  # seconds until a change made elsewhere is seen, a revocation above all
LOOK_AGAIN = 1.0  # the same for a secret that is not known: it may just have been made
SENDS = frozenset({"events:write"})


@dataclass(frozen=True, slots=True)
class Quota:
    """How much a token may do in a minute; None stands for the quota of the installation."""

    requests: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A sender that showed its secret."""

    kind: str  # of SenderKind
    id: int
    name: str
    scopes: frozenset[str]
    sub_accounts: tuple[str, ...] | None = None  # None stands for all of them
    quota: Quota = Quota()
    digest: bytes = b""  # of the secret that was shown: there may be two

    def may(self, scope: str) -> bool:
        """Tell whether the sender was given ``scope``."""
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class Known:
    """What stands behind a digest."""

    sender: Admitted
    until: datetime | None
    authorization: bytes = b""  # the digest of the agreed value; empty: none was agreed


Key = tuple[str, bytes]  # the kind, and the digest of the secret
Senders = Mapping[Key, Known]


class Register:
    """The living senders, never older than asked for; one a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reading = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Look again at the next call: something changed in this process."""
        self._seen: tuple[float, Senders] = (-math.inf, {})

    def find(self, kind: str, secret: str) -> Known | None:
        """Return what stands behind ``secret`` if it is alive.

        The look-up is by digest, so its duration says nothing about the secret itself.
        """
        key = kind, secrets.digest(secret)
        known = self._senders(LIFE).get(key) or self._senders(LOOK_AGAIN).get(key)
        if known is None or (known.until and known.until <= timezone.now()):
            return None
        return known

    def _senders(self, age: float) -> Senders:
        """Return the living senders as they were at most ``age`` seconds ago."""
        if self._clock() - self._seen[0] >= age:
            with self._reading:
                if self._clock() - self._seen[0] >= age:
                    # The time before the reading: what changes meanwhile counts as not seen.
                    self._seen = self._clock(), dict(_living())
        return self._seen[1]


register = Register()


def admit_token(secret: str) -> Admitted | None:
    """Return the API token that ``secret`` belongs to, or None."""
    known = register.find(SenderKind.TOKEN.value, secret)
    return known.sender if known else None


def admit_hook(secret: str, authorization: str) -> Admitted | None:
    """Return the webhook key ``secret`` when ``authorization`` is the agreed one, or None."""
    known = register.find(SenderKind.HOOK.value, secret)
    if known is None:
        return None
    if known.authorization and not hmac.compare_digest(
        known.authorization, secrets.digest(authorization)
    ):
        return None
    return known.sender


def _living() -> Iterator[tuple[Key, Known]]:
    """Yield every living secret with what stands behind it."""
    for token in ApiToken.objects.alive():
        yield from _behind(token, _token(token), b"", b"")
    for hook in HookKey.objects.alive():
        agreed = bytes(hook.authorization_digest), bytes(hook.old_authorization_digest)
        yield from _behind(hook, _hook(hook), *agreed)


def _behind(
    sender: ApiToken | HookKey, admitted: Admitted, agreed: bytes, agreed_before: bytes
) -> Iterator[tuple[Key, Known]]:
    """Yield the secret before the last rotation while it lives, and the present one."""
    if sender.old_digest and sender.old_until:
        ends = [end for end in (sender.old_until, sender.expires_at) if end]
        before = replace(admitted, digest=bytes(sender.old_digest))
        yield (admitted.kind, before.digest), Known(before, min(ends), agreed_before)
    yield (admitted.kind, admitted.digest), Known(admitted, sender.expires_at, agreed)


def _token(token: ApiToken) -> Admitted:
    return Admitted(
        kind=SenderKind.TOKEN.value,
        id=token.id,
        name=token.name,
        scopes=frozenset(token.scopes),
        sub_accounts=None if token.sub_accounts is None else tuple(token.sub_accounts),
        quota=Quota(token.requests_a_minute, token.bytes_a_minute),
        digest=bytes(token.digest),
    )


def _hook(hook: HookKey) -> Admitted:
    return Admitted(
        kind=SenderKind.HOOK.value,
        id=hook.id,
        name=hook.name,
        scopes=SENDS,
        digest=bytes(hook.digest),
    )
