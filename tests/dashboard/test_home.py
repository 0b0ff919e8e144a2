"""Numbers in foreign texts are masked wherever such a text is shown."""

import pytest
from django.test import Client

from support_portal.ingest.services import drain, receive

pytestmark = pytest.mark.django_db
ERROR = (
    b'{"code": 1002, "message": "Invalid MSISDN: +12025550147",'
    b' "errorId": "0f7b86de-6748-43dc-a22d-5f5a0bd4f7f5", "timestamp": "2026-07-20T09:33:00Z"}'
)


@pytest.mark.parametrize(
    "address", ["/", "/errors/", "/errors/0f7b86de-6748-43dc-a22d-5f5a0bd4f7f5/"]
)
def test_a_number_in_an_error_text_is_masked(agent_client: Client, address: str) -> None:
    receive(ERROR, source="api")
    drain()

    page = agent_client.get(address).content.decode()

    assert ("+1••••••0147" in page, "2025550147" in page) == (True, False)
