"""The large sentence on a page names whose problem it is, where that is known."""

import pytest

from support_portal.reason_codes import Retry, Verdict, Whose


@pytest.mark.parametrize(
    ("whose", "headline", "lead"),
    [
        (Whose.OUR_REQUEST, "It asks for a message.", "Our request: it asks for a message."),
        (Whose.OPERATOR, "A network is down.", "The operator: a network is down."),
        (Whose.CHANNEL, "WhatsApp refused it.", "The channel: WhatsApp refused it."),
        (Whose.CHANNEL, "Viber did not answer.", "The channel: Viber did not answer."),
        (Whose.PLATFORM, "8x8's side failed.", "8x8: 8x8's side failed."),
        (Whose.UNKNOWN, "We do not know.", "We do not know."),
        (Whose.NOBODY, "Nothing failed.", "Nothing failed."),
    ],
)
def test_the_lead_names_whose_problem_it_is(whose, headline, lead):
    verdict = Verdict(whose, Retry.NEVER, "", headline, (), "")

    assert verdict.lead == lead
