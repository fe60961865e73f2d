"""Sends webhook requests over HTTP: after a preflight, with retries on transient errors. The only HTTP client."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import aiohttp

from ..limits import Limits
from ..log import Log
from ..observer import Attempt, Observer
from ..redaction import redacted
from .cloudevents import Answer, WebhookRequest, handler_url
from .preflight import Preflight

ORIGIN = "WebHook-Request-Origin"


class Lane(NamedTuple):
    """What has a limit of its own on concurrent calls: a handler in a hub, for one kind of event.

    Many clients that disconnect at once must not overflow a backend's listen queue, and events that hang must not
    delay clients that connect.
    """

    template: str
    hub: str
    kind: str


class WebhookFailed(Exception):
    """The handler did not answer; the text says why."""


class WebhookClient:
    """The HTTP client. It opens its session at the first event."""

    def __init__(self, origins: Sequence[str], aliases: Sequence[str], limits: Limits, log: Log) -> None:
        """``origins``: the origins to ask handlers about, one after another until they allow one.

        ``aliases``: other origins that handlers may allow.
        """
        self._origins, self._aliases, self.limits, self._log = origins, aliases, limits, log
        self._session: aiohttp.ClientSession | None = None
        self._preflight = Preflight(self._ask, time.monotonic)
        # By limit, too: after a change it counts from 0. The configuration limits how many there are.
        self._lanes: dict[tuple[Lane, int], asyncio.Semaphore] = {}
        self.observer: Observer | None = None

    async def send(self, request: WebhookRequest, lane: Lane) -> Answer:
        """Posts ``request`` when its lane has room; retries on 408, 5xx and network errors. Raises WebhookFailed."""
        try:
            async with asyncio.timeout(self.limits.handler_timeout_seconds):
                origin = await self._preflight.agrees(handler_url(lane.template, lane.hub, "validate"))
                if not origin:
                    error = "did not agree to receive events (OPTIONS)"
                    self._tell(Attempt(request.url, request.headers, 0, error=error))
                    raise WebhookFailed(f"{redacted(request.url)} {error}")
                request.headers[ORIGIN] = origin
                return await self._post_with_retries(request, self._places(lane))
        except TimeoutError:
            raise WebhookFailed(
                f"{redacted(request.url)} did not answer in {self.limits.handler_timeout_seconds:g} s"
            ) from None

    async def close(self) -> None:
        """Closes the HTTP session."""
        if self._session is not None:
            await self._session.close()

    def _places(self, lane: Lane) -> asyncio.Semaphore:
        most = self.limits.handler_calls
        return self._lanes.setdefault((lane, most), asyncio.Semaphore(most))

    async def _post_with_retries(self, request: WebhookRequest, places: asyncio.Semaphore) -> Answer:
        for number, pause in enumerate((*self.limits.handler_retry_seconds, None), 1):
            try:
                async with places:
                    answer = await self._observed(request, number)
                if answer.status != 408 and answer.status < 500:
                    return answer
                problem = f"answered {answer.status}"
            except aiohttp.ClientError as error:
                answer, problem = None, f"cannot be reached ({type(error).__name__})"
            if pause is not None:
                self._log.write(
                    "webhookRetry",
                    f"{redacted(request.url)} {problem}; retrying in {pause:g} s",
                    url=redacted(request.url),
                )
                await asyncio.sleep(pause)
        if answer is not None:
            return answer
        raise WebhookFailed(f"{redacted(request.url)} {problem}")

    async def _observed(self, request: WebhookRequest, number: int) -> Answer:
        """One attempt. The observer is told when it begins and when it has ended."""
        attempt, started = Attempt(request.url, request.headers, number), time.monotonic()
        self._tell(attempt)
        try:
            answer = await self._post(request)
            attempt.status = answer.status
            return answer
        except aiohttp.ClientError as error:
            attempt.error = f"cannot be reached ({type(error).__name__})"
            raise
        finally:
            if attempt.status is None and attempt.error is None:
                attempt.error = "no valid answer in time"
            attempt.milliseconds = (time.monotonic() - started) * 1000
            self._tell(attempt)

    def _tell(self, attempt: Attempt) -> None:
        if self.observer is not None:
            self.observer.attempted(attempt)

    async def _post(self, request: WebhookRequest) -> Answer:
        session = self._open()
        async with session.post(
            request.url, data=request.body, headers=request.headers, allow_redirects=False
        ) as response:
            body = await read_bounded(response.content, request.url, self.limits.answer_bytes)
            headers = {name.lower(): value for name, value in response.headers.items()}
            cookies = {name: morsel.coded_value for name, morsel in response.cookies.items()}
            return Answer(response.status, headers, body, cookies)

    async def _ask(self, address: str) -> str:
        """The origin that a URL's owner allows; empty for none. Handlers compare it with or without the port."""
        try:
            async with asyncio.timeout(self.limits.preflight_timeout_seconds):
                for origin in self._origins:
                    if agreed := await self._ask_by("OPTIONS", address, origin):
                        return agreed
        except (aiohttp.ClientError, TimeoutError) as error:
            self._log.write(
                "handlerAway", f"{redacted(address)} cannot be reached ({type(error).__name__})", url=redacted(address)
            )
            return ""
        names = " or ".join(self._origins)
        self._log.write(
            "handlerRefuses", f"{redacted(address)} does not allow events from {names}", url=redacted(address)
        )
        return ""

    async def _ask_by(self, method: str, address: str, origin: str) -> str:
        """One request; a GET if the path answers OPTIONS with 404. The owner may allow another of our origins."""
        headers = {ORIGIN: origin, "ce-awpsversion": "1.0"}
        async with self._open().request(method, address, headers=headers, allow_redirects=False) as response:
            if response.status == 404 and method == "OPTIONS":
                return await self._ask_by("GET", address, origin)
            if not 200 <= response.status < 300:
                return ""
            allowed = {value.lower() for value in response.headers.getall("WebHook-Allowed-Origin", [])}
            if "*" in allowed:
                return origin
            return next((name for name in (origin, *self._origins, *self._aliases) if name.lower() in allowed), "")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(),
                # aiohttp's own User-Agent would not be the service's.
                skip_auto_headers=("User-Agent",),
                # Lanes limit concurrency. With a limit for all handlers, one that hangs would block the others.
                connector=aiohttp.TCPConnector(limit=0),
            )
        return self._session


async def read_bounded(content: aiohttp.StreamReader, address: str, most: int) -> bytes:
    """The whole body; raises WebhookFailed beyond ``most`` bytes."""
    parts: list[bytes] = []
    size = 0
    async for chunk in content.iter_any():
        size += len(chunk)
        if size > most:
            raise WebhookFailed(f"{redacted(address)} answered with more than {most} bytes")
        parts.append(chunk)
    return b"".join(parts)
