"""The template of each kind of inquiry: what it is called, what is asked, and what we expect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support_portal.inquiries.letters import wording
from support_portal.inquiries.letters.sample import Sample

LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one kind; {codes} stands for what the evidence says."""

    thing: str  # what is counted
    subject: str
    question: str
    expectation: str
    unlisted: str = ""  # asked instead where our tables do not list the code


TEMPLATES: Mapping[str, Template] = {
    "api_error": Template(
        thing="request",
        subject="{Codes}",
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
        subject="Not delivered: {codes}",
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
        subject="No final receipt",
        question=(
            "Which state did these messages reach in the end, and why have we not received a final"
            " receipt? Were receipts sent to our webhook, and what did it answer?"
        ),
        expectation="A final receipt for each message, and those that are missing sent once more.",
    ),
    "latency": Template(
        thing="message",
        subject="Late delivery",
        question=(
            "Where did these messages wait, on your side or at the operator, and is it a known"
            " fault? From when may we count on the usual times again?"
        ),
        expectation="Delivery in the usual time for this route, or a time from which it is back to it.",
    ),
    "wrong_charge": Template(
        thing="message",
        subject="Charge in question",
        question=(
            "What was charged for each of these messages, by which rule, and does it agree with our"
            " price list?"
        ),
        expectation="A correction where the charge does not agree with our price list.",
    ),
}


def proposed(kind: str, samples: Sequence[Sample]) -> dict[str, str]:
    """Return what the template puts into the fields that a person may change."""
    template = TEMPLATES[kind]
    coded = [each for each in samples if each.code is not None]
    unlisted = bool(coded) and not any(each.registry or each.ambiguous for each in coded)
    words = {"codes": _codes(coded), "Codes": _codes(coded, title=True)}
    return {
        "subject": _subject(template, samples, words),
        "question": (template.unlisted if unlisted and template.unlisted else template.question)
        .format_map(words)
        .strip(),
        "expectation": template.expectation,
    }


def _subject(template: Template, samples: Sequence[Sample], words: Mapping[str, str]) -> str:
    parts = [template.subject.format_map(words)]
    if samples:
        times = sorted(each.at for each in samples if each.at)
        since = f" since {wording.minute(times[0])}" if len(times) > 1 else ""
        parts.append(wording.plural(len(samples), template.thing) + since)
        if len(places := {each.sub_account for each in samples if each.sub_account}) > 1:
            parts.append(f"{len(places)} sub-accounts")
        if len(countries := sorted({each.country for each in samples if each.country})) == 1:
            parts.append(countries[0])
    return ", ".join(parts)[:LONGEST_SUBJECT]


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
