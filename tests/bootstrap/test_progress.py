"""Progress is one line that is rewritten, or a line now and then."""

import io

import pytest

from support_portal.bootstrap.progress import Progress


class Terminal(io.StringIO):
    """Text that says it is seen by a person."""

    def isatty(self):
        return True


def test_where_lines_stay_one_is_printed_now_and_then():
    times = iter([0.0, 1.0, 3.5, 3.5, 3.5, 4.0, 7.2])
    out = io.StringIO()
    progress = Progress(out, clock=lambda: next(times))

    progress.show("1 of 3")
    progress.show("2 of 3")
    progress.show("3 of 3")
    progress.finish("ready")

    assert out.getvalue() == "2 of 3, 4 s\nready (7 s)\n"


def test_on_a_terminal_the_line_is_rewritten():
    times = iter([0.0, 1.0, 2.0])
    out = Terminal()
    progress = Progress(out, clock=lambda: next(times))

    progress.show("1 of 3")
    progress.finish("ready")

    assert out.getvalue() == "\r\x1b[2K1 of 3, 1 s\r\x1b[2Kready (2 s)\n"


def test_a_failure_clears_the_line_for_the_message():
    out = Terminal()

    progress = Progress(out, clock=lambda: 0.0)
    progress.show("1 of 3")

    with pytest.raises(SystemExit), progress:
        raise SystemExit("why")

    assert out.getvalue() == "\r\x1b[2K1 of 3, 0 s\r\x1b[2K"
