"""Creates groups, uses their menu, and invites people."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visitor


def create_group(owner: Visitor, name: str) -> str:
    owner.part("new-chat").first.click()
    owner.part("new-chat-name").fill(name)
    owner.part("new-chat-group").check(force=True)
    owner.part("new-chat-create").click()
    expect(owner.part("composer")).to_be_visible()
    return str(owner.chat(name).get_attribute("data-chat-id"))


def choose(visitor: Visitor, testid: str) -> None:
    """Selects an item in the menu of the open chat."""
    visitor.part("chat-menu").click()
    visitor.part(testid).click()


def invite_link(owner: Visitor) -> str:
    choose(owner, "chat-invite")
    expect(owner.part("invite-link")).to_have_value(re.compile("/join/"))
    link = owner.part("invite-link").input_value()
    owner.page.keyboard.press("Escape")
    return link
