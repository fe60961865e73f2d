"""Going back in the browser's history restores the scroll position."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.going_back import back
from tests.browser.histories import in_a_read_chat
from tests.browser.scrolling import settled
from tests.stack import Stack

ROWS = "[data-testid='message'], [data-testid='search-result']"
# The first row whose bottom is in view, and how far (px) that is below the upper edge of the scroll container. Not its
# top or its text, because it loses its header when older messages of its author are added above it.
PLACE = f"""list => {{
  const {{ top }} = list.getBoundingClientRect()
  const end = (row) => Math.round(row.getBoundingClientRect().bottom - top)
  const row = [...list.querySelectorAll("{ROWS}")].find((one) => end(one) > 0)
  return row && [row.dataset.messageId ?? row.dataset.found, end(row)]
}}"""
LOOKS = 50
SETTLED = settled(PLACE)
# The place of one particular row. A row with one visible pixel may have none afterwards, and is then not the first.
PLACE_OF = f"""async (list, id) => {{
  const at = await ({SETTLED})(list)
  const rows = [...list.querySelectorAll("{ROWS}")]
  const row = rows.find((one) => (one.dataset.messageId ?? one.dataset.found) === id)
  return row ? [id, Math.round(row.getBoundingClientRect().bottom - list.getBoundingClientRect().top)] : at
}}"""


def is_at(list_: Locator, place: list[object]) -> None:
    at: list[object] = []
    # It stands still for some frames, too, while older messages are on their way.
    for _ in range(LOOKS):
        at = list_.evaluate(PLACE_OF, place[0])
        if at[0] == place[0] and abs(int(str(at[1])) - int(str(place[1]))) <= 1:
            return
    raise AssertionError(f"at {at}, not at {place}")


def read_far_up(visitor: Visitor) -> list[object]:
    """In the middle of a history that is completely loaded."""
    messages = visitor.part("message-list")
    visitor.eventually(
        """async () => {
          const list = document.querySelector('[data-testid="message-list"]')
          list.scrollTo(0, 0)
          const texts = [...list.querySelectorAll('[data-testid="message-text"]')].map((text) => text.textContent)
          return texts.includes('line 0')
        }""",
        None,
    )
    messages.evaluate("list => list.scrollTo(0, list.scrollHeight / 2)")
    place: list[object] = messages.evaluate(SETTLED)
    expect(visitor.part("jump-newest")).to_be_visible()
    return place


def test_back_and_forward_lead_to_where_one_was_in_a_chat_and_a_fresh_opening_to_its_end(
    arrive: Arrive, stack: Stack
) -> None:
    ada = in_a_read_chat(arrive, stack, "Ledger")
    messages = ada.part("message-list")
    place = read_far_up(ada)
    ada.open("Beside 6")
    expect(ada.part("message")).to_have_count(0)
    back(ada)
    expect(ada.part("message")).not_to_have_count(0)
    is_at(messages, place)
    ada.page.evaluate("history.forward()")
    expect(ada.part("message")).to_have_count(0)
    ada.chat("Ledger").click()
    expect(ada.message("line 229")).to_be_in_viewport()
    expect(ada.part("jump-newest")).to_have_count(0)
    place = read_far_up(ada)
    back(ada)
    expect(ada.part("message")).to_have_count(0)
    ada.page.evaluate("history.forward()")
    expect(ada.part("message")).not_to_have_count(0)
    is_at(messages, place)


def test_back_leads_to_where_one_was_though_something_was_open_over_it(arrive: Arrive, stack: Stack) -> None:
    ada = in_a_read_chat(arrive, stack, "Register")
    place = read_far_up(ada)
    ada.part("chat-menu").click()
    expect(ada.page.get_by_role("menu")).to_be_visible()
    back(ada)
    expect(ada.page.get_by_role("menu")).to_have_count(0)
    is_at(ada.part("message-list"), place)
    ada.open("Beside 8")
    expect(ada.part("message")).to_have_count(0)
    back(ada)
    expect(ada.part("message")).not_to_have_count(0)
    is_at(ada.part("message-list"), place)


def test_back_leads_to_where_one_was_among_the_results_of_a_search(arrive: Arrive, stack: Stack) -> None:
    ada = in_a_read_chat(arrive, stack, "Index")
    ada.part("lobby-search").fill("line")
    ada.part("lobby-search").press("Enter")
    expect(ada.part("search-result")).not_to_have_count(0)
    results = ada.part("search-results").locator("..")
    results.evaluate("list => list.scrollTo(0, 700)")
    place: list[object] = results.evaluate(SETTLED)
    # A result that is in sight, so that the click scrolls nothing.
    ada.page.locator(f"[data-found='{place[0]}'] + *, li:has([data-found='{place[0]}']) + li").first.click()
    expect(ada.part("message-list")).to_be_visible()
    back(ada)
    expect(ada.part("search-result")).not_to_have_count(0)
    is_at(results, place)
    # Another search on the same screen.
    ada.part("lobby-search").fill("line 22")
    ada.part("lobby-search").press("Enter")
    expect(ada.part("search-result")).to_have_count(12)
    back(ada)
    expect(ada.part("search-result")).to_have_count(25)
    is_at(results, place)
