"""Which table a code belongs to, by the names and words beside it."""

import re
from bisect import bisect_left
from functools import cached_property

from support_portal.payloads.recognise.labels import Label

# The contexts are those of `reason_codes.Context`, by value: the two rooms do not know each other.
_BY_LABEL = {
    "providererrorcode": "whatsapp_provider",
    "providercode": "whatsapp_provider",
    "sipcode": "sip",
    "statuscode": "voice_status",
}
_API_ERROR, _MESSAGING, _SMS = "api_error", "chatapps_receipt", "sms_receipt"
_MARKS = {
    "errorid": (_API_ERROR, ""),
    "error id": (_API_ERROR, ""),
    "error_id": (_API_ERROR, ""),
    "api": (_API_ERROR, ""),
    "chatapps": (_MESSAGING, ""),
    "whatsapp": (_MESSAGING, "whatsapp"),
    "viber": (_MESSAGING, "viber"),
    "rcs": (_MESSAGING, "rcs"),
    "zalo": (_MESSAGING, "zalonotification"),
    "zalonotification": (_MESSAGING, "zalonotification"),
    "sms": (_SMS, "sms"),
    "smpp": (_SMS, "sms"),
    "smscount": (_SMS, "sms"),
    "dlvrd": (_SMS, "sms"),
    "gsm7": (_SMS, "sms"),
    "voice": ("voice_error", ""),
    "number lookup": ("number_lookup", ""),
}
_NAMESPACE = "chatapps"
_ERROR_IDS = frozenset(("errorid", "error id", "error_id"))
_MESSAGE_ID = "umid"
_OF_API_ERRORS = frozenset(("code", "codes", "error", "err"))
_MARK = re.compile(
    r"(?<![a-z0-9])(?:" + "|".join(sorted(_MARKS, reverse=True)) + r")(?![a-z0-9]|\.[a-z0-9])",
    re.ASCII,
)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}-|[0-9a-f]{24})", re.ASCII)
_BLANK_LINE = re.compile(r"\n[ \t\r>]*+\n")
_FURTHEST = 1_500
_MOST_MARKS = 12  # on either side


class Contexts:
    """The marks of one text, to ask what a code beside them means."""

    def __init__(self, lower: str) -> None:
        self._text = lower
        self._marks = [(found.start(), found[0]) for found in _MARK.finditer(lower)]
        self._gaps = [found.start() for found in _BLANK_LINE.finditer(lower)]

    @cached_property
    def _ids(self) -> list[int]:
        return [found.start() for found in _ID.finditer(self._text)]

    def of(self, label: Label, place: int) -> tuple[str, str]:
        """Return context and channel of the code at ``place``, empty where nothing tells them."""
        if label.squeezed in _BY_LABEL:
            return _BY_LABEL[label.squeezed], ""
        if not self.is_marked(place):
            return "", ""
        near = self._near(place, *self._line(place)) or self._near(place, *self._record(place))
        return _chosen(label, near) if near else ("", "")

    def is_marked(self, place: int) -> bool:
        """Tell whether any mark is near enough; in a long table hardly any is."""
        index = bisect_left(self._marks, (place - _FURTHEST, ""))
        return index < len(self._marks) and self._marks[index][0] < place + _FURTHEST

    def _line(self, place: int) -> tuple[int, int]:
        start, end = max(0, place - _FURTHEST), place + _FURTHEST
        after = self._text.find("\n", place, end)
        return self._text.rfind("\n", start, place) + 1 or start, end if after < 0 else after

    def _record(self, place: int) -> tuple[int, int]:
        """Return the stretch around ``place`` that no blank line interrupts."""
        start, end = max(0, place - _FURTHEST), place + _FURTHEST
        index = bisect_left(self._gaps, place)
        before, after = self._gaps[max(0, index - 1) : index], self._gaps[index : index + 1]
        return max(start, *before, start), min(end, *after, end)

    def _near(self, place: int, start: int, end: int) -> list[str]:
        """Return the marks between ``start`` and ``end``, the nearest first."""
        index = bisect_left(self._marks, (place, ""))
        around = self._marks[max(0, index - _MOST_MARKS) : index + _MOST_MARKS]
        inside = [mark for mark in around if start <= mark[0] < end]
        if any(word in _ERROR_IDS for _, word in inside):
            messages = self._messages(place)
            inside = [m for m in inside if m[0] >= messages or m[1] not in _ERROR_IDS]
        return [word for _, word in sorted(inside, key=lambda mark: abs(mark[0] - place))]

    def _messages(self, place: int) -> int:
        """Return where messages begin of which the code stands in a row, 0 where it does in none.

        It is no code of an error that is named above them. A head that names both is one of errors.
        """
        begin, end = self._line(place)
        index = bisect_left(self._ids, begin)
        if index == len(self._ids) or self._ids[index] >= end:
            return 0
        named = self._text.rfind(_MESSAGE_ID, max(0, place - _FURTHEST), place)
        return 0 if named < 0 else self._line(named)[0]


def _chosen(label: Label, near: list[str]) -> tuple[str, str]:
    if label.squeezed in _OF_API_ERRORS and not _ERROR_IDS.isdisjoint(near):
        return _API_ERROR, ""
    context, channel = _MARKS[near[0]]
    if _NAMESPACE in near or context == _MESSAGING:
        # The SMS leg of a fallback is told in a receipt of Messaging.
        channels = (_MARKS[word][1] for word in near)
        return _MESSAGING, next(filter(None, channels), "")
    return context, channel
