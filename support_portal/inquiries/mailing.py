"""A frozen letter as a mail: the same bytes whenever it is asked for."""

from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote

from support_portal.inquiries.models import Letter, Way

UNFOLDED = policy.SMTP.clone(max_line_length=998)  # what RFC 5322 allows
LONGEST_LINK = 1_900  # what mail programs and browsers take without cutting


def message(letter: Letter) -> EmailMessage:
    """Return the mail; no text makes a header, for policy.SMTP refuses line ends and _name takes the rest."""
    mail = EmailMessage(policy=policy.SMTP)
    if letter.sender:
        mail["From"] = letter.sender
    # A request goes to no mail address; as a file it is for a person to send.
    if letter.way != Way.ZENDESK:
        mail["To"] = letter.to
    _name(mail, letter.subject)
    mail["Date"] = format_datetime(letter.frozen_at)
    mail["Message-ID"] = letter.message_id
    if letter.references:
        mail["In-Reply-To"] = letter.references.split()[-1]
        mail["References"] = letter.references
    mail.set_content(letter.text, cte="quoted-printable")
    for subtype, content in (("csv", letter.csv), ("x-ndjson", letter.ndjson)):
        mail.add_attachment(
            content.encode(),
            maintype="text" if subtype == "csv" else "application",
            subtype=subtype,
            filename=f"evidence.{subtype.removeprefix('x-')}",
        )
    mail.set_boundary(f"=_{letter.checksum[:40]}")
    return mail


def _name(mail: EmailMessage, subject: str) -> None:
    """Set the subject, in which nothing is read as the encoded words of mails.

    Python decodes them in what it is given, line ends and all, and writes them as they are then; and
    where it folds words of its own it loses the spaces between.  So it gets them as they go out.
    """
    if subject.isascii() and "=?" not in subject:
        mail["Subject"] = subject
    else:
        encoded = Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
        mail.set_raw("Subject", encoded)


def eml(letter: Letter) -> bytes:
    """Return the mail as a file; X-Unsent lets mail programs open it for sending."""
    mail = message(letter)
    mail["X-Unsent"] = "1"
    return written(mail)


def written(mail: EmailMessage) -> bytes:
    """Return the bytes.  A subject that just fits a line is not folded: it would begin with nothing."""
    plain = mail["Subject"].isascii()
    return mail.as_bytes(policy=UNFOLDED if plain else policy.SMTP)


def mailto(letter: Letter) -> str:
    """Return a link that opens a mail program; a long letter is cut at the end of a line."""
    head = f"mailto:{quote(letter.to, safe='@')}?subject={quote(letter.subject, safe='')}&body="
    body = ""
    for line in letter.text.splitlines():
        more = body + quote(f"{line}\r\n", safe="")
        if len(head) + len(more) > LONGEST_LINK:
            break
        body = more
    return head + body
