"""Comments on errors and messages: typed text stays text."""

import re

import pytest
from django.test import Client

from support_portal.accounts.models import User
from support_portal.comments.models import Comment
from support_portal.comments.services import BODY_LIMIT, add_comment
from support_portal.dashboard.comment_text import Piece, paragraphs
from tests.conftest import ClientFor
from tests.dashboard.reading import errors, page, words
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, UMID, a_receipt, an_error, sent

ERROR = f"/errors/{ERROR_ID}/"
MESSAGE = f"/messages/{UMID}/"
HTMX = {"HX-Request": "true"}
PAGES = pytest.mark.parametrize("address", [ERROR, MESSAGE])


@pytest.fixture(autouse=True)
def _records(db: None) -> None:
    sent(an_error(), a_receipt())


def bodies() -> list[str]:
    return list(Comment.objects.order_by("id").values_list("body", flat=True))


@PAGES
def test_a_comment_is_kept_and_the_page_shown_again(address: str, agent_client: Client) -> None:
    response = agent_client.post(address + "comments/", {"body": "hello\r\nthere"})

    assert (response.status_code, response["Location"]) == (302, address + "#comments")
    assert bodies() == ["hello\nthere"]


@PAGES
def test_htmx_gets_the_thread_alone(address: str, agent_client: Client) -> None:
    response = agent_client.post(address + "comments/", {"body": "hello"}, headers=HTMX)

    html = page(response)
    assert (
        response.status_code,
        html.lstrip().startswith('<section class="card" id="comments"'),
    ) == (
        200,
        True,
    )
    assert '<p dir="auto">hello</p>' in html


@PAGES
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_empty_comment_is_refused_beside_its_field(
    address: str, headers: dict[str, str], agent_client: Client
) -> None:
    response = agent_client.post(address + "comments/", {"body": " \n "}, headers=headers)

    assert (response.status_code, errors(response)) == (422, ["Write something first."])
    assert bodies() == []


@PAGES
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_long_comment_is_refused_and_nothing_of_it_is_lost(
    address: str, headers: dict[str, str], agent_client: Client
) -> None:
    body = "x" * (BODY_LIMIT + 1)

    response = agent_client.post(address + "comments/", {"body": body}, headers=headers)

    assert (response.status_code, body in page(response)) == (422, True)
    assert errors(response) == [
        "That is 10,001 characters. A comment holds 10,000; split it in two."
    ]


@PAGES
def test_a_viewer_reads_without_a_form_and_may_not_write(
    address: str, viewer: User, client_for: ClientFor
) -> None:
    client = client_for(viewer)

    html = page(client.get(address))
    response = client.post(address + "comments/", {"body": "hello"})

    assert ('<h2 id="comments-title">' in html, (address + "comments/") in html) == (True, False)
    assert (response.status_code, bodies()) == (403, [])


def test_a_comment_on_what_is_not_held_is_not_kept(agent_client: Client) -> None:
    response = agent_client.post(ERROR.replace("0001/", "0009/") + "comments/", {"body": "hello"})

    assert (response.status_code, bodies()) == (404, [])


def test_a_comment_needs_the_token_of_the_form(agent: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent, backend="support_portal.accounts.backends.PasswordBackend")

    assert client.post(ERROR + "comments/", {"body": "hello"}).status_code == 403


def test_a_comment_is_shown_as_typed_and_never_as_markup(agent_client: Client) -> None:
    add_comment(kind="error", key=ERROR_ID, body=HOSTILE, author_name=HOSTILE, source=HOSTILE)

    html = page(agent_client.get(ERROR))

    assert (HOSTILE in html, html.count(SHOWN) > 4) == (False, True)


def test_only_http_addresses_become_links(agent: User, agent_client: Client) -> None:
    body = (
        'see https://example.com/a?b="><script>alert(1)</script>, '
        "javascript:alert(2) data:text/html,x http://example.com/(x)."
    )
    add_comment(kind="error", key=ERROR_ID, author=agent, body=body)

    html = page(agent_client.get(ERROR))

    (shown,) = re.findall(r'<p dir="auto">(.*?)</p>', html)
    assert re.findall(r"<a [^>]*>", shown) == [
        '<a class="link" href="https://example.com/a?b=" rel="noopener nofollow ugc">',
        '<a class="link" href="http://example.com/(x)" rel="noopener nofollow ugc">',
    ]
    assert "<script>alert" not in html
    assert words(shown).replace(" ", "") == body.replace(" ", "")


def test_a_text_in_pieces_is_the_text() -> None:
    assert paragraphs("one\ntwo https://example.com/a.\n\n\nthree") == (
        (
            (Piece("one"),),
            (Piece("two "), Piece("https://example.com/a", "https://example.com/a"), Piece(".")),
        ),
        ((Piece("three"),),),
    )
