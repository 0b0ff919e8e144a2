"""The demo's teams, people and senders."""

from django.contrib.auth.hashers import make_password

from support_portal.accounts import secrets
from support_portal.accounts.models import ApiToken, HookKey, Team, User
from support_portal.accounts.services import SCOPES, issue_hook_key, issue_token
from support_portal.operations.demo.world import Person, talk

SENDER = "Demo sender"
WEBHOOK = "Demo webhook"
PROBE = "agent"  # hashing is slow on purpose: one account tells for all


def hire(password: str) -> None:
    """Create the teams and people who are not there yet; ``password`` opens all their accounts."""
    for plan in talk().teams:
        rights = {
            "all_sub_accounts": plan.all_sub_accounts,
            "sub_accounts": list(plan.sub_accounts),
        }
        Team.objects.get_or_create(name=plan.name, defaults=rights)
    names = [person.username for person in talk().people]
    probe = User.objects.filter(username=PROBE).first()
    if probe and not probe.check_password(password):
        User.objects.filter(username__in=names).update(password=make_password(password))
    present = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    missing = [person for person in talk().people if person.username not in present]
    hashed = make_password(password) if missing else ""
    User.objects.bulk_create([_user(person, hashed) for person in missing])


def admit(token: str, hook_key: str) -> None:
    """Let machines that know ``token`` or ``hook_key`` send; what was revoked stays revoked."""
    if not ApiToken.objects.filter(digest=secrets.digest(token)).exists():
        issue_token(name=SENDER, scopes=SCOPES, secret=token)
    if not HookKey.objects.filter(digest=secrets.digest(hook_key)).exists():
        issue_hook_key(name=WEBHOOK, secret=hook_key)


def _user(person: Person, hashed: str) -> User:
    return User(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        role=person.role,
        team=Team.objects.get(name=person.team),
        time_zone=person.time_zone,
        password=hashed,
    )
