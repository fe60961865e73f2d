"""Tab moves the focus into a scroll container at its current scroll position."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.histories import in_a_read_chat
from tests.browser.scrolling import PLACE, settled
from tests.stack import Stack

AT_PLACE = f"([list, place]) => JSON.stringify(({PLACE})(list)) === JSON.stringify(place)"


def scroll_up(visitor: Visitor) -> object:
    messages = visitor.part("message-list")
    messages.evaluate("list => list.scrollTo(0, list.scrollHeight - 2000)")
    expect(visitor.part("jump-newest")).to_be_visible()
    return messages.evaluate(settled(PLACE))


def is_at(visitor: Visitor, list_: str, place: object) -> None:
    visitor.eventually(
        f'async ([id, place]) => ({AT_PLACE})([document.querySelector(`[data-testid="${{id}}"]`), place])',
        [list_, place],
    )


def test_tab_leads_to_a_message_in_sight_however_far_one_has_scrolled(arrive: Arrive, stack: Stack) -> None:
    ada = in_a_read_chat(arrive, stack, "Margins")
    # Something to stop at, far below and far above.
    expect(ada.say("https://example.com/below")).to_have_attribute("data-status", "saved")
    messages = ada.part("message-list")
    for _ in range(2):
        place = scroll_up(ada)
        messages.focus()
        ada.page.keyboard.press("Tab")
        expect(ada.page.locator("[data-testid='message']:focus")).to_be_in_viewport(ratio=1)
        is_at(ada, "message-list", place)
        ada.part("jump-newest").focus()
        ada.page.keyboard.press("Shift+Tab")
        expect(ada.page.locator("[data-testid='message']:focus")).to_be_in_viewport(ratio=1)
        is_at(ada, "message-list", place)
        messages.focus()
        ada.page.keyboard.press("Enter")
        expect(ada.page.locator("[data-testid='message']:focus")).to_be_in_viewport(ratio=1)
        is_at(ada, "message-list", place)
    ada.part("jump-newest").click()
    messages.focus()
    ada.page.keyboard.press("Tab")
    expect(ada.page.locator("[data-testid='message']:focus")).to_contain_text("below")
