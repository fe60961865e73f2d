"""Limits on clients' messages that are set lower than the published ones, which the codecs check."""

from ..limits import PUBLISHED, Limits
from .messages import ClientMessage, Invoke, JoinGroup, LeaveGroup, SendEvent, SendToGroup, StartStream


def has_lower_bounds(limits: Limits) -> bool:
    """Whether any limit is set lower. Asked once per client, so that ``violation`` is called only if needed."""
    return (
        limits.group_characters < PUBLISHED.group_characters
        or limits.event_characters < PUBLISHED.event_characters
        or limits.ttl_seconds < PUBLISHED.ttl_seconds
    )


def violation(message: ClientMessage, limits: Limits) -> str | None:
    """The limit that a message exceeds, or None."""
    match message:
        case JoinGroup(group=group) | LeaveGroup(group=group) | StartStream(group=group) | SendToGroup(group=group):
            if len(group) > limits.group_characters:
                return f"group must be 1 to {limits.group_characters} characters"
        case SendEvent(event=event) | Invoke(event=event):
            if len(event) > limits.event_characters:
                return f"event must be 1 to {limits.event_characters} characters"
    if isinstance(message, SendToGroup) and message.ttl_seconds > limits.ttl_seconds:
        return f"ttlSeconds must be from 0 to {limits.ttl_seconds}"
    return None
