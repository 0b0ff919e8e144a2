"""What goes wrong while packages are installed is told with a way out."""

import errno

import pytest

from support_portal.bootstrap import explain

UNREACHABLE = "The package index could not be reached."


@pytest.mark.parametrize(
    ("output", "start"),
    [
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", UNREACHABLE),
        ("ConnectTimeoutError(<pip…>, 'Connection to index timed out.')", UNREACHABLE),
        ("error: Failed to fetch\n  Caused by: dns error: failed to lookup address", UNREACHABLE),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "A downloaded package is not"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "The package index showed a certificate"),
        ("ProxyError('Cannot connect to proxy.', OSError('407'))", "The proxy refused"),
        ("error: command 'gcc' failed: No such file or directory", "A package has no ready build"),
        ("PermissionError: [Errno 13] Permission denied: '.venv/lib'", "This user may not write"),
    ],
)  # fmt: skip
def test_an_installers_words_become_a_sentence_with_a_way_out(output, start):
    assert explain.installer_failure(output).startswith(start)


def test_an_index_that_lacks_a_package_is_told_by_the_packages_name():
    output = "ERROR: No matching distribution found for pysqlite3==0.6.1"

    assert explain.installer_failure(output) == (
        "The package index has no pysqlite3==0.6.1 for this Python and this machine. "
        "Try another Python (3.11 to 3.14), or another index with PIP_INDEX_URL."
    )


def test_a_network_failure_wins_over_what_follows_from_it():
    output = "NewConnectionError: refused\nERROR: No matching distribution found for django"

    assert explain.installer_failure(output).startswith(UNREACHABLE)


def test_words_that_nobody_foresaw_are_shown_as_they_are():
    assert explain.installer_failure("one\n\ntwo\n") == (
        "The packages could not be installed. The installer's last words:\n  one\n  two"
    )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "x"), explain.DISK_FULL),
        (
            OSError(errno.EROFS, "Read-only file system", "/srv/.venv"),
            "/srv/.venv cannot be written. Start as the user who owns the checkout.",
        ),
        (OSError(errno.EIO, "Input/output error", "/srv"), "Input/output error: /srv."),
    ],
)
def test_a_refusal_of_the_system_becomes_a_sentence(error, sentence):
    assert explain.system_failure(error) == sentence
