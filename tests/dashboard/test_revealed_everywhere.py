"""No page shows a hidden character of foreign text unmarked once characters are revealed."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from support_portal.accounts.models import User
from support_portal.accounts.services import issue_token
from support_portal.comments.services import add_comment
from support_portal.inquiries.models import Inquiry
from support_portal.payloads import AccountEvent, Happening
from tests.conftest import ClientFor
from tests.dashboard.sending import ERROR_ID, UMID, a_receipt, an_error, sent
from tests.events.arrived import at, record

ID = re.compile(r'\sid="([^"]+)"')
HIDDEN = "\u200b"
ODD = f"od{HIDDEN}d"
MOST_PAGES = 120
SHOWING = {
    "/",
    "/errors/",
    "/messages/",
    f"/errors/{ERROR_ID}/",
    f"/messages/{UMID}/",
    f"/messages/{UUID(int=5)}/",
    "/account-events/",
    "/codes/api_error/4242/",
    "/intake/senders/",
}
# A field holds what will be sent, and a title of the browser holds no element: neither can have marks.
PLAIN_ONLY = re.compile(r"<(textarea|title|option)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^<>\"']*(?:\"[^\"]*\"[^<>\"']*|'[^']*'[^<>\"']*)*>")
LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"#]*)')
LEFT_OUT = re.compile(r"/(accounts|static|session)/|/codes/(?!api_error/4242/)\w+/\d+/")
SEEN_ONCE = re.compile(r"\?.*")  # one page of each address is enough


def test_no_page_shows_a_hidden_character_unmarked(
    administrator: User, client_for: ClientFor
) -> None:
    client = client_for(administrator)
    _plant(client, administrator)

    visited = dict(_crawl(client))

    marked = {address for address, html in visited.items() if 'title="U+200B ZERO' in html}
    unmarked = {
        address: found
        for address, html in visited.items()
        if (found := [text for text in _texts(html) if HIDDEN in text])
    }
    assert unmarked == {}
    assert marked >= SHOWING
    assert len(visited) < MOST_PAGES


def test_no_id_stands_twice_on_a_page(administrator: User, client_for: ClientFor) -> None:
    client = client_for(administrator)
    _plant(client, administrator)

    twice = {
        address: [name for name, number in Counter(ID.findall(html)).items() if number > 1]
        for address, html in _crawl(client)
    }

    assert {address: names for address, names in twice.items() if names} == {}
    assert f"/inquiries/{Inquiry.objects.get().pk}/" in twice


def _plant(client: Client, person: User) -> None:
    context: dict[str, Any] = {
        "umid": UMID, "service": ODD, "subAccountId": ODD, "clientMessageId": ODD, "channel": ODD,
        "clientBatchId": ODD, "method": "GET", "path": f"/{ODD}", "text": ODD,
    }  # fmt: skip
    sent(an_error(1, code=4242, **context) | {"message": ODD}, f"nonsense {ODD}")
    sent(an_error(1, code=1300, **context) | {"message": f"{ODD} again"})
    about = {"subAccountId": ODD, "source": ODD, "clientMessageId": ODD}
    sent(a_receipt(state="undelivered", detail=ODD, errorCode=15, errorMessage=ODD, message=about))
    told = {"about": UUID(UMID), "channel": ODD, "state": ODD, "text": ODD, "own_end": ODD}
    record(Happening(UUID(int=5), "inbound", at(60), content=ODD, **told))
    paused = {"template": ODD, "status": ODD, "reason": ODD}
    record(AccountEvent(UUID(int=6), "template_status_update", at(0), ODD, **paused))
    add_comment(
        kind="error", key=ERROR_ID, author=person, body=f"see {ODD}\nand https://a.test/{ODD}"
    )
    issue_token(name=ODD, scopes=["events:write"])
    for name, body in ((f"{ODD}.ndjson", f"{ODD}\n"), (f"{ODD}.csv", f"Id;{ODD}\n1;{ODD}\n")):
        files = [SimpleUploadedFile(name, body.encode())]
        client.post("/intake/files/", {"files": files, "end": "yes"})
    page = "/codes/api_error/4242/"
    client.post(f"{page}note", {"text": ODD, "operator": ODD, "reason": ODD, "base": 0})
    client.post(
        f"{page}override", {"headline": ODD, "customer_text": ODD, "reason": ODD, "base": 0}
    )
    client.post("/inquiries/add", {"wanted": f"error_id {ERROR_ID}", "into": "new"})
    words = {"subject": ODD, "question": ODD, "body": ODD, "ruled_out": ODD, "expectation": ODD}
    Inquiry.objects.update(**words)


def _crawl(client: Client) -> Iterator[tuple[str, str]]:
    ahead, known = ["/"], {"/"}
    while ahead and len(known) < MOST_PAGES * 3:
        path = ahead.pop()
        answer = client.get(path, {"reveal": "1"})
        if answer.streaming:  # a file that nobody reads to its end keeps others waiting
            b"".join(answer.streaming_content)
        if not answer.get("Content-Type", "").startswith("text/html") or answer.status_code != 200:
            continue
        html = answer.content.decode()
        yield path, html
        for found in LINK.findall(html):
            place = urlsplit(SEEN_ONCE.sub("", found)).path
            if place not in known and not LEFT_OUT.match(place):
                known.add(place)
                ahead.append(place)


def _texts(html: str) -> list[str]:
    """Return the texts between tags that an eye sees."""
    return TAG.split(PLAIN_ONLY.sub("", html))
