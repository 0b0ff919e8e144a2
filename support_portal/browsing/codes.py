"""Which codes a code table lists, and whose problem they are.

Verdicts are those of the tables.  What the team says about a code changes what a page shows of it,
and not which list it is in.
"""

from collections.abc import Collection, Mapping
from functools import cache

from support_portal.insights.asking import Choice, Readings
from support_portal.insights.models import Kind
from support_portal.reason_codes import Context, Whose, decode, registries

API_TABLES = ("api_error", "api_error_undocumented")
RECEIPT_TABLES = (
    "sms_dlr",
    "chatapps_dlr_general",
    "chatapps_dlr_whatsapp",
    "chatapps_dlr_viber",
    "chatapps_dlr_wavecell_legacy",
)
UNLISTED = "none"
_ANY_CODE = Choice(frozenset({None}), without=True)
# People write who it is, not the word that the tables use.
WHOSE: Mapping[str, Whose] = {each.value: each for each in Whose} | {
    "us": Whose.OUR_REQUEST,
    "ours": Whose.OUR_REQUEST,
    "account": Whose.OUR_ACCOUNT,
    "8x8": Whose.PLATFORM,
}


def tables_of(kind: Kind) -> tuple[str, ...]:
    """Return the code tables whose numbers occur in records of this kind."""
    return API_TABLES if kind is Kind.ERROR else RECEIPT_TABLES


def listed_in(kind: Kind, keys: Collection[str], *, without: bool = False) -> Readings:
    """Return the readings by one of these tables; UNLISTED stands for codes that none lists."""
    if kind is Kind.MESSAGE:
        by_table = {key: _ANY_CODE for key in keys if key != UNLISTED}
        return Readings(by_table | ({"": _ANY_CODE} if UNLISTED in keys else {}), without)
    listed = {code for key in keys if key != UNLISTED for code in registries()[key].codes}
    if UNLISTED not in keys:
        return Readings({"": Choice(frozenset(listed))}, without)
    every = {code for key in API_TABLES for code in registries()[key].codes}
    return Readings({"": Choice(frozenset(every - listed), without=True)}, without)


def whose(kind: Kind, answers: Collection[str], *, without: bool = False) -> Readings:
    """Return the readings whose verdict is one of these; codes of no table are nobody knows whose."""
    asked = {WHOSE[answer] for answer in answers}
    if kind is Kind.ERROR:
        verdicts = _errors()
        if Whose.UNKNOWN in asked:
            others = frozenset(code for code, said in verdicts.items() if said not in asked)
            return Readings({"": Choice(others, without=True)}, without)
        codes = frozenset(code for code, said in verdicts.items() if said in asked)
        return Readings({"": Choice(codes)}, without)
    by_table = {
        key: Choice(
            frozenset(
                code
                for code, reason in registries()[key].codes.items()
                if reason.verdict.whose in asked
            )
        )
        for key in RECEIPT_TABLES
    }
    unlisted = {"": _ANY_CODE} if Whose.UNKNOWN in asked else {}
    return Readings(
        {key: choice for key, choice in by_table.items() if choice.values} | unlisted, without
    )


@cache
def _errors() -> Mapping[int, Whose]:
    """Return whose problem each code of an API error is."""
    codes = {code for key in API_TABLES for code in registries()[key].codes}
    return {code: decode(Context.API_ERROR, "", code).verdict.whose for code in codes}
