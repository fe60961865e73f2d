"""Keyboard only: when something closes or disappears, the focus returns to where it came from, or to something near."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Visitor


@pytest.fixture
def ada(arrive: Arrive) -> Visitor:
    """A person in a chat of three messages, with the focus on the middle one."""
    ada = arrive("Ada")
    ada.create_chat(f"Keys of {ada.name}")
    for text in ("one", "two", "three"):
        expect(ada.say(text)).to_have_attribute("data-status", "saved")
    to_message(ada, "two")
    return ada


def to_message(visitor: Visitor, text: str) -> None:
    visitor.part("message-list").focus()
    visitor.page.keyboard.press("Enter")
    for _ in range(2):
        if visitor.message(text).evaluate("element => element === document.activeElement"):
            break
        visitor.page.keyboard.press("ArrowUp")
    expect(visitor.message(text)).to_be_focused()


def press(visitor: Visitor, *keys: str) -> None:
    for key in keys:
        visitor.page.keyboard.press(key)


def open_menu(visitor: Visitor, item: str) -> None:
    """Opens the menu of the focused message and moves to one of its items."""
    focused = visitor.page.locator("[data-testid='message']:focus-within")
    # Its tools come with the focus.
    expect(focused.get_by_test_id("message-menu")).to_be_visible()
    focused.get_by_test_id("message-menu").focus()
    press(visitor, "Enter")
    expect(visitor.part(item)).to_be_visible()
    visitor.part(item).focus()


def focus_is_in(place: Locator) -> None:
    """Asserts that the focus is in it or on it, and so not on the body."""
    expect(place.and_(place.page.locator(":focus-within"))).to_have_count(1)


def nothing_is_open(visitor: Visitor) -> None:
    expect(visitor.page.locator("[role$='dialog'], [role='menu']")).to_have_count(0)


def test_a_messages_menu_gives_the_focus_back_to_its_button(ada: Visitor) -> None:
    open_menu(ada, "menu-copy")
    press(ada, "Escape")
    nothing_is_open(ada)
    expect(ada.message("two").get_by_test_id("message-menu")).to_be_focused()
    open_menu(ada, "menu-copy")
    ada.page.evaluate("history.back()")
    nothing_is_open(ada)
    focus_is_in(ada.message("two"))


def test_the_emoji_picker_gives_the_focus_back_to_the_message(ada: Visitor) -> None:
    open_menu(ada, "menu-react")
    press(ada, "Enter")
    expect(ada.part("emoji-search")).to_be_focused()
    press(ada, "Escape")
    nothing_is_open(ada)
    focus_is_in(ada.message("two"))
    ada.message("two").get_by_test_id("message-react").focus()
    press(ada, "Enter")
    expect(ada.part("emoji")).not_to_have_count(0)
    ada.part("emoji-search").fill("rocket")
    press(ada, "Enter")
    nothing_is_open(ada)
    focus_is_in(ada.message("two"))
    reaction = ada.message("two").get_by_test_id("reaction")
    reaction.focus()
    press(ada, "Enter")
    expect(reaction).to_have_count(0)
    focus_is_in(ada.message("two"))


def test_whoever_deletes_a_message_is_at_the_next_one_and_in_the_end_still_in_the_list(ada: Visitor) -> None:
    for text, after in (
        ("two", ada.message("three")),
        ("three", ada.message("one")),
        ("one", ada.part("message-list")),
    ):
        open_menu(ada, "menu-delete")
        press(ada, "Enter")
        expect(ada.page.get_by_role("alertdialog")).to_be_visible()
        ada.part("message-delete-confirm").focus()
        press(ada, "Enter")
        expect(ada.message(text)).to_have_count(0)
        nothing_is_open(ada)
        focus_is_in(after)
    press(ada, "h")
    expect(ada.part("composer")).to_be_focused()


def test_a_message_that_goes_under_its_menu_or_the_focus_leaves_the_focus_at_its_neighbour(
    ada: Visitor, arrive: Arrive
) -> None:
    bob = arrive("Bob")
    bob.open(f"Keys of {ada.name}")
    expect(bob.say("not mine")).to_have_attribute("data-status", "saved")
    expect(ada.message("not mine")).to_be_visible()
    ada.message("not mine").focus()
    open_menu(ada, "menu-copy")
    bob.message("not mine").hover()
    bob.message("not mine").get_by_test_id("message-menu").click()
    bob.part("menu-delete").click()
    bob.part("message-delete-confirm").click()
    expect(ada.message("not mine")).to_have_count(0)
    nothing_is_open(ada)
    focus_is_in(ada.message("three"))


def test_layer_by_layer_the_focus_goes_back_to_the_first_button(ada: Visitor, arrive: Arrive) -> None:
    bob = arrive("Bob")
    bob.open(f"Keys of {ada.name}")
    button = ada.page.get_by_role("button", name="2 members")
    button.focus()
    press(ada, "Enter")
    remove = ada.part("member-remove")
    remove.focus()
    press(ada, "Enter")
    focus_is_in(ada.page.get_by_role("alertdialog"))
    press(ada, "Escape")
    expect(remove).to_be_focused()
    press(ada, "Enter")
    ada.part("member-remove-confirm").focus()
    press(ada, "Enter")
    expect(remove).to_have_count(0)
    focus_is_in(ada.page.get_by_role("dialog"))
    press(ada, "Escape")
    nothing_is_open(ada)
    expect(ada.page.get_by_role("button", name="1 member")).to_be_focused()


def test_menus_and_dialogs_of_the_page_give_the_focus_back(ada: Visitor) -> None:
    me = ada.part("profile-menu")
    me.focus()
    press(ada, "Enter")
    expect(ada.part("shortcuts-open")).to_be_visible()
    press(ada, "Escape")
    nothing_is_open(ada)
    expect(me).to_be_focused()
    press(ada, "Enter")
    ada.part("shortcuts-open").focus()
    press(ada, "Enter")
    expect(ada.part("shortcuts")).to_be_visible()
    focus_is_in(ada.page.get_by_role("dialog"))
    press(ada, "Escape")
    nothing_is_open(ada)
    expect(me).to_be_focused()
    ada.part("new-chat").first.focus()
    press(ada, "Enter")
    expect(ada.part("new-chat-name")).to_be_focused()
    press(ada, "Escape")
    expect(ada.part("new-chat").first).to_be_focused()
    ada.part("composer").focus()
    press(ada, "Control+k")
    focus_is_in(ada.page.get_by_role("dialog"))
    press(ada, "Escape")
    nothing_is_open(ada)
    expect(ada.part("composer")).to_be_focused()


@pytest.mark.parametrize(("deed", "confirm"), [("leave-chat", "leave-confirm"), ("", "chat-delete-confirm")])
def test_whoever_leaves_or_deletes_a_chat_is_on_the_screen_that_comes(ada: Visitor, deed: str, confirm: str) -> None:
    if deed:
        ada.part(deed).focus()
    else:
        ada.part("chat-menu").focus()
        press(ada, "Enter")
        ada.part("chat-menu-delete").focus()
    press(ada, "Enter")
    ada.part(confirm).focus()
    press(ada, "Enter")
    expect(ada.part("composer")).to_have_count(0)
    nothing_is_open(ada)
    focus_is_in(ada.page.get_by_role("main"))
