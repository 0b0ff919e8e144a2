"""Who is told of a comment, and who follows a thread."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from support_portal.accounts.models import User
from support_portal.comments.models import Comment, Following
from support_portal.core.composed import Composed
from support_portal.notices import services
from support_portal.notices.models import Kind
from support_portal.notices.services import News, tell_once
from support_portal.notices.subjects import Subject

NOBODY = "Unknown author"


def name_of(comment: Comment) -> str:
    """Return what the author of a comment is called."""
    if comment.author is None:
        return comment.author_name or NOBODY
    return comment.author.get_full_name() or comment.author.get_username()


def follow(about: Subject, person: User, *, wanted: bool) -> None:
    """Follow a thread, or do not any more."""
    Following.objects.update_or_create(
        target_kind=about.kind, target_key=about.key, user=person, defaults={"wanted": wanted}
    )


def follows(about: Subject, person: User) -> bool:
    """Tell whether a person follows a thread."""
    return bool(_followed(about.kind, about.key, person.pk))


def called(people: Iterable[User], about: Subject) -> None:
    """Let those who are called follow the thread, unless they said that they do not want to."""
    Following.objects.bulk_create(
        [Following(target_kind=about.kind, target_key=about.key, user=person) for person in people],
        ignore_conflicts=True,
    )


def tell(comment: Comment, about: Subject, called_now: Sequence[User]) -> None:
    """Tell of a comment whoever it calls, whom it answers and who follows, each once."""
    news: dict[int, News] = {}
    for word, people in (
        ("mentioned you", called_now),
        ("answered you", _answered(comment)),
        ("commented", _followers(about)),
    ):
        for person in people:
            if person.pk not in news and person.pk != comment.author_id:
                news[person.pk] = _news(comment, about, person, word)
    tell_once([each for each in news.values() if _hears(each.user, about)])


def tell_called(comment: Comment, about: Subject, people: Sequence[User]) -> None:
    """Tell those whom a comment calls since it was edited."""
    news = [
        _news(comment, about, person, "mentioned you")
        for person in people
        if person.pk != comment.author_id and _hears(person, about)
    ]
    if news:
        tell_once(news)


def withdraw(comment: Comment) -> None:
    """Take the words of a comment out of the notices of it."""
    told = Following.objects.filter(target_kind=comment.target_kind, target_key=comment.target_key)
    people = set(told.values_list("user_id", flat=True))
    people.update(person.pk for person in _answered(comment))  # who need not follow
    services.withdraw(people, _once(comment))


def _once(comment: Comment) -> str:
    return f"comment {comment.pk}"


def _hears(person: User, about: Subject) -> bool:
    return person.is_active and about.seen_by(person)


def _answered(comment: Comment) -> list[User]:
    before = comment.reply_to
    return [before.author] if before and before.author else []


def _followers(about: Subject) -> list[User]:
    rows = _wanting(about.kind, about.key).filter(user__is_active=True).select_related("user__team")
    return [row.user for row in rows.order_by("user_id")]


def _wanting(kind: str, key: str) -> QuerySet[Following]:
    return Following.objects.filter(target_kind=kind, target_key=key, wanted=True)


_followed = Composed(lambda kind, key, person: _wanting(kind, key).filter(user=person))


def _who(comment: Comment) -> str:
    name = name_of(comment)
    return f"{name} ({comment.source})" if comment.author is None and comment.source else name


def _news(comment: Comment, about: Subject, person: User, word: str) -> News:
    return News(
        user=person,
        kind=Kind.TALK,
        title=f"{_who(comment)} {word} on {about.title}",
        text=comment.body,
        link=f"{about.href}#comment-{comment.pk}",
        once=_once(comment),
    )
