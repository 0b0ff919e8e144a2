"""What is sealed can be opened by its key only, whole only, and after a rotation too."""

import hmac
import zlib

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from support_portal.core import sealing

OLD = "2025:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NEW = "2026:Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="


@given(st.binary(max_size=5000))
def test_sealed_data_come_back_and_do_not_show(data):
    sealed = sealing.seal(data)

    assert sealing.unseal(sealed) == data
    assert len(data) < 8 or data not in sealed


def test_the_same_data_are_sealed_differently_each_time():
    assert sealing.seal(b"+12025550101") != sealing.seal(b"+12025550101")


@given(st.lists(st.binary(max_size=2000)))
def test_many_are_sealed_each_by_itself(many):
    sealed = sealing.seal_each(many)

    assert [sealing.unseal(each) for each in sealed] == many
    assert len(set(sealed)) == len(many)


def test_what_is_sealed_together_has_a_nonce_of_its_own():
    header = len(sealing.PLAIN) + 1 + sealing.seal(b"")[1]
    sealed = sealing.seal_each([b"+12025550101"] * 3)

    assert len({each[header : header + sealing.NONCE_LENGTH] for each in sealed}) == 3


def test_every_changed_byte_is_noticed():
    sealed = sealing.seal(b"+12025550101")

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 2, 6, 17, 30])
def test_a_cut_value_is_noticed(length):
    with pytest.raises(sealing.Unsealable):
        sealing.unseal(sealing.seal(b"+12025550101")[:length])


def test_a_rotation_keeps_old_values_readable_and_findable(settings):
    settings.SEAL_KEYS = OLD
    sealed, digest = sealing.seal(b"+12025550101"), sealing.search_digest("+12025550101")

    settings.SEAL_KEYS = f"{NEW},{OLD}"

    assert sealing.unseal(sealed) == b"+12025550101"
    assert digest in sealing.search_digests("+12025550101")
    assert digest != sealing.search_digest("+12025550101")


def test_a_key_that_is_gone_is_named(settings):
    settings.SEAL_KEYS = OLD
    sealed = sealing.seal(b"x")
    settings.SEAL_KEYS = NEW

    with pytest.raises(sealing.Unsealable) as refusal:
        sealing.unseal(sealed)

    assert str(refusal.value) == "the key '2025' is not in PORTAL_SEAL_KEYS"


@pytest.mark.parametrize("text", ["", "a:short", "no colon", "a:!!!!", f"{OLD},{OLD}"])
def test_a_malformed_ring_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"^PORTAL_SEAL_KEYS"):
        sealing.read_keys(text)


def test_a_new_key_can_be_used():
    key_id = sealing.read_keys(sealing.new_key("2027"))[0].id

    assert key_id == "2027"


def test_short_values_sealed_compressed_by_an_earlier_version_still_open(settings):
    settings.SEAL_KEYS = OLD
    key = sealing.read_keys(OLD)[0]
    header, nonce = b"\x01" + key.label, bytes(12)
    sealed = header + nonce + key.cipher.encrypt(nonce, zlib.compress(b"+12025550101"), header)

    assert sealing.unseal(sealed) == b"+12025550101"


def test_a_search_digest_is_an_hmac_under_a_key_of_its_own(settings):
    settings.SEAL_KEYS = OLD
    secret = sealing.read_keys(OLD)[0].secret
    key = hmac.digest(secret, b"search digest", "sha256")

    expected = hmac.digest(key, "Ünal +12025550101".encode(), "sha256")[:16]
    assert sealing.search_digest("Ünal +12025550101") == expected
