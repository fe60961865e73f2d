"""Joining, leaving, being removed, and who inherits a chat."""

import pytest

from shared.model.errors import ChatNotFound
from shared.model.records import Ending, Member
from shared.rules.chats import member_list
from shared.wire.chat_events import ChatJoined
from tests.backend.stage import Stage, new_id


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_whoever_joins_hears_the_chat_and_can_speak_in_all_tabs(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(ann, bob)
    assert await stage.members(chat_id) == {ann.id, bob.id}
    assert all(one.may_speak_in(chat_id) and one.hears(chat_id) for one in (bob, tab))
    joined = {"chatId": chat_id, "userId": bob.id, "userName": "Bob"}
    assert ann.heard("memberJoined") == [joined] and tab.heard("memberJoined") == [joined]


async def test_whoever_joins_is_told_who_came_before_and_who_owns_the_chat(stage: Stage) -> None:
    ann, bob, cyd = await stage.user("Ann"), await stage.user("Bob"), await stage.user("Cyd")
    chat_id = await stage.chat(ann, bob)
    for _ in range(2):
        told = await cyd.does("joinChat", chat_id)
        assert isinstance(told, ChatJoined)
        assert (told.owner, set(told.members)) == (ann.id, {ann.id, bob.id, cyd.id})


async def test_a_client_that_shows_only_text_reads_who_joined_without_being_scripted(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("<b>Bob</b>")
    await stage.chat(ann, bob)
    heard = stage.sender.heard[ann.connection][-1]
    assert heard["fromUserName"] == "Chatr"
    assert heard["message"] == "&lt;b&gt;Bob&lt;/b&gt; has joined the chat"


async def test_joining_twice_announces_once_and_gives_rights_to_a_new_tab(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    tab = await bob.another_tab()
    ann.heard()
    await tab.does("joinChat", chat_id)
    assert ann.heard("memberJoined") == []
    assert tab.may_speak_in(chat_id) and tab.hears(chat_id)


async def test_whoever_leaves_hears_nothing_more_and_cannot_speak(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(ann, bob)
    await bob.does("leaveChat", {"chatId": chat_id, "userName": "Mallory"})
    left = {"chatId": chat_id, "userId": bob.id, "userName": "Bob", "removed": False}
    assert ann.heard("memberLeft") == [left]
    assert tab.heard("memberLeft") == [left]
    assert not any(one.may_speak_in(chat_id) or one.hears(chat_id) for one in (bob, tab))
    assert await stage.members(chat_id) == {ann.id}
    assert await stage.store.memberships.read(bob.id, chat_id) is None


async def test_leaving_a_chat_one_is_not_in_does_nothing(stage: Stage) -> None:
    """The original Chatr's client leaves chats that somebody else has deleted."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    await bob.does("leaveChat", {"chatId": chat_id})
    await bob.does("leaveChat", {"chatId": new_id()})
    assert ann.heard("memberLeft") == []
    await ann.does("deleteChat", chat_id)
    await ann.does("leaveChat", {"chatId": chat_id})
    assert ann.heard("memberLeft") == []


async def test_the_owner_leaving_hands_the_chat_to_whoever_joined_first(stage: Stage) -> None:
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Zoe", "Cat")]
    chat_id = await stage.chat(ann, bob, cat)
    await ann.does("leaveChat", {"chatId": chat_id})
    assert await stage.owner(chat_id) == bob.id
    assert await stage.members(chat_id) == {bob.id, cat.id}


async def test_the_last_member_leaving_ends_the_chat(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    await ann.does("leaveChat", {"chatId": chat_id})
    assert bob.heard("chatDeleted") == [chat_id]
    assert await bob.code("joinChat", chat_id) == "ChatNotFound"
    assert not ann.may_speak_in(chat_id)


async def test_the_owner_can_remove_a_member(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(ann, bob)
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    left = {"chatId": chat_id, "userId": bob.id, "userName": "Bob", "removed": True}
    assert ann.heard("memberLeft") == [left] and bob.heard("memberLeft") == [left]
    assert not any(one.may_speak_in(chat_id) or one.hears(chat_id) for one in (bob, tab))
    assert await bob.code("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"}) == "NotAMember"


async def test_a_connection_that_kept_quiet_does_not_outlive_a_removal(stage: Stage) -> None:
    """Its rights came with its token, and can't be revoked one by one, because the connection is not known."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    quiet = bob.silent_tab()
    stage.sender.rights.add((quiet.connection, chat_id))
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    assert stage.sender.of(bob.id) == {bob.connection}
    assert not quiet.may_speak_in(chat_id)


@pytest.mark.parametrize("event", ["leaveChat", "deleteChat"])
async def test_who_leaves_or_deletes_keeps_the_connection_that_says_so(stage: Stage, event: str) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    quiet = ann.silent_tab()
    await quiet.does(event, {"chatId": chat_id} if event == "leaveChat" else chat_id)
    assert quiet.connection in stage.sender.users


async def test_nobody_but_the_owner_can_remove_a_member(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(ann, bob)
    assert await bob.code("removeMember", {"chatId": chat_id, "userId": ann.id}) == "NotTheOwner"
    assert await eve.code("removeMember", {"chatId": chat_id, "userId": ann.id}) == "NotAMember"
    assert await eve.code("removeMember", {"chatId": new_id(), "userId": ann.id}) == "ChatNotFound"
    await ann.does("leaveChat", {"chatId": chat_id})
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == "NotAMember"
    assert await stage.members(chat_id) == {bob.id}


async def test_removing_oneself_or_somebody_unknown_is_refused(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": ann.id}) == "BadRequest"
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": "nobody"}) == "UserNotFound"
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == ""
    assert ann.heard("memberLeft") == []


async def test_a_member_whose_profile_is_forgotten_can_be_removed(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    del stage.memory.users.rows[bob.id]
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == ""
    assert await stage.members(chat_id) == {ann.id}


async def test_who_is_taken_out_by_another_tab_in_the_same_moment_has_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    take_out = stage.store.chats.take_out

    async def outrun(chat_id: str, member: Member, ending: Ending) -> Ending | None:
        assert await take_out(chat_id, member, ending)
        return await take_out(chat_id, member, ending)

    monkeypatch.setattr(stage.store.chats, "take_out", outrun)
    assert await bob.code("leaveChat", {"chatId": chat_id}) == ""
    assert await stage.members(chat_id) == {ann.id} and not bob.may_speak_in(chat_id)


async def test_who_leaves_a_chat_that_is_deleted_in_the_same_moment_has_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    take_out = stage.store.chats.take_out

    async def outrun(chat_id: str, member: Member, ending: Ending) -> Ending | None:
        monkeypatch.undo()
        await ann.does("deleteChat", chat_id)
        return await take_out(chat_id, member, ending)

    monkeypatch.setattr(stage.store.chats, "take_out", outrun)
    assert await bob.code("leaveChat", {"chatId": chat_id}) == ""
    assert not bob.may_speak_in(chat_id) and bob.heard("memberLeft") == []


async def test_a_removed_member_may_join_again(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    await bob.does("joinChat", chat_id)
    assert bob.may_speak_in(chat_id) and bob.hears(chat_id)


@pytest.mark.parametrize("data", ["", "a b", "x" * 129, "a/b", "é"])
async def test_an_id_that_no_chat_can_have_is_refused(stage: Stage, data: str) -> None:
    ann = await stage.user("Ann")
    assert await ann.code("joinChat", data) == "BadRequest"


async def test_a_chat_of_more_members_than_any_list_shows_has_them_all_in_pages(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    everybody = {ann.id: "Ann"} | {f"u{number}": f"User {number}" for number in range(1_100)}
    for user_id, name in list(everybody.items())[1:]:
        await stage.store.chats.add(chat_id, Member(user_id, name, 1))
    found, after, pages = dict[str, str](), "", 0
    while pages == 0 or after:
        page = await member_list.page(stage.backend, bob.id, chat_id, after)
        assert len(page.items) <= member_list.PAGE_MEMBERS
        found |= {one.user_id: one.name for one in page.items}
        after, pages = page.next, pages + 1
    assert found == everybody and pages == 3


async def test_members_of_what_is_not_public_are_for_its_members_and_those_of_a_deleted_chat_for_nobody(
    stage: Stage,
) -> None:
    ann, bob, cyd = await stage.user("Ann"), await stage.user("Bob"), await stage.user("Cyd")
    group, public = new_id(), await stage.chat(ann)
    await ann.does("createChat", {"id": group, "name": "Group", "kind": "group"})
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [private] = [place.chat_id for place in (await stage.store.memberships.of_user(bob.id, "", 9)).items]
    await ann.does("deleteChat", public)
    for chat_id, user in ((group, bob), (private, cyd), (public, ann), (new_id(), ann)):
        with pytest.raises(ChatNotFound):
            await member_list.page(stage.backend, user.id, chat_id, "")
    for chat_id, wanted in ((group, {ann.id}), (private, {ann.id, bob.id})):
        page = await member_list.page(stage.backend, ann.id, chat_id, "")
        assert {one.user_id for one in page.items} == wanted
