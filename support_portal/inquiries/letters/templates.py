"""The template of each kind of inquiry: what it is called, what is asked, and what we expect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from support_portal.inquiries.letters import wording
from support_portal.inquiries.letters.language import fill, parse
from support_portal.inquiries.letters.sample import Sample

LONGEST_SUBJECT, LONGEST_TEXT = 200, 4_000
# What the evidence says, by the name that templates have for it, and what that is.
VARIABLES: Mapping[str, str] = {
    "codes": "the codes with their names: code 1300 (Not found); “an error” without any",
    "Codes": "the same to begin with: Error 1300 (Not found)",
    "count": "how many: 7 requests",
    "since": "when the first of several was: 2026-11-23 01:52 UTC",
    "last": "when the last of several was",
    "places": "how many sub-accounts, of several: 2 sub-accounts",
    "sub_accounts": "the sub-accounts by name",
    "country": "the country, where it is one: PH",
    "countries": "all countries: PH and SG",
    "operators": "the operators: Globe and Singtel",
    "channels": "the channels: sms",
    "senders": "the sender names",
    "states": "the states of messages: undelivered / rejected_by_operator",
}


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one kind in the language of templates; VARIABLES stand for what the evidence says."""

    thing: str  # what is counted
    subject: str
    question: str
    expectation: str
    unlisted: str = ""  # asked instead where our tables do not list the code


AFTER_THE_SUBJECT = "[, {count}][ since {since}][, {places}][, {country}]"
TEMPLATES: Mapping[str, Template] = {
    "api_error": Template(
        thing="request",
        subject="{Codes}" + AFTER_THE_SUBJECT,
        question=(
            "What caused these answers with {codes}? If the cause lies in our requests, which part"
            " of them was refused, and what would you have accepted? If it lies on your side, since"
            " when, and is it solved?"
        ),
        expectation="That such a request is accepted, or an answer that says which part of it to change.",
        unlisted=(
            "The tables that we hold do not list {codes}. What does it mean, and what caused it here?"
        ),
    ),
    "failed_delivery": Template(
        thing="message",
        subject="Not delivered: {codes}" + AFTER_THE_SUBJECT,
        question=(
            "Why were these messages not delivered? What exactly did the operator or the provider of"
            " the channel answer, is it a known fault there, and may we send again?"
        ),
        expectation="That such messages are delivered, or the answer of the network for each umid.",
        unlisted=(
            "The tables that we hold do not list {codes}. What does it mean, and why were these"
            " messages not delivered?"
        ),
    ),
    "missing_receipts": Template(
        thing="message",
        subject="No final receipt" + AFTER_THE_SUBJECT,
        question=(
            "Which state did these messages reach in the end, and why have we not received a final"
            " receipt? Were receipts sent to our webhook, and what did it answer?"
        ),
        expectation="A final receipt for each message, and those that are missing sent once more.",
    ),
    "latency": Template(
        thing="message",
        subject="Late delivery" + AFTER_THE_SUBJECT,
        question=(
            "Where did these messages wait, on your side or at the operator, and is it a known"
            " fault? From when may we count on the usual times again?"
        ),
        expectation="Delivery in the usual time for this route, or a time from which it is back to it.",
    ),
    "wrong_charge": Template(
        thing="message",
        subject="Charge in question" + AFTER_THE_SUBJECT,
        question=(
            "What was charged for each of these messages, by which rule, and does it agree with our"
            " price list?"
        ),
        expectation="A correction where the charge does not agree with our price list.",
    ),
}


def proposed(
    kind: str, samples: Sequence[Sample], template: Template | None = None
) -> dict[str, str]:
    """Return what a template, the built-in one by default, puts into the fields that a person may change."""
    template = template or TEMPLATES[kind]
    values = said(template.thing, samples)
    coded = [each for each in samples if each.code is not None]
    unlisted = bool(coded) and not any(each.registry or each.ambiguous for each in coded)
    question = template.unlisted if unlisted and template.unlisted else template.question
    subject = " ".join(_filled(template.subject, values).split())
    return {
        "subject": subject[:LONGEST_SUBJECT],
        "question": _filled(question, values)[:LONGEST_TEXT],
        "expectation": _filled(template.expectation, values)[:LONGEST_TEXT],
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    return fill(parse(text, VARIABLES), values).strip()


def said(thing: str, samples: Sequence[Sample]) -> dict[str, str]:
    """Return the value of each of VARIABLES, "" for what the evidence does not say."""
    coded = [each for each in samples if each.code is not None]
    times = sorted(each.at for each in samples if each.at)
    sub_accounts = _distinct(each.sub_account for each in samples)
    countries = _distinct(each.country for each in samples)
    return {
        "codes": _codes(coded),
        "Codes": _codes(coded, title=True),
        "count": wording.plural(len(samples), thing) if samples else "",
        "since": wording.minute(times[0]) if len(times) > 1 else "",
        "last": wording.minute(times[-1]) if len(times) > 1 else "",
        "places": f"{len(sub_accounts)} sub-accounts" if len(sub_accounts) > 1 else "",
        "sub_accounts": _listed(sub_accounts),
        "country": countries[0] if len(countries) == 1 else "",
        "countries": _listed(countries),
        "operators": _listed(_distinct(each.operator for each in samples)),
        "channels": _listed(_distinct(each.channel for each in samples)),
        "senders": _listed(_distinct(each.sender for each in samples)),
        "states": _listed(_distinct(wording.state(each) for each in samples)),
    }


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(filter(None, values)))


def _listed(values: list[str]) -> str:
    return wording.listed(values) if values else ""


def _codes(coded: Sequence[Sample], *, title: bool = False) -> str:
    """Name the codes: “code 1300 (Not found)”, or as the beginning of a subject."""
    found = {(each.registry, each.code): each for each in coded}
    if not found:
        return "API error" if title else "an error"
    named = [
        f"{each.code} ({each.meaning})" if each.registry and each.meaning else str(each.code)
        for each in found.values()
    ]
    word = ("Error" if title else "code") if len(named) == 1 else ("Errors" if title else "codes")
    return f"{word} {wording.listed(named[:3] + [f'{len(named) - 3} more'] * (len(named) > 3))}"
