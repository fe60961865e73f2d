"""A chat with more members than the list of chats includes: all can be seen, found and mentioned."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.plenty import put_members
from tests.stack import Stack

# In the order of their ids, by which the lists name the first hundred, Zoë is the last.
NAMES = {f"guest_{number:04}": f"Member {number:04}" for number in range(1_200)} | {"guest_zzz": "Zoë Last"}
MOST_ROWS = 160


def test_all_members_of_a_crowd_are_listed_found_and_mentioned(arrive: Arrive, stack: Stack) -> None:
    ada = arrive("Ada")
    chat_id = ada.create_chat("Crowd")
    put_members(stack, chat_id, NAMES)
    ada.page.reload()
    ada.open("Crowd")
    expect(ada.page.get_by_role("button", name="or more members")).to_be_visible()
    ada.part("composer").fill("Welcome @zoe")
    expect(ada.part("mention-option")).to_have_count(1)
    expect(ada.part("mention-option")).to_contain_text("Zoë Last")
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("Enter")
    expect(ada.part("message").locator(".mention")).to_have_text("@Zoë Last")
    ada.page.get_by_role("button", name="1,202 members").click()
    members = ada.part("member")
    expect(members.first).to_contain_text("Ada")
    expect(members.first).to_have_attribute("aria-setsize", str(len(NAMES) + 1))
    assert members.count() <= MOST_ROWS
    ada.part("member-filter").fill("zoe")
    expect(members).to_have_count(1)
    expect(members).to_contain_text("Zoë Last")
    ada.part("member-filter").fill("nobody at all")
    expect(members).to_have_count(0)
    expect(ada.page.get_by_role("dialog").get_by_role("status")).to_contain_text("No members found")
    ada.part("member-filter").fill("")
    list_of_members = ada.part("member-list").locator("..")
    list_of_members.evaluate("(list) => list.scrollTo(0, list.scrollHeight)")
    expect(members.last).to_have_attribute("aria-posinset", str(len(NAMES) + 1))
    assert members.count() <= MOST_ROWS
