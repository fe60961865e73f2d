"""Every limit that can be set: its name, its default, its range, and what happens beyond it.

The section ``Limits`` of the configuration file, the option ``--limit`` and the table in docs/emulator.md follow from
it. Defaults are the published figures or those of Microsoft's emulator; limits on names can only be lowered. A quota
of 0 means no quota: the service's quotas depend on its tier, and are set here to rehearse them.
"""

from typing import Annotated, TypeAlias

import msgspec

MIB = 1024 * 1024
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Quota: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
UpTo128: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=128)]
UpTo1024: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1024)]
UpTo300: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=300)]
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
UpToAWeek: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=604_800)]


def row(what: str, beyond: str) -> msgspec.Meta:
    """A limit's row in docs/emulator.md: what is limited, and what happens beyond it."""
    return msgspec.Meta(description=what, extra={"beyond": beyond})


class Limits(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """Limits in characters, bytes, seconds or pieces, as their names say."""

    connections: Annotated[
        Quota,
        row(
            "connections of all hubs, including those being opened and those that may recover", "429 before the upgrade"
        ),
    ] = 0
    messages_per_day: Annotated[
        Quota,
        row(
            "messages per day (UTC) to clients and handlers; each started 2 KiB of a message count once per receiver",
            "REST sends: 429; clients' publications are dropped, with an error ack `InternalServerError` and a line in"
            " the log; clients' events and their answers are counted and still delivered",
        ),
    ] = 0
    requests_per_second: Annotated[Quota, row("REST calls per second", "429 with `Retry-After`")] = 0
    message_bytes: Annotated[Count, row("message from a client", "close 1009")] = MIB
    body_bytes: Annotated[Count, row("REST body", "400")] = MIB
    # Our choice: the service's gateway is not documented. Idle connections have a time-out of their own, see server.py.
    header_seconds: Annotated[
        Seconds, row("time-out for the headers of a request, from its first byte on", "408, connection closed")
    ] = 30
    body_seconds: Annotated[Seconds, row("time-out for a REST body", "408")] = 30
    hub_characters: Annotated[UpTo128, row("name of a hub", "400")] = 128
    group_characters: Annotated[UpTo1024, row("name of a group", "close 1007, 400 at connect and over REST")] = 1024
    event_characters: Annotated[UpTo128, row("name of an event", "close 1007")] = 128
    ttl_seconds: Annotated[UpTo300, row("time to live", "close 1007, 400 over REST")] = 300
    groups_per_connection: Annotated[
        Quota, row("groups per connection", "400 at connect, error ack `BadRequest`, 409 over REST")
    ] = 0
    literals_per_permission: Annotated[
        Count,
        row("groups granted or revoked individually, per permission", "400 at connect, 409 over REST"),
    ] = 1000
    patterns_per_permission: Annotated[
        Count, row("patterns per permission, each with at most 1,024 characters and five `*`", "400 at connect")
    ] = 10
    page_size: Annotated[Count, row("`maxpagesize` of group members", "400")] = 200
    token_minutes: Annotated[
        Count, row("default lifetime of a token from `:generateToken`", "401, with five minutes of grace")
    ] = 60
    reconnection_seconds: Annotated[
        UpToAWeek, row("lifetime of a reconnection token", "recovery refused with 1008")
    ] = 604_800
    retention_seconds: Annotated[Seconds, row("how long a reliable client may recover", "its connection ends")] = 30
    unacknowledged_messages: Annotated[
        Count, row("unacknowledged messages of a reliable client", "close 1008, no recovery")
    ] = 1000
    unacknowledged_bytes: Annotated[Count, row("the same in bytes", "close 1008, no recovery")] = 16 * MIB
    # Our choice, as the service's is not published. Beyond it a reader counts as too slow.
    outgoing_bytes: Annotated[Count, row("buffered for one socket, plus what a recovered client missed", "dropped")] = (
        16 * MIB
    )
    remembered_ack_ids: Annotated[Count, row("remembered ack ids of a client", "the oldest is forgotten")] = 1000
    # Our choice, too.
    open_streams: Annotated[Count, row("open streams of a client", "`streamClosed` with `BadRequest`")] = 100
    ping_seconds: Annotated[
        Seconds, row("interval of pings; 0: never", "dropped if it sends nothing until the next ping")
    ] = 30
    closing_seconds: Annotated[Seconds, row("time-out for the answer to a close frame", "dropped")] = 2
    shutdown_seconds: Annotated[Seconds, row("time-out for `disconnected` events at shutdown", "given up")] = 3
    handler_calls: Annotated[
        Count,
        row(
            "concurrent calls of a handler in a hub, separately for `connect`, `connected`, `disconnected` and user"
            " events",
            "further calls wait, within the time-out for all attempts",
        ),
    ] = 100
    handler_retry_seconds: Annotated[
        tuple[Seconds, ...], row("pauses between attempts to deliver an event", "the event has failed")
    ] = (1, 3, 5)
    handler_timeout_seconds: Annotated[
        Seconds, row("time-out for all attempts to deliver an event", "the event has failed")
    ] = 100
    preflight_timeout_seconds: Annotated[Seconds, row("abuse protection", "the event has failed")] = 10
    answer_bytes: Annotated[Count, row("body of a handler's answer", "the event has failed")] = 16 * MIB


PUBLISHED = Limits()
