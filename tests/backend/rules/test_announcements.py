"""Who is told what of each kind of news, when the user is in the end in the chat and when they are not."""

from shared.rules.membership.announcements import Creation, Move, News, Opening, announce
from shared.wire.chat_events import ChatCreated, JoinPrivateChat
from tests.backend.stage import Player, Stage, new_id

CHAT = new_id()


async def told(news: News | None, is_in: bool) -> dict[str, list[str]]:
    """The events that each hears: Ann, whom the news are about, Bob, who is in the chat, and Cat, who is not."""
    stage = Stage()
    ann, bob, cat = await stage.user("Ann"), await stage.user("Bob"), await stage.user("Cat")
    stage.sender.groups[CHAT] = {bob.connection}
    for player in (ann, bob, cat):
        player.heard()
    await announce(stage.backend, about(ann, news), is_in)
    people = {"Ann": ann, "Bob": bob, "Cat": cat}
    names = {
        name: [str(one["chatEvent"]) for one in stage.sender.heard[who.connection]] for name, who in people.items()
    }
    is_listed = (await stage.store.chats.listed("", 9)).items == (CHAT,)
    return {**names, "directory": [CHAT] if is_listed else []}


def about(ann: Player, news: News | None) -> News | None:
    """The news with Ann's id in the place of her name."""
    match news:
        case Creation(chat):
            return Creation(ChatCreated(chat.id, chat.name, ann.id, chat.kind, {}))
        case Opening(chat, move):
            return Opening(chat, Move(move.chat_id, ann.id, move.name))
        case Move(creation=creation):
            made = about(ann, creation)
            return Move(news.chat_id, ann.id, news.name, news.removed, made if isinstance(made, Creation) else None)
    return None


def heard(ann: str = "", bob: str = "", cat: str = "", listed: bool = False) -> dict[str, list[str]]:
    return {"Ann": ann.split(), "Bob": bob.split(), "Cat": cat.split(), "directory": [CHAT] if listed else []}


PUBLIC = Creation(ChatCreated(CHAT, "Tea", "Ann", "public", {}))
GROUP = Creation(ChatCreated(CHAT, "Tea", "Ann", "group", {}))
MOVE = Move(CHAT, "Ann", "Ann")
OPENING = Opening(JoinPrivateChat(CHAT, "Chat with Bob", True, {}), MOVE)


async def test_everybody_hears_of_a_public_chat_which_is_listed_then() -> None:
    assert await told(PUBLIC, True) == heard("chatCreated", "chatCreated", "chatCreated", listed=True)


async def test_only_its_owner_hears_of_a_group() -> None:
    assert await told(GROUP, True) == heard("chatCreated")


async def test_nobody_hears_of_a_chat_whose_owner_has_left_it_before() -> None:
    assert await told(PUBLIC, False) == await told(GROUP, False) == heard()


async def test_the_members_hear_who_joins() -> None:
    assert await told(MOVE, True) == heard(bob="memberJoined")


async def test_the_members_and_the_user_hear_who_leaves() -> None:
    assert await told(MOVE, False) == heard("memberLeft", "memberLeft")


async def test_a_chat_that_nobody_knows_is_announced_before_its_owner_joins() -> None:
    news = Move(CHAT, "Ann", "Ann", creation=PUBLIC)
    assert await told(news, True) == heard("chatCreated", "chatCreated memberJoined", "chatCreated", listed=True)


async def test_a_chat_that_nobody_knows_is_not_announced_because_its_owner_leaves() -> None:
    assert await told(Move(CHAT, "Ann", "Ann", creation=PUBLIC), False) == heard("memberLeft", "memberLeft")


async def test_a_private_chat_opens_for_one_and_closes_for_who_has_left_it_again() -> None:
    assert await told(OPENING, True) == heard("joinPrivateChat")
    assert await told(OPENING, False) == heard("memberLeft", "memberLeft")


async def test_without_news_nobody_hears_anything() -> None:
    assert await told(None, True) == await told(None, False) == heard()
