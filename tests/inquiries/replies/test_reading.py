"""Mails as plain values, whatever their senders did to them."""

from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.inquiries.replies import reading
from support_portal.inquiries.replies.folding import folded
from support_portal.inquiries.replies.markup import as_text
from support_portal.inquiries.replies.reading import read


def mail(text: str = "Fixed.\n", **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "Ann <ann@8x8.example>", "Subject": "Re: ours", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def raw(*lines: str | bytes) -> bytes:
    return b"\r\n".join(each if isinstance(each, bytes) else each.encode() for each in lines)


def test_a_plain_mail_is_read() -> None:
    found = read(
        mail(
            Message_ID="<a@8x8.example>",
            In_Reply_To="<inq-1.2@northwind.example>",
            References="<first@x.example> <inq-1.2@northwind.example>",
            Date="Mon, 20 Jul 2026 10:00:00 +0200",
        ).as_bytes()
    )

    assert (found.message_id, found.sender, found.address) == (
        "<a@8x8.example>",
        "Ann <ann@8x8.example>",
        "ann@8x8.example",
    )
    assert found.answers == ("<inq-1.2@northwind.example>", "<first@x.example>")
    assert (found.subject, found.text, found.whole) == ("Re: ours", "Fixed.", True)
    assert found.written_at is not None
    assert found.written_at.isoformat() == "2026-07-20T08:00:00+00:00"


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("us-ascii", "東京".encode(), "東京"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("rot13", b"abc", "abc"),
        ("punycode", b"abc", "abc"),
        ("shift_jis", "東京".encode("shift_jis"), "東京"),
        ("utf-16", b"\xff\xfea", "ÿþa"),
    ],
)
def test_a_charset_that_is_wrong_loses_no_words(charset: str, content: bytes, text: str) -> None:
    head = f"Content-Type: text/plain; charset={charset}"

    assert read(raw(head, "Content-Transfer-Encoding: 8bit", "", content)).text == text


def test_html_alone_is_read_as_text() -> None:
    html = (
        "<html><head><style>p{}</style><title>x</title></head><body><!-- hidden <p>no</p> -->"
        "<p>Dear&nbsp;team,</p><div>the route is <b>fixed</b>.<br>See <a href='https://status.example/1'>here</a>"
        "</div><ul><li>one</li><li>two</li></ul><script>alert(1)</script>"
        "<blockquote>what you wrote</blockquote></body></html>"
    )
    found = read(raw("Content-Type: text/html; charset=utf-8", "", html))

    assert found.text == (
        "Dear team,\n\nthe route is fixed.\nSee here <https://status.example/1>\n- one\n- two"
    )
    assert found.quoted == "> what you wrote"


def test_plain_text_goes_before_html() -> None:
    both = mail("plain")
    both.add_alternative("<p>marked</p>", subtype="html")

    assert read(both.as_bytes()).text == "plain"


def test_files_are_told_as_their_sender_calls_them() -> None:
    made = mail()
    made.add_attachment(b"MZ", maintype="image", subtype="png", filename="../../report\u202e.png")
    made.add_attachment("<script>", subtype="html", filename="note.html")

    files = read(made.as_bytes()).files

    assert [(each.kind, each.content.strip()) for each in files] == [
        ("image/png", b"MZ"),
        ("text/html", b"<script>"),
    ]
    assert all(each.name.isprintable() for each in files)


def test_no_type_of_a_file_holds_what_no_database_takes() -> None:
    head = b"Content-Type: application/x\x00y\nContent-Disposition: attachment; filename=a\n\n"

    assert [each.kind for each in read(head + b"b").files] == ["application/x y"]


def test_a_report_names_what_came_back() -> None:
    head = raw(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "",
        "--b", "Content-Type: text/plain", "", "It did not arrive.",
        "--b", "Content-Type: message/rfc822", "", "Message-ID: <inq-1.2@northwind.example>", "", "x",
        "--b--",
    )  # fmt: skip

    found = read(head)

    assert found.answers == ("<inq-1.2@northwind.example>",)
    assert (found.automatic, found.text) == (True, "It did not arrive.")


