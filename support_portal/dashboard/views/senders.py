"""Who may send: tokens and webhook keys, their secrets, and the history of both.

A secret is shown on the answer to the form that made it and nowhere else.  That form carries a word
that is taken once, so a reload makes no second secret and shows none.
"""

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts import services
from support_portal.accounts.models import ApiToken, HookKey, SenderKind, User
from support_portal.accounts.selectors import changes
from support_portal.dashboard import sender_forms, senders
from support_portal.dashboard.senders import Sender

SHOWN = 200  # of a kind; the living come first
HISTORY = 100
LARGEST_KEY = 2**63 - 1
SENT_BEFORE = (
    "That form was sent before, and its secret was shown then. It cannot be shown again:"
    " rotate it if nobody noted it."
)
Deed = Callable[..., None]
REVOKED = "This sender is revoked: there is nothing to change."
MODELS: dict[str, type[ApiToken] | type[HookKey]] = {
    SenderKind.TOKEN.value: ApiToken,
    SenderKind.HOOK.value: HookKey,
}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List all senders, and what was done to them last."""
    person = _onlooker(request)
    now = timezone.now()
    return render(
        request,
        "senders/list.html",
        {
            "tokens": senders.rows(_some(ApiToken), SenderKind.TOKEN, now),
            "hooks": senders.rows(_some(HookKey), SenderKind.HOOK, now),
            "history": senders.lines(changes()[:20]),
            "may_manage": person.may("manage"),
        },
    )


@sensitive_post_parameters("own")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """Make a token or a webhook key, and show its secret once."""
    person = _administrator(request)
    form_class = sender_forms.NEW.get(kind)
    if form_class is None:
        raise Http404
    form = form_class(_posted(request))
    if request.method != "POST" or not form.is_valid():
        return _asked_again(request, "senders/new.html", {"form": form, "kind": kind})
    made = {**form.values(), "by": person.get_username(), "once": _once(request)}
    try:
        if isinstance(form, sender_forms.NewHookForm):
            agreed = form.agreed() or ""
            sender, secret = services.issue_hook_key(**made, authorization=agreed)
            return _shown_once(request, sender, secret, agreed)
        return _shown_once(request, *services.issue_token(**made))
    except services.AlreadyDone:
        return _sent_before(request, reverse("intake:senders"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sender(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Show a sender, and change what it may do."""
    person = _administrator(request) if request.method == "POST" else _onlooker(request)
    found = _sender(kind, key)
    form = sender_forms.change_form(found, _posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            _change(found, form.values(), person)
            messages.success(request, "The changes are saved.")
        except services.NotAlive:
            messages.error(request, REVOKED)
        return redirect(senders.address(kind, key))
    return _page(request, found, form=form)


@sensitive_post_parameters("own")
@never_cache
@require_POST
def rotate(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Make a new secret, and show it once; the present one lives on for a while."""
    person = _administrator(request)
    found = _sender(kind, key)
    form = sender_forms.rotate_form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, rotation=form)
    agreed = form.agreed() if isinstance(form, sender_forms.RotateHookForm) else None
    try:
        secret = services.rotate(
            found,
            overlap=form.length(),
            authorization=agreed,
            by=person.get_username(),
            once=_once(request),
        )
    except services.AlreadyDone:
        return _sent_before(request, senders.address(kind, key))
    except services.NotAlive:
        messages.error(request, REVOKED)
        return redirect(senders.address(kind, key))
    found.refresh_from_db()
    return _shown_once(request, found, secret, agreed or "")


@require_POST
def end_old(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """End the secret before the last rotation now."""
    person = _administrator(request)
    return _done(request, kind, key, services.end_old_secret, person, "The old secret has ended.")


@require_POST
def revoke(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """End a sender for good."""
    person = _administrator(request)
    if request.POST.get("sure") != "yes":
        messages.error(request, "Tick that you are sure: a revoked sender cannot come back.")
        return redirect(senders.address(kind, key))
    done = "Revoked. Within five seconds no web process lets it in any more."
    return _done(request, kind, key, services.revoke, person, done)


def _onlooker(request: HttpRequest) -> User:
    person = cast(User, request.user)
    if not person.may("see senders"):
        raise PermissionDenied("Who may send is shown to leads and administrators.")
    return person


def _administrator(request: HttpRequest) -> User:
    person = cast(User, request.user)
    if not person.may("manage"):
        raise PermissionDenied("Secrets are given out and taken back by administrators.")
    return person


def _some(model: type[ApiToken] | type[HookKey]) -> list[Sender]:
    """Return the living first, by name."""
    ordered = model._default_manager.order_by(F("revoked_at").asc(nulls_first=True), "name", "pk")
    return list(ordered[:SHOWN])


def _sender(kind: str, key: int) -> Sender:
    model = MODELS.get(kind)
    if model is None or key > LARGEST_KEY:
        raise Http404
    return cast(Sender, get_object_or_404(model, pk=key))


def _change(found: Sender, values: dict[str, Any], person: User) -> None:
    by = person.get_username()
    if isinstance(found, ApiToken):
        services.change_token(found, **values, by=by)
    else:
        services.change_hook_key(found, **values, by=by)


def _done(
    request: HttpRequest, kind: str, key: int, deed: Deed, person: User, said: str
) -> HttpResponse:
    try:
        deed(_sender(kind, key), by=person.get_username())
        messages.success(request, said)
    except services.NotAlive:
        messages.error(request, REVOKED)
    return redirect(senders.address(kind, key))


def _page(
    request: HttpRequest,
    found: Sender,
    *,
    form: sender_forms.SenderForm | None = None,
    rotation: sender_forms.RotateForm | None = None,
) -> HttpResponse:
    """Draw the page of a sender, with the form that was refused if one was."""
    now = timezone.now()
    kind = services.kind_of(found).value
    history = changes().filter(kind=kind, sender_id=found.pk)
    context = {
        "sender": found,
        "kind": kind,
        "state": senders.state_of(found, now),
        "facts": senders.facts(found, now),
        "old_lives": senders.old_lives(found, now),
        "form": form or sender_forms.change_form(found),
        "rotation": rotation or sender_forms.rotate_form(found),
        "history": senders.lines(history[:HISTORY]),
        "may_manage": cast(User, request.user).may("manage") and not found.revoked_at,
    }
    return _asked_again(request, "senders/detail.html", context)


def _asked_again(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Draw a page with forms; each drawing has a word of its own that is taken once."""
    forms = [context.get("form"), context.get("rotation")]
    refused = any(form is not None and form.errors for form in forms)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, template, {**context, "once": secrets.token_hex(16)}, status=status)


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, even if it was nothing."""
    return request.POST if request.method == "POST" else None


def _once(request: HttpRequest) -> str:
    return request.POST.get("once", "").replace("\x00", "")[:64]


def _sent_before(request: HttpRequest, address: str) -> HttpResponse:
    messages.warning(request, SENT_BEFORE)
    return redirect(address)


def _shown_once(request: HttpRequest, found: Sender, secret: str, agreed: str = "") -> HttpResponse:
    """Show a secret; never_cache keeps the page out of every store, the back button's too."""
    hook = isinstance(found, HookKey)
    path = reverse("hook", args=[secret]) if hook else reverse("post-events")
    return render(
        request,
        "senders/secret.html",
        {
            "sender": found,
            "kind": services.kind_of(found).value,
            "secret": "" if hook else secret,
            "address": request.build_absolute_uri(path),
            "agreed": agreed,
            "sends": isinstance(found, ApiToken) and "events:write" in found.scopes,
        },
    )
