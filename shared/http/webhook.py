"""Web PubSub's webhook: authenticates a call, passes its event to ``dispatch``, and answers as the service expects.

What the user did wrong is a 200 with an ``error`` event. Server errors are 5xx, which the service retries. Meanwhile
the sender's next events wait, and each attempt may take as long as the last. So a server error that took long is an
``error`` event too, and the sender decides whether to retry.
"""

from contextlib import nullcontext

import azure.functions as func
import msgspec

from shared import dispatch, logs
from shared.backend import Actor, Backend
from shared.flow import rate_limit
from shared.flow.deadline import Deadline
from shared.http import answers
from shared.http.calls import Call
from shared.model.clock import SKEW
from shared.model.errors import (
    BadRequest,
    ChatrError,
    Fault,
    Forbidden,
    NotSignedIn,
    TooManyConnections,
    TooManyRequests,
)
from shared.trust.abuse_protection import allowed_origin
from shared.wire import chat_events, connection_state, payloads
from shared.wire.cloudevents import CloudEvent, EventHeaders, read_connect, read_event
from shared.wire.connection_state import ConnectionState
from shared.wire.route import Route
from shared.wire.shapes import ConnectAnswer, Heard, OriginHeader

# The most that the service takes from a client in one message.
# https://learn.microsoft.com/azure/azure-web-pubsub/reference-client-websocket-frames-overview
MESSAGE_BYTES = 1 << 20
SYSTEM_EVENTS = ("connect", "connected", "disconnected")
# A server error that took longer is not worth a retry by the service: something stalls.
PROMPT_SECONDS = 1.0
# What opening a connection takes from its user's bucket. With its `userConnected`, everyone hears of it.
CONNECT_TOKENS = 2
# What decoding an event costs, whether it is valid or not. Performing it costs the rest of its price.
READING_TOKENS = 1
# How long an event beyond the rate delays the next ones.
REFUSAL_SECONDS = 0.5
# The part of the deadline that is kept for telling the sender that it has passed.
TO_ANSWER_SECONDS = 1.0


async def post_event(call: Call, headers: EventHeaders, body: bytes) -> func.HttpResponse:
    """One event of one connection."""
    event = read_event(headers, body)
    logs.note(name=event.name if event.name in SYSTEM_EVENTS else payloads.known(event.name))
    if event.hub.lower() != call.backend.settings.hub.lower():
        raise BadRequest("`ce-hub`: the event comes from another hub than PUBSUB_HUB names.")
    if event.kind == "system":
        return await _system_event(call.backend, event)
    return await _user_event(call.backend, event, call.deadline)


EVENT = Route(
    "POST",
    "eventHandler",
    "Web PubSub",
    post_event,
    headers=EventHeaders,
    body=bytes,
    body_bytes=MESSAGE_BYTES,
    price=None,
    past_the_door=True,
    answers=(ConnectAnswer, Heard, None),
    errors=(BadRequest, TooManyConnections, TooManyRequests),
)


async def ask_permission(call: Call, headers: OriginHeader) -> func.HttpResponse:
    """Web PubSub asks whether it may send events here."""
    settings = call.backend.settings
    allowed = allowed_origin(headers.origin, (settings.pubsub_endpoint, settings.pubsub_client_endpoint))
    return answers.empty({"WebHook-Allowed-Origin": allowed})


# The service asks before its first event, unauthenticated and past every door. If it is refused, it sends none.
PERMISSION = Route(
    "OPTIONS",
    "eventHandler",
    "anyone",
    ask_permission,
    headers=OriginHeader,
    price=None,
    past_the_door=True,
    errors=(Forbidden,),
)


async def _system_event(backend: Backend, event: CloudEvent) -> func.HttpResponse:
    if event.name == "connect":
        return await _connect(backend, event)
    if event.name == "connected" and event.user_id:
        await dispatch.connected(backend, Actor(event.user_id, event.connection_id, event.state))
    if event.name == "disconnected" and event.user_id:
        await dispatch.disconnected(backend, Actor(event.user_id, event.connection_id))
    return answers.empty()


async def _connect(backend: Backend, event: CloudEvent) -> func.HttpResponse:
    if event.user_id:
        backend.user_buckets.take(event.user_id, CONNECT_TOKENS, backend.clock())
    by = Actor(event.user_id, event.connection_id)
    rights = await dispatch.connect(backend, by, read_connect(event.body))
    return answers.json(ConnectAnswer(list(rights.groups), list(rights.roles)), _keeping(rights.state))


async def _user_event(backend: Backend, event: CloudEvent, deadline: Deadline) -> func.HttpResponse:
    state = event.state
    try:
        if not event.user_id:
            raise NotSignedIn
        # Charged before the data is touched, since decoding it may be expensive.
        least = payloads.least_tokens(event.name)
        state = await _charged(backend, event, state, READING_TOKENS, besides=least - READING_TOKENS)
        wanted = payloads.decode(event.name, event.content_type, event.body)
        state = await _charged(backend, event, state, wanted.price - READING_TOKENS, besides=READING_TOKENS)
        by = Actor(event.user_id, event.connection_id, state, event.id)
        lock = backend.locks.hold(f"{wanted.line} of {by.user_id}", by.user_id) if wanted.line else nullcontext()
        async with deadline.bounds(spare=TO_ANSWER_SECONDS), lock:
            heard = await dispatch.perform(backend, by, wanted)
    except ChatrError as problem:
        if isinstance(problem, Fault) and deadline.elapsed < PROMPT_SECONDS:
            raise
        logs.note(refused=problem.code)
        about = payloads.subject(event.body)
        heard = chat_events.Error(event.name, problem.code, str(problem), about, problem.retry_after)
    return answers.json(payloads.envelope(heard), _keeping(state)) if heard else answers.empty(_keeping(state))


async def _charged(
    backend: Backend, event: CloudEvent, state: ConnectionState, tokens: int, besides: int = 0
) -> ConnectionState:
    """Charges the connection and its user ``tokens``. Returns the connection's state; raises TooManyRequests.

    A refusal is delayed. The service sends the connection's next event only after the answer, so a flood is throttled.
    """
    now = backend.clock()
    # A connection's time never goes back, though its events go to many instances: else tokens that were taken by an
    # instance whose clock is ahead would look like more than a bucket holds.
    last = max(now, state.last) if state.last <= now + SKEW else now
    try:
        bucket = rate_limit.CONNECTION.take(state.bucket, tokens, last, besides)
        backend.user_buckets.take(event.user_id, tokens, now, besides)
    except TooManyRequests:
        await backend.pause(REFUSAL_SECONDS)
        raise
    return msgspec.structs.replace(state, bucket=bucket, last=last)


def _keeping(state: ConnectionState) -> dict[str, str]:
    """The header that makes the service send ``state`` with the connection's next event."""
    return {connection_state.HEADER: connection_state.write(state)}
