"""Turns what an installer or the operating system says into a sentence with a way out."""

import errno
import re

NO_VENV = (
    "This Python cannot make a virtual environment: its ensurepip module is missing. "
    "On Debian or Ubuntu: apt install python3-venv. Or put uv on the PATH; it is used then."
)
DISK_FULL = "The disk is full: free about 300 MB and start again."
CAUSES = [
    (r"No space left on device|Errno 28\b|os error 28\b", DISK_FULL),
    (
        r"DO NOT MATCH THE HASHES|Hash mismatch",
        "A downloaded package is not the one that requirements/ names, so nothing was used of it. "
        "Start again; if it stays so, the package index in use serves altered files.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|invalid peer certificate",
        "The package index showed a certificate that this machine does not trust. "
        "Behind a company proxy set PIP_CERT to the company's certificate file.",
    ),
    (
        r"ProxyError|Cannot connect to proxy|407 Proxy",
        "The proxy refused the way to the package index. Check HTTPS_PROXY.",
    ),
    (
        r"name resolution|Name or service not known|nodename nor servname|getaddrinfo|dns error"
        r"|NewConnectionError|Network is unreachable|Connection refused|ConnectTimeout"
        r"|[Rr]ead timed out|ReadTimeout|Connection reset|RemoteDisconnected|No route to host"
        r"|error sending request|operation timed out",
        "The package index could not be reached. Check the network, or set PIP_INDEX_URL "
        "to an index that this machine can reach.",
    ),
    (
        r"No matching distribution found for (?P<name>[^\s;]+)",
        "The package index has no {name} for this Python and this machine. "
        "Try another Python (3.11 to 3.14), or another index with PIP_INDEX_URL.",
    ),
    (
        r"error: command '?(?P<name>\S*(?:gcc|cc|clang|cargo))'? failed|Failed to build",
        "A package has no ready build for this machine and could not be compiled. "
        "Try another Python (3.11 to 3.14), or install a C compiler.",
    ),
    (
        r"Permission denied|Errno 13\b|Read-only file system",
        "This user may not write to .venv. Start as the user who owns the checkout.",
    ),
]


def installer_failure(output: str) -> str:
    """Return what to do about an installer that printed ``output`` and failed."""
    for pattern, sentence in CAUSES:
        if match := re.search(pattern, output):
            return sentence.format(**match.groupdict())
    told = [line.strip() for line in output.splitlines() if line.strip()]
    return "The packages could not be installed. The installer's last words:\n  " + "\n  ".join(
        told[-5:] or ["(none)"]
    )


def system_failure(error: OSError) -> str:
    """Return what to do about a refusal by the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{error.filename or 'The checkout'} cannot be written. "
            "Start as the user who owns the checkout."
        )
    return f"{error.strerror or error}: {error.filename or 'no file named'}."