@pytest.mark.parametrize(
    ("head", "automatic"),
    [("auto-replied", True), ("auto-generated", False), ("no", False)],
)
def test_an_absence_note_is_told_from_an_answer(head: str, automatic: bool) -> None:
    assert read(mail(Auto_Submitted=head).as_bytes()).automatic is automatic


@pytest.mark.parametrize(
    "encoded",
    [
        "=?utf-8?q?=0D=0ABcc:_x@evil.test?=",
        "=?utf-8?b?!!!?=",
        "=?punycode?q?a?=",
        "=?utf-8?q?=E2=80=AEhidden?=",
    ],
)
def test_a_subject_is_one_line(encoded: str) -> None:
    subject = read(raw(f"Subject: {encoded}", "", "x")).subject

    assert "\n" not in subject
    assert "\u202e" not in subject


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number)
        for number in range(depth)
    )
    return b"Subject: deep\r\n" + opened + b"\r\nx"


HOSTILE = {
    "nested": nested(5_000),
    "many parts": b"Subject: deep\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\n" * 200_000,
    "many headers": b"Subject: deep\r\n" + b"a:b\r\n" * 300_000 + b"\r\nx",
    "a long header": b"Subject: deep\r\nReferences: " + b"<a@b> " * 300_000 + b"\r\n\r\nx",
    "comments": b"Subject: deep\r\nContent-Type: " + b"(" * 100_000 + b"\r\n\r\nx",
    "no line ends": b"Subject: deep\r\n\r\n" + b"x" * 5_000_000,
    "broken html": b"Subject: deep\r\nContent-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
    "scripts": b"Subject: deep\r\nContent-Type: text/html\r\n\r\n" + b"<script></script>" * 30_000,
    "open tags": b"Subject: deep\r\nContent-Type: text/html\r\n\r\n" + b"<a href=" * 60_000,
    "references": b"Subject: deep\r\nContent-Type: text/html\r\n\r\n&#" + b"9" * 100_000 + b";",
    "punycode": b"Subject: deep\r\nContent-Type: text/plain; charset=punycode\r\n\r\n"
    + b"a" * 1_000_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_costs_little_and_keeps_its_subject(content: bytes, measured: Any) -> None:
    found = measured(lambda: read(content))

    assert len(found.text) <= reading.LONGEST_TEXT
    assert found.subject in ("deep", "")


@given(st.binary(max_size=600))
def test_no_bytes_are_a_failure(content: bytes) -> None:
    found = read(content)

    assert "\x00" not in found.text + found.subject + found.sender + found.quoted


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>", "</p>", "<!--", "-->", "<a href='https://x.example'>", "</a>", "<script>",
                "</script>", "<blockquote>", "&lt;", "&#0;", "&#xD800;", "&#99999999999;", "<", "words",
            ]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_markup_is_a_failure(pieces: list[str]) -> None:
    as_text("".join(pieces)).encode()


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, 20 Jul 2026 at 10:00, Support <support@northwind.example> wrote:",
        "Am 20.07.2026 um 10:00 schrieb Support:",
        "-----Original Message-----",
        "________________________________",
        "On Mon, 20 Jul 2026 at 10:00, Support\n<support@northwind.example> wrote:",
        "From: Support\nSent: Monday\nTo: us",
        "> what you asked\n> before",
    ],
)
def test_what_is_repeated_is_folded(line: str) -> None:
    assert (
        folded(f"Fixed.\n\n{line}\nour letter") == ("Fixed.", f"{line}\nour letter")
        or line[0] == ">"
    )
    assert folded(f"Fixed.\n{line}")[0] == "Fixed."


def test_what_stands_between_quotations_is_not_folded() -> None:
    text = "> did it change?\nYes.\n> since when?\nMonday."

    assert folded(text) == (text, "")
    assert folded("-----Original Message-----\nonly this") == (
        "-----Original Message-----\nonly this",
        "",
    )
