"""Creating and deleting public chats: who may, who never could, and who no longer can."""

import unicodedata

import pytest

from shared.model.errors import Unavailable
from shared.model.records import Member, Page, Roster
from shared.rules.chats import deletion, directory, own_list
from shared.wire import chat_view
from tests.backend.stage import Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_a_new_chat_has_its_maker_as_owner_and_member(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann, name="  Tea time ")
    chat = await stage.store.chats.read(chat_id)
    assert chat is not None and (chat.name, chat.owner) == ("Tea time", ann.id)
    assert await stage.members(chat_id) == {ann.id}


async def test_everyone_hears_of_a_new_chat_and_its_owner_can_speak_at_once(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    [heard] = bob.heard("chatCreated")
    faces = {ann.id: {"userId": ann.id, "userName": "Ann"}}
    assert heard == {"id": chat_id, "name": "Tea", "owner": ann.id, "kind": "public", "members": faces}
    assert ann.may_speak_in(chat_id) and ann.hears(chat_id)
    assert not bob.may_speak_in(chat_id) and not bob.hears(chat_id)


async def test_all_tabs_of_the_owner_can_speak_in_a_new_chat(stage: Stage) -> None:
    ann = await stage.user("Ann")
    other_tab = await ann.another_tab()
    chat_id = await stage.chat(ann)
    assert other_tab.may_speak_in(chat_id) and other_tab.hears(chat_id)


async def test_a_deletion_that_loses_every_race_is_left_to_a_retry(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)

    async def lost(*_: object, **__: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(stage.store.chats, "delete", lost)
        with pytest.raises(Unavailable):
            await ann.does("deleteChat", chat_id)
    await ann.does("deleteChat", chat_id)
    assert await own_list.page(stage.backend, ann.id, "") == Page((), "")


async def test_a_deletion_that_is_repeated_tells_nobody_anything(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await ann.does("deleteChat", chat_id)
    assert bob.heard("chatDeleted") == [chat_id]
    await ann.does("deleteChat", chat_id)
    assert bob.heard("chatDeleted") == []


@pytest.mark.parametrize("name", ["Tea", "Other"])
async def test_an_id_in_use_is_refused_to_anyone_else(stage: Stage, name: str) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    assert await bob.code("createChat", {"id": chat_id, "name": name}) == "ChatIdTaken"
    assert await stage.owner(chat_id) == ann.id
    assert await stage.store.memberships.read(bob.id, chat_id) is None


async def test_the_owner_cannot_make_the_same_chat_again_under_another_name(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    assert await ann.code("createChat", {"id": chat_id, "name": "Coffee"}) == "ChatIdTaken"


async def test_the_id_of_a_deleted_chat_stays_refused(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    await ann.does("deleteChat", chat_id)
    assert await ann.code("createChat", {"id": chat_id, "name": "Tea"}) == "ChatIdTaken"
    assert await ann.code("joinChat", chat_id) == "ChatNotFound"


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "a\x07b", "\u202eaeT", "a\u2028b", "\u200b", "\u3164", None, 5, ["x"]]
)
async def test_a_name_that_is_no_name_is_refused(stage: Stage, name: object) -> None:
    ann = await stage.user("Ann")
    assert await ann.code("createChat", {"id": new_id(), "name": name}) == "BadRequest"


@pytest.mark.parametrize("name", ["👩\u200d👩\u200d👧", "e\u0301", "שלום", "<b>Tea</b>", "?"])
async def test_names_of_all_languages_and_symbols_are_names(stage: Stage, name: str) -> None:
    ann, chat_id = await stage.user("Ann"), new_id()
    assert await ann.code("createChat", {"id": chat_id, "name": name}) == ""
    [listed] = (await directory.page(stage.backend, "")).items
    assert (listed.id, listed.name) == (chat_id, unicodedata.normalize("NFC", name))


@pytest.mark.parametrize("chat_id", ["", "x", "private_1", "../..", 7, None])
async def test_an_id_that_is_no_uuid_is_refused(stage: Stage, chat_id: object) -> None:
    ann = await stage.user("Ann")
    assert await ann.code("createChat", {"id": chat_id, "name": "Tea"}) == "BadRequest"


async def test_joining_before_the_chat_is_made_does_no_harm(stage: Stage) -> None:
    """The original Chatr sends joinChat right after createChat, and the two may arrive in either order."""
    ann, chat_id = await stage.user("Ann"), new_id()
    assert await ann.code("joinChat", chat_id) == "ChatNotFound"
    await ann.does("createChat", {"id": chat_id, "name": "Tea"})
    await ann.does("joinChat", chat_id)
    assert await stage.members(chat_id) == {ann.id}
    assert ann.heard("memberJoined") == []


async def test_deleting_makes_a_chat_gone_for_everyone_at_once(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    await bob.does("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"})
    await ann.does("deleteChat", chat_id)
    assert eve.heard("chatDeleted") == [chat_id]
    assert not (bob.may_speak_in(chat_id) or bob.hears(chat_id) or ann.may_speak_in(chat_id))
    assert await bob.code("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"}) == "ChatNotFound"
    assert (await directory.page(stage.backend, "")).items == ()
    assert (await own_list.page(stage.backend, bob.id, "")).items == ()
    assert await stage.store.messages.newest(chat_id, None, 10) == ()


async def test_only_the_owner_may_delete_a_chat(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    assert await bob.code("deleteChat", chat_id) == "NotTheOwner"
    assert await eve.code("deleteChat", chat_id) == "NotAMember"
    assert await eve.code("deleteChat", new_id()) == "ChatNotFound"
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_a_former_owner_may_not_delete_the_chat(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await ann.does("leaveChat", {"chatId": chat_id})
    assert await ann.code("deleteChat", chat_id) == "NotAMember"
    await ann.does("joinChat", chat_id)
    assert await ann.code("deleteChat", chat_id) == "NotTheOwner"
    await bob.does("deleteChat", chat_id)


async def test_nobody_can_delete_a_deleted_chat_but_its_owner_repeating_it(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await ann.does("deleteChat", chat_id)
    await ann.does("deleteChat", chat_id)
    assert await bob.code("deleteChat", chat_id) == "ChatNotFound"


async def test_chats_are_listed_a_page_at_a_time(stage: Stage) -> None:
    # More than one person may make.
    ann, makers = await stage.user("Ann"), [await stage.user("Bob"), await stage.user("Eve")]
    made = {await stage.chat(makers[n % 2], ann, name=f"Chat {n}") for n in range(chat_view.PAGE_CHATS + 7)}
    first = await directory.page(stage.backend, "")
    second = await directory.page(stage.backend, first.next)
    assert len(first.items) == chat_view.PAGE_CHATS and second.next == ""
    assert {chat.id for page in (first, second) for chat in page.items} == made
    mine = await own_list.page(stage.backend, ann.id, (await own_list.page(stage.backend, ann.id, "")).next)
    assert len(mine.items) == 7


async def test_a_chat_whose_deletion_was_interrupted_is_no_longer_listed_and_announced_as_deleted(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    kept, chat_id = await stage.chat(ann), await stage.chat(ann)
    chat = await stage.store.chats.read(chat_id)
    assert chat is not None and await stage.store.chats.delete(Roster(chat, ()), unless_joined=False)
    for _ in range(2):
        page = await directory.page(stage.backend, "")
        assert [one.id for one in page.items] == [kept]
    assert bob.heard("chatDeleted") == [chat_id]


async def test_a_list_shows_a_bounded_number_of_members(stage: Stage) -> None:
    ann = await stage.user("Ann")
    chat_id = await stage.chat(ann)
    for number in range(chat_view.LISTED_MEMBERS + 5):
        await stage.store.chats.add(chat_id, Member(f"user{number}", "U", number))
    [shown] = (await directory.page(stage.backend, "")).items
    assert len(shown.members) == chat_view.LISTED_MEMBERS


async def test_a_membership_whose_chat_is_gone_is_dropped_when_read(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    place = await stage.store.memberships.read(bob.id, chat_id)
    await ann.does("deleteChat", chat_id)
    assert place is not None
    await stage.store.memberships.insert(place)
    assert (await own_list.page(stage.backend, bob.id, "")).items == ()
    assert await stage.store.memberships.read(bob.id, chat_id) is None


async def test_an_interrupted_deletion_continues_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch of members is finished before the next, so a call that reaches its deadline has made progress."""
    monkeypatch.setattr(deletion, "PORTION_MEMBERS", 2)
    ann, *others = [await stage.user(name) for name in ("Ann", "Bob", "Cat", "Dan", "Eve", "Fay")]
    chat_id = await stage.chat(ann, *others)
    purge, left = stage.store.chats.purge_members, [2]

    async def cut(chat_id: str, limit: int) -> tuple[Member, ...]:
        if not left[0]:
            raise Unavailable
        left[0] -= 1
        return await purge(chat_id, limit)

    monkeypatch.setattr(stage.store.chats, "purge_members", cut)
    assert await ann.code("deleteChat", chat_id) == "Unavailable"
    assert len(await stage.members(chat_id)) == 2
    left[0] = 9
    await ann.does("deleteChat", chat_id)
    assert await stage.members(chat_id) == set()
    assert not any(one.may_speak_in(chat_id) or one.hears(chat_id) for one in (ann, *others))
