"""REST calls by hand, each with an access-key token of its own."""

import json
from typing import Any

import aiohttp
from yarl import URL

from tests.emulator.clients import rest_token

TEXT = {"data": b"hi", "headers": {"Content-Type": "text/plain"}}


class Rest:
    """Calls with an access-key token for exactly the URL called."""

    def __init__(self, endpoint: str, session: aiohttp.ClientSession) -> None:
        self.endpoint, self.session = endpoint, session

    async def __call__(self, method: str, path: str, headers: dict[str, str] | None = None, **request: Any) -> "Answer":
        url = f"{self.endpoint}/api/hubs/chat/{path}"
        url += ("&" if "?" in url else "?") + "api-version=2024-12-01"
        return await self.raw(method, url, {**rest_token(url), **(headers or {})}, **request)

    async def raw(self, method: str, url: str, headers: dict[str, str], **request: Any) -> "Answer":
        async with self.session.request(method, URL(url, encoded=True), headers=headers, **request) as response:
            text = await response.text()
            kinds = ("application/json", "application/problem+json")
            value = json.loads(text) if response.content_type in kinds and text else None
            return Answer(response.status, response.headers, value)


class Answer:
    def __init__(self, status: int, headers: Any, value: Any) -> None:
        self.status, self.headers, self.value = status, headers, value
