"""REST calls by hand, each with an access-key token of its own."""

from collections.abc import Sequence
from json import loads
from typing import IO, Any, TypedDict

import aiohttp
from yarl import URL

from tests.emulator.clients import rest_token


class Body(TypedDict):
    """What a call sends, to be given to ``Rest`` as it is."""

    data: bytes
    headers: dict[str, str]


def body_of(data: bytes, content_type: str = "text/plain") -> Body:
    return {"data": data, "headers": {"Content-Type": content_type}}


TEXT = body_of(b"hi")


class Rest:
    """Calls with an access-key token for exactly the URL called."""

    def __init__(self, endpoint: str, session: aiohttp.ClientSession) -> None:
        self.endpoint, self.session = endpoint, session

    async def __call__(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        data: bytes | IO[bytes] | None = None,
        json: object = None,
        skip_auto_headers: Sequence[str] = (),
    ) -> "Answer":
        url = f"{self.endpoint}/api/hubs/chat/{path}"
        url += ("&" if "?" in url else "?") + "api-version=2024-12-01"
        all_headers = {**rest_token(url), **(headers or {})}
        return await self.raw(method, url, all_headers, data=data, json=json, skip_auto_headers=skip_auto_headers)

    async def raw(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        *,
        data: bytes | IO[bytes] | None = None,
        json: object = None,
        skip_auto_headers: Sequence[str] = (),
    ) -> "Answer":
        request = self.session.request(
            method, URL(url, encoded=True), headers=headers, data=data, json=json, skip_auto_headers=skip_auto_headers
        )
        async with request as response:
            text = await response.text()
            kinds = ("application/json", "application/problem+json")
            value = loads(text) if response.content_type in kinds and text else None
            return Answer(response.status, response.headers, value)


class Answer:
    def __init__(self, status: int, headers: Any, value: Any) -> None:
        self.status, self.headers, self.value = status, headers, value
