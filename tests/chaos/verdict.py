"""Compares what was acknowledged with what everybody sees when it is quiet again. It changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from shared.rules.history.unread import UNREAD_LIMIT
from tests.chaos.facts import Facts, Said
from tests.chaos.person import EMOJI, Person

RIGHTS = ("sendToGroup", "joinLeaveGroup")


async def unexplained(
    facts: Facts, people: Sequence[Person], rooms: Mapping[str, str], service: WebPubSubServiceClient
) -> list[str]:
    """All differences, in words."""
    mine = {person.id: (await person.get("me/chats"))["chats"] for person in people}
    public, online = [await people[0].get(path) for path in ("chats", "users")]
    found = list(facts.lost)
    there = {person.id for person in people}
    found += [f"{user} is shown and is not there" for user in online["users"].keys() - there]
    found += [f"{user} is there and is not shown" for user in there - online["users"].keys()]
    for room, owner in rooms.items():
        listed = room in public["chats"]
        if facts.living[room].value not in (None, listed):
            found.append(f"{room} is {'' if listed else 'not '}listed")
        members = {user for user, chats in mine.items() if room in chats}
        found += await _people(facts, people, room, members, service)
        if owner in members:
            reader = next(person for person in people if person.id == owner)
            kept = await _history(reader, room)
            found += words(facts, room, kept)
            found += _unread(facts, room, owner, kept, mine[owner][room]["unread"])
    return found


async def _people(
    facts: Facts, people: Sequence[Person], room: str, members: set[str], service: WebPubSubServiceClient
) -> list[str]:
    """Members' own lists, the chat's list and the facts agree, and only members can send and receive."""
    found = []
    reader = next((person for person in people if person.id in members), people[0])
    page = await reader.get(f"chats/{room}/members")
    by_chat = set(page["members"]) if page else set()
    if by_chat != members:
        found.append(f"{room} has {sorted(by_chat)}, by their own lists {sorted(members)}")
    group = {one.connection_id async for one in service.list_connections(group=room)}
    for person in people:
        fact, is_in = facts.members.get((person.id, room)), person.id in members
        if fact and facts.living[room].value is True and fact.value not in (None, is_in):
            found.append(f"{person.name} was told to be {'in' if fact.value else 'out'} of {room}")
        has = [await service.has_permission(right, person.connection, target_name=room) for right in RIGHTS]
        if has != [is_in] * len(RIGHTS):
            found.append(f"{person.name}, who is {'in' if is_in else 'out'}, has of {RIGHTS} in {room}: {has}")
        if (person.connection in group) != is_in:
            found.append(f"{person.name} {'does not hear' if is_in else 'hears'} {room}")
    return found


async def _history(reader: Person, room: str) -> list[dict[str, Any]]:
    """The whole history, oldest first."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await reader.get(f"chats/{room}/messages?limit=100{cursor}")
        found = page["messages"] + found
        if not page["more"]:
            return found
        cursor = f"&before={found[0]['id']}"


def words(facts: Facts, room: str, kept: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The history has each acknowledged message exactly once, with its last text and in its author's order."""
    by_id = {one["id"]: one for one in kept}
    yield from (f"{one} is kept {count} times" for one, count in Counter(m["id"] for m in kept).items() if count > 1)
    for message_id, said in facts.said.items():
        if said.room != room:
            continue
        if said.kept.value not in (None, message_id in by_id):
            yield f"{message_id} is {'lost' if said.kept.value else 'kept'}, told otherwise {facts.age(said.kept)}"
        if message_id in by_id:
            yield from _as_said(message_id, said, by_id[message_id])
    yield from (f"{one} was never said" for one in by_id.keys() - facts.said.keys())
    for author in {said.author for said in facts.said.values()}:
        numbers = [
            facts.said[one["id"]].number for one in kept if one["id"] in facts.said and _counts(facts, one, author)
        ]
        if numbers != sorted(numbers):
            yield f"the order of {author} in {room} is {numbers}"


def _counts(facts: Facts, message: Mapping[str, Any], author: str) -> bool:
    """Whether a message counts for its author's order. One that was not acknowledged may have been saved later."""
    said = facts.said[message["id"]]
    return said.author == author and said.kept.value is True


def _as_said(message_id: str, said: Said, kept: Mapping[str, Any]) -> Iterator[str]:
    if said.text.value not in (None, kept["message"]):
        yield f"{message_id} says {kept['message']!r}, not {said.text.value!r}"
    by = kept.get("reactions", {}).get(EMOJI, [])
    for user, fact in said.reactions.items():
        if fact.value not in (None, user in by):
            yield f"the reaction of {user} at {message_id} is {'missing' if fact.value else 'there'}"


def _unread(facts: Facts, room: str, owner: str, kept: Sequence[dict[str, Any]], told: int) -> list[str]:
    """The unread counts of the owner, who has been a member from the beginning."""
    fact = facts.read.get((owner, room))
    read = fact.value if fact else ()
    if not isinstance(read, tuple):
        return []
    ids = [one["id"] for one in kept]
    gone = [one for one in read if one not in ids]
    if gone:
        # The position of a deleted message is not known.
        return []
    behind = kept[max((ids.index(one) + 1 for one in read), default=0) :]
    count = min(UNREAD_LIMIT, sum(one["fromUserId"] != owner for one in behind))
    return [] if count == told else [f"{owner} has {count} unread in {room} and is told {told}"]
