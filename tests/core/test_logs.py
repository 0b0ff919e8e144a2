"""A log record is one line, whatever it carries."""

import logging

from hypothesis import given
from hypothesis import strategies as st

from support_portal.core.logs import OneLineFormatter


@given(st.text())
def test_foreign_text_cannot_start_a_line_of_its_own(text):
    record = logging.LogRecord("portal", logging.INFO, "x.py", 1, "got %s", (text,), None)

    assert len(OneLineFormatter().format(record).splitlines()) == 1
