"""Who else is at a record: a browser says that somebody is here, and asks who else is."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from support_portal.accounts.models import User
from support_portal.dashboard.standings import name_of
from support_portal.inquiries.models import Inquiry
from support_portal.inquiries.selectors import evidence_about
from support_portal.lookup import subjects
from support_portal.notices.subjects import Subject
from support_portal.teamwork import presence as presences
from support_portal.teamwork.models import Doing, Presence


@never_cache
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Note that a person is here, or has left, and say who else is here."""
    person, said = cast(User, request.user), request.POST
    about = subjects.find(said.get("kind", ""), said.get("key", ""), person)
    if about is None:
        raise Http404("no such record")
    if said.get("doing") == "left":
        presences.leave(about, person)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    now = timezone.now()
    presences.beat(about, person, _doing(said.get("doing", ""), about, person), now)
    found = presences.others(about, person, now)
    return JsonResponse({"lines": list(dict.fromkeys(_lines(found, about, person)))})


def _doing(said: str, about: Subject, person: User) -> Doing:
    doing = Doing(said) if said in Doing else Doing.LOOKING
    may = {
        Doing.LOOKING: True,
        Doing.WRITING: person.may("comment"),
        Doing.DRAFTING: about.kind == "inquiry" and person.may("inquire"),
    }
    return doing if may[doing] else Doing.LOOKING


def _lines(found: Sequence[Presence], about: Subject, person: User) -> Iterable[str]:
    here = [each for each in found if (each.kind, each.key) == (about.kind, about.key)]
    for each in [*here, *_drafting(found, about, person)]:
        yield f"{name_of(each.user)} {Doing(each.doing).label}"


def _drafting(found: Sequence[Presence], about: Subject, person: User) -> Iterable[Presence]:
    """Return who drafts an inquiry with evidence about the record, and which the reader may see."""
    drafts = {each.key for each in found if each.doing == Doing.DRAFTING and each.key.isdecimal()}
    evidence = evidence_about(about.kind, about.key) if drafts else None
    if evidence is None:
        return []
    seen = Inquiry.objects.visible_to(person).filter(
        pk__in=list(map(int, drafts)), number__in=evidence.values("inquiry_id")
    )
    keys = {str(key) for key in seen.values_list("pk", flat=True)}
    return [each for each in found if each.doing == Doing.DRAFTING and each.key in keys]
