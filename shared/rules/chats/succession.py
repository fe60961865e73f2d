"""Who inherits a chat when its owner leaves."""

from shared.model.records import Member

# The heir of an owner is sought among so many members.
HEIRS = 1_000


def first_joined(members: list[Member]) -> Member:
    """Who inherits a chat: the member who has been there longest."""
    return min(members, key=lambda member: (member.joined, member.user_id))
