"""What a machine asks, as far as the doors look at it.

It has what the views of the doors use of Django's request, which takes ten times as long to build.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError


class Headers:
    """The headers of a request, looked up one by one as they are asked for."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str, default: str = "") -> str:
        """Return the value of the header ``name``."""
        value: str = self._environ.get(f"HTTP_{name.upper().replace('-', '_')}", default)
        return value


class Call:
    """A request at one of the doors, over the environment that the web server gives."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.META = environ
        self.method: str = environ["REQUEST_METHOD"].upper()
        self.content_type: str = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        self.headers = Headers(environ)
        self.id = ""

    @property
    def body(self) -> bytes:
        """Return the body, read now; RequestDataTooBig or UnreadablePostError as Django has them."""
        announced = self.META.get("CONTENT_LENGTH") or "0"
        length = int(announced) if announced.isdecimal() else 0
        if length > settings.INTAKE_BODY_LIMIT:
            raise RequestDataTooBig
        try:
            body: bytes = self.META["wsgi.input"].read(length)
        except OSError as error:
            raise UnreadablePostError(*error.args) from error
        return body


Asked = HttpRequest | Call
