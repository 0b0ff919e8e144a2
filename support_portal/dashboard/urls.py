"""Addresses of pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path, register_converter

from support_portal.browsing.exports.writing import AT_ONCE
from support_portal.dashboard.records import (
    CodeConverter,
    GroupConverter,
    RecordConverter,
    at_one_address,
)
from support_portal.dashboard.views import (
    account_events,
    alerts,
    alone,
    codes,
    comments,
    copies,
    counts,
    delivery,
    desk,
    drift,
    entry,
    error,
    error_list,
    escalation,
    exports,
    failures,
    files,
    further,
    group,
    home,
    incidents,
    inquiries,
    inquiry,
    intake,
    knowledge,
    letters,
    lookup,
    mails,
    message,
    message_list,
    notices,
    presence,
    quarantine,
    result_table,
    run,
    saved_views,
    scorecard,
    selected,
    senders,
    session,
    standings,
    templates,
    watches,
)
from support_portal.insights.models import Kind

register_converter(RecordConverter, "record")
register_converter(CodeConverter, "code")
register_converter(GroupConverter, "group")


def _exports(kind: Kind) -> list[URLPattern]:
    """Return the addresses of a list as a file; they come before those of its records."""
    return [
        path(f"export.{form}", exports.stream, {"kind": kind, "form": form}, name=f"export-{form}")
        for form in AT_ONCE
    ]


errors_pages = [
    path("", error_list.ErrorList.as_view(), name="list"),
    *_exports(Kind.ERROR),
    path("groups/<group:group_id>/", group.detail, name="group"),
    path("counts/", counts.counts(Kind.ERROR), name="counts"),
    path("alone/", alone.alone(Kind.ERROR), name="alone"),
    path("by-code/", failures.failures_by_code(Kind.ERROR), name="failures"),
    path("newer/", counts.newer(Kind.ERROR), name="newer"),
    path("selected/", selected.selected(Kind.ERROR), name="selected"),
    path("<record:error_id>/", at_one_address(error.detail), name="detail"),
    path("<record:error_id>/comments/", error.comment, name="comment"),
    path("<record:error_id>/copy/<slug:voice>/", at_one_address(copies.error), name="copy"),
]
messages_pages = [
    path("", message_list.MessageList.as_view(), name="list"),
    *_exports(Kind.MESSAGE),
    path("counts/", counts.counts(Kind.MESSAGE), name="counts"),
    path("alone/", alone.alone(Kind.MESSAGE), name="alone"),
    path("by-code/", failures.failures_by_code(Kind.MESSAGE), name="failures"),
    path("newer/", counts.newer(Kind.MESSAGE), name="newer"),
    path("selected/", selected.selected(Kind.MESSAGE), name="selected"),
    path("<record:umid>/", at_one_address(message.detail), name="detail"),
    path("<record:umid>/comments/", message.comment, name="comment"),
    path("<record:umid>/copy/<slug:voice>/", at_one_address(copies.message), name="copy"),
]
codes_pages = [
    path("", codes.codes, name="list"),
    path("<slug:registry>/<code:code>/", codes.code, name="detail"),
    path("<slug:registry>/<code:code>/comments/", codes.comment, name="comment"),
    path("drift/", drift.inbox, name="drift"),
    path("drift/<record:drift_id>/accept", drift.accept, name="drift_accept"),
    path("drift/<record:drift_id>/aside", drift.aside, name="drift_aside"),
    path("drift/<record:drift_id>/reopen", drift.reopen, name="drift_reopen"),
    path("<slug:registry>/<code:code>/note", knowledge.note, name="note"),
    path("<slug:registry>/<code:code>/override", knowledge.override, name="override"),
    path("<slug:registry>/<code:code>/revoke", knowledge.revoke, name="revoke"),
]
comments_pages = [
    path("follow", comments.follow, name="follow"),
    path("people", comments.people, name="people"),
    path("<int:comment_id>/", comments.detail, name="detail"),
    path("<int:comment_id>/quote", comments.quoted, name="quote"),
    path("<int:comment_id>/edit", comments.edit, name="edit"),
    path("<int:comment_id>/take-back", comments.take_back, name="take-back"),
]
incidents_pages = [
    path("", incidents.listing, name="list"),
    path("<record:incident_id>/", at_one_address(incidents.detail), name="detail"),
    path("<record:incident_id>/comments/", incidents.comment, name="comment"),
    path("<record:incident_id>/settle", incidents.settle, name="settle"),
]
intake_pages = [
    path("", intake.status, name="status"),
    path("deaf/<record:interval_id>/", at_one_address(intake.deaf), name="deaf"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/replay", quarantine.replay, name="replay"),
    path("files/", files.files, name="files"),
    path("files/<record:file_id>/", at_one_address(files.file), name="file"),
    path("files/<record:file_id>/confirm", files.confirm, name="file-confirm"),
    path("files/<record:file_id>/cancel", files.cancel, name="file-cancel"),
    path("files/<record:file_id>/retry", files.retry, name="file-retry"),
    path("files/<record:file_id>/rejects", files.rejects, name="file-rejects"),
    path("quarantine/groups/<record:group_id>/", at_one_address(quarantine.group), name="group"),
    path(
        "quarantine/groups/<record:group_id>/discard",
        quarantine.discard_group,
        name="group_discard",
    ),
    path(
        "quarantine/groups/<record:group_id>/restore",
        quarantine.restore_group,
        name="group_restore",
    ),
    path("quarantine/runs/<record:run_id>/", at_one_address(run.detail), name="run"),
    path("quarantine/runs/<record:run_id>/cancel", run.cancel, name="run_cancel"),
    path("quarantine/<record:entry_id>/", at_one_address(entry.detail), name="entry"),
    path("quarantine/<record:entry_id>/replay", entry.replay, name="entry_replay"),
    path("quarantine/<record:entry_id>/edit", entry.edit, name="entry_edit"),
    path("quarantine/<record:entry_id>/discard", entry.discard, name="entry_discard"),
    path("quarantine/<record:entry_id>/restore", entry.restore, name="entry_restore"),
    path("quarantine/<record:entry_id>/download", entry.download, name="entry_download"),
    path("senders/", senders.overview, name="senders"),
    path("senders/<slug:kind>/new/", senders.create, name="sender-new"),
    path("senders/<slug:kind>/<int:key>/", senders.sender, name="sender"),
    path("senders/<slug:kind>/<int:key>/rotate", senders.rotate, name="sender-rotate"),
    path("senders/<slug:kind>/<int:key>/end-old", senders.end_old, name="sender-end-old"),
    path("senders/<slug:kind>/<int:key>/revoke", senders.revoke, name="sender-revoke"),
    path("deliveries/", delivery.deliveries, name="deliveries"),
    path("deliveries/<record:delivery_id>/", at_one_address(delivery.delivery), name="delivery"),
]
inquiries_pages = [
    path("", inquiries.inquiries, name="list"),
    path("add", inquiries.add, name="add"),
    path("scorecard/", scorecard.page, name="scorecard"),
    path("scorecard.csv", scorecard.as_csv, name="scorecard-csv"),
    path("templates/", templates.templates, name="templates"),
    path("templates/<slug:kind>/", templates.template, name="template"),
    path("templates/<slug:kind>/restore", templates.restore, name="template-restore"),
    path("desk/", desk.rules, name="desk"),
    path("desk/reset", desk.reset, name="desk-reset"),
    path("<int:number>/", inquiry.detail, name="detail"),
    path("<int:number>/comments/", inquiry.comment, name="comment"),
    path("<int:number>/remove", inquiry.remove, name="remove"),
    path("<int:number>/undo", inquiry.undo, name="undo"),
    path("<int:number>/join", inquiry.join, name="join"),
    path("<int:number>/further", inquiry.further, name="further"),
    path("<int:number>/further-letter", further.further_letter, name="further-letter"),
    path("<int:number>/gathering", inquiry.gathered, name="gathering"),
    path("<int:number>/gathering/stop", inquiry.stop, name="gathering-stop"),
    path("<int:number>/follow", inquiry.follow, name="follow"),
    path("<int:number>/refresh", inquiry.refresh, name="refresh"),
    path("<int:number>/mend", inquiry.mend, name="mend"),
    path("<int:number>/tell", inquiry.tell, name="tell"),
    path("<int:number>/aside", inquiry.aside, name="aside"),
    path("<int:number>/track", inquiry.track, name="track"),
    path("<int:number>/escalate", escalation.escalate, name="escalate"),
    path("<int:number>/reply", inquiry.reply, name="reply"),
    path("<int:number>/mail", mails.upload, name="mail"),
    path("<int:number>/mail/<int:key>/<int:place>", mails.file, name="mail-file"),
    path("mails/", mails.unsorted, name="mails"),
    path("mails/<int:key>/assign", mails.assign, name="mail-assign"),
    path("mails/<int:key>/discard", mails.discard, name="mail-discard"),
    path("<int:number>/send", letters.send, name="send"),
    path("<int:number>/letters/<int:key>/act", letters.act, name="act"),
    path("<int:number>/letters/<int:key>.eml", letters.eml, name="eml"),
    path("<int:number>/letter/<slug:form>/", inquiry.letter, name="letter"),
    path("<int:number>/evidence.<slug:form>", inquiry.evidence, name="evidence"),
]
notices_pages = [
    path("", notices.notices, name="list"),
    path("bell", notices.bell, name="bell"),
    path("read-all", notices.read_all, name="read-all"),
    path("unread", notices.undo, name="undo"),
    path("mail", notices.mail, name="mail"),
    path("talk-mail", notices.talk_mail, name="talk-mail"),
    path("<record:notice_id>/", at_one_address(notices.follow), name="follow"),
    path("<record:notice_id>/read", notices.read, name="read"),
]
watches_pages = [
    path("", watches.watches, name="list"),
    path("<record:watch_id>/", watches.state, name="state"),
    path("<record:watch_id>/cancel", watches.cancel, name="cancel"),
]
exports_pages = [
    path("", exports.exports, name="list"),
    path("new", exports.ask, name="ask"),
    path("<record:export_id>/file", exports.download, name="file"),
    path("<record:export_id>/cancel", exports.cancel, name="cancel"),
    path("<record:export_id>/remove", exports.remove, name="remove"),
]
views_pages = [
    path("", saved_views.views, name="list"),
    path("new", saved_views.new, name="new"),
    path("counts", saved_views.counts, name="counts"),
    path("<slug:slug>/", saved_views.edit, name="edit"),
    path("<slug:slug>/remove", saved_views.remove, name="remove"),
    path("<slug:slug>/restore", saved_views.restore, name="restore"),
    path("<slug:slug>/pin", saved_views.pin, name="pin"),
    path("<slug:slug>/alerts", alerts.alerts, name="alerts"),
    path("alerts/<record:alert_id>/test", alerts.test, name="alert-test"),
    path("alerts/<record:alert_id>/mute", alerts.mute, name="alert-mute"),
    path("alerts/<record:alert_id>/remove", alerts.remove, name="alert-remove"),
]
session_pages = [
    path("session/theme", session.theme, name="theme"),
    path("session/zone", session.zone, name="zone"),
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("recent/<int:look_id>/pin", home.pin, name="pin"),
    path("lookup", lookup.lookup, name="lookup"),
    path("lookup/table", result_table.result_table, name="result-table"),
    path("e/<path:text>", lookup.resolve_address, name="resolve"),
    path("errors/", include((errors_pages, "errors"))),
    path("messages/", include((messages_pages, "messages"))),
    path("account-events/", account_events.account_events, name="account_events"),
    path("codes/", include((codes_pages, "codes"))),
    path("comments/", include((comments_pages, "comments"))),
    path("exports/", include((exports_pages, "exports"))),
    path("incidents/", include((incidents_pages, "incidents"))),
    path("intake/", include((intake_pages, "intake"))),
    path("inquiries/", include((inquiries_pages, "inquiries"))),
    path("notices/", include((notices_pages, "notices"))),
    path("views/", include((views_pages, "views"))),
    path("presence", presence.presence, name="presence"),
    path("stand", standings.stand, name="stand"),
    path("watches/", include((watches_pages, "watches"))),
    *session_pages,
]
