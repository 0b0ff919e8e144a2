"""The search for garbage is left until later and not for ever."""

import gc

import pytest

from support_portal.core import garbage


def test_nothing_is_searched_meanwhile_and_again_afterwards() -> None:
    with garbage.left_alone():
        with garbage.left_alone():
            pass
        assert not gc.isenabled()

    assert gc.isenabled()


def test_it_is_searched_again_after_a_failure() -> None:
    with pytest.raises(ValueError, match="stumbled"), garbage.left_alone():
        raise ValueError("stumbled")

    assert gc.isenabled()
