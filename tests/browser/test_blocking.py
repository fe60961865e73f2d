"""Blocking a user, as both of them see it."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive

REFUSED = "You can't message this person."


def test_who_is_blocked_cannot_write_until_unblocked_and_both_see_why(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.user(grace).get_by_role("link").click()
    ada.say("hello")
    grace.chat(ada.name).click()
    expect(grace.message("hello")).to_be_visible()

    # From the chat's menu, asked once.
    ada.part("chat-menu").click()
    ada.part("chat-block").click()
    expect(ada.page.get_by_role("alertdialog")).to_contain_text(grace.name)
    ada.part("block-confirm").click()
    expect(ada.part("blocked-note")).to_contain_text(grace.name)
    expect(ada.part("composer")).to_have_count(0)

    grace.accept("Forbidden")
    refused = grace.say("are you there?")
    expect(refused).to_contain_text(REFUSED)
    expect(ada.message("hello")).to_be_visible()
    expect(ada.message("are you there?")).to_have_count(0)

    # A page that is loaded anew knows of it.
    ada.page.reload()
    expect(ada.part("blocked-note")).to_be_visible()
    expect(ada.user(grace)).to_be_visible()
    ada.part("unblock").click()
    expect(ada.part("composer")).to_be_focused()
    refused.get_by_role("button", name="Try again").click()
    expect(ada.message("are you there?")).to_be_visible()


def test_a_person_is_blocked_from_the_list_of_people_and_unblocked_in_the_settings(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    # With the keyboard alone.
    ada.user(grace).get_by_test_id("person-menu").focus()
    ada.page.keyboard.press("Enter")
    expect(ada.part("person-block")).to_be_visible()
    ada.page.keyboard.press("ArrowDown")
    expect(ada.part("person-block")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(ada.part("block-confirm")).to_be_visible()
    ada.part("block-confirm").press("Enter")
    expect(ada.part("block-confirm")).to_have_count(0)

    grace.user(ada).get_by_role("link").click()
    expect(grace.part("toast").get_by_text(REFUSED)).to_be_visible()

    ada.part("profile-menu").click()
    ada.part("blocked-open").click()
    row = ada.part("blocked-list").get_by_role("listitem").filter(has_text=grace.name)
    row.get_by_test_id("blocked-toggle").click()
    expect(row.get_by_role("button", name="Block:")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.part("blocked-list")).to_have_count(0)
    grace.user(ada).get_by_role("link").click()
    expect(grace.part("composer")).to_be_visible()
