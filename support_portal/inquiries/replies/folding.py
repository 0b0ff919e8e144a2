"""What a mail says itself, and what it repeats of the talk before."""

import re

# Lines behind which mail programs repeat what was written before.
_BEGINS = re.compile(
    r"\s*(?:"
    r"-{2,} ?(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d.origine) ?-{2,}"
    r"|_{20,}"
    r"|On .{5,200} wrote:"
    r"|Am .{5,200} schrieb .{1,200}:"
    r"|Le .{5,200} a écrit ?:"
    r")\s*",
    re.IGNORECASE,
)
_ON = re.compile(r"\s*On .{5,150}", re.IGNORECASE)
_FROM = re.compile(r"\*?(?:From|Von|De):\*? .{1,250}", re.IGNORECASE)
_SENT = re.compile(r"\*?(?:Sent|Date|Gesendet|Datum|Envoyé):\*? ", re.IGNORECASE)


def folded(text: str) -> tuple[str, str]:
    """Return what a mail says and what it repeats; one that only repeats says all of it."""
    lines = text.split("\n")
    place = next((number for number in range(len(lines)) if _repeats(lines, number)), len(lines))
    own, quoted = "\n".join(lines[:place]).strip(), "\n".join(lines[place:]).strip()
    return (own, quoted) if own else (text.strip(), "")


def _repeats(lines: list[str], number: int) -> bool:
    """Tell whether what was written before begins with this line."""
    line = lines[number][:600]
    after = lines[number + 1][:600] if number + 1 < len(lines) else ""
    if _BEGINS.fullmatch(line):
        return True
    if _ON.fullmatch(line) and after.rstrip().endswith("wrote:"):  # folded by a mail program
        return True
    if _FROM.fullmatch(line) and any(map(_SENT.match, lines[number + 1 : number + 3])):
        return True
    return line.startswith(">") and all(
        each.startswith(">") or not each.strip() for each in lines[number : number + 200]
    )
