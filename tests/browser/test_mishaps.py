"""Things that go wrong in a chat: loading fails, messages and people disappear, double clicks."""

from collections.abc import Callable

from playwright.sync_api import expect

from shared.settings import CONNECTIONS_PER_USER
from tests.browser.conftest import OFFLINE, Arrive, Visitor, copy_cookies
from tests.browser.wire import Wire


def not_loaded(visitor: Visitor, deed: Callable[[], object]) -> None:
    """What it needs cannot be loaded, and that is told: anew where it was told of something else before."""
    visitor.part("toast").evaluate_all("toasts => toasts.forEach(toast => toast.dataset.seen = '')")
    deed()
    fresh = visitor.page.locator("[data-testid='toast']:not([data-seen])")
    expect(fresh.filter(has_text="no connection")).to_be_visible()


def test_what_cannot_be_loaded_offline_is_told_and_comes_when_it_is_wanted_again(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Tunnel")
    ada.accept(*OFFLINE)
    ada.page.context.set_offline(True)
    not_loaded(ada, ada.part("chat-menu").click)
    not_loaded(ada, lambda: ada.page.keyboard.press("Control+k"))
    ada.part("lobby-search").fill("light")
    not_loaded(ada, ada.part("search-messages").click)
    ada.page.context.set_offline(False)
    expect(ada.part("search-messages")).to_be_visible()
    ada.part("search-messages").click()
    expect(ada.part("message-search")).to_be_visible()
    ada.page.keyboard.press("Control+k")
    expect(ada.part("switcher-field")).to_be_focused()
    ada.page.keyboard.press("Escape")
    ada.part("lobby-search").fill("")
    ada.open("Tunnel")
    ada.part("chat-menu").click()
    expect(ada.part("chat-export")).to_be_visible()


def test_what_was_not_sent_when_the_page_ended_is_sent_by_the_next_or_can_be_discarded(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Ferry")
    ada.accept(*OFFLINE)
    ada.page.context.set_offline(True)
    expect(ada.say("all aboard")).to_have_attribute("data-status", "sending")
    # Offline there is no page to come back to.
    url = ada.page.url
    ada.page.goto("about:blank")
    ada.page.context.set_offline(False)
    ada.page.goto(url)
    expect(ada.message("all aboard")).to_have_attribute("data-status", "saved")
    wire = Wire(ada.page)
    ada.page.reload()
    wire.held = {"saveMessage"}
    said = ada.say("not meant")
    expect(said).to_have_attribute("data-status", "delivered")
    wire.refuse()
    expect(said).to_have_attribute("data-status", "failed")
    wire.held = {"saveMessage"}
    said.get_by_role("button", name="Try again").press("Enter")
    expect(said).to_have_attribute("data-status", "delivered")
    expect(said).to_be_focused()
    wire.refuse()
    said.get_by_test_id("message-discard").press("Enter")
    expect(said).to_have_count(0)
    expect(ada.message("all aboard")).to_be_focused()


def test_what_was_written_to_change_a_message_that_is_deleted_can_be_sent_as_a_new_one(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Two tabs")
    expect(ada.say("first words")).to_have_attribute("data-status", "saved")
    other = Visitor(ada.page.context.new_page(), ada.url, ada.problems, ada.name)
    other.page.goto(ada.page.url)
    ada.part("composer").press("ArrowUp")
    expect(ada.part("composer")).to_have_value("first words")
    ada.part("composer").fill("better words")
    other.message("first words").hover()
    other.part("message-menu").click()
    other.part("menu-delete").click()
    other.part("message-delete-confirm").click()
    expect(ada.part("message")).to_have_count(0)
    expect(ada.part("composer-context")).to_contain_text("The message was deleted")
    expect(ada.part("composer")).to_have_value("better words")
    ada.part("composer").press("Enter")
    expect(ada.message("better words")).to_have_attribute("data-status", "saved")


def test_the_focus_is_not_lost_with_what_had_it(arrive: Arrive) -> None:
    ada, bob = arrive("Ada"), arrive("Bob")
    ada.create_chat("Focus")
    bob.open("Focus")
    ada.part("composer").fill("one click too many")
    ada.part("send").dblclick()
    expect(ada.message("one click too many")).to_have_count(1)
    expect(ada.part("composer")).to_be_focused()
    expect(bob.message("one click too many")).to_be_visible()
    bob.part("leave-chat").click()
    expect(bob.page.get_by_role("main")).to_be_focused()
    bob.open("Focus")
    expect(bob.message("one click too many")).to_be_visible()
    bob.part("composer").click()
    ada.page.get_by_role("button", name="Members", exact=True).click()
    ada.part("member-remove").click()
    ada.part("member-remove-confirm").click()
    expect(ada.part("member")).to_have_count(1)
    # At a neighbour of who is gone.
    expect(ada.page.locator("[role=dialog]:focus-within")).to_have_count(1)
    expect(bob.page.get_by_role("main")).to_be_focused()
    ada.page.keyboard.press("Escape")
    ada.part("chat-menu").click()
    ada.part("chat-menu-delete").click()
    ada.part("chat-delete-confirm").click()
    expect(ada.page.get_by_role("main")).to_be_focused()
    # A page that asks for messages in the moment in which it is put out is refused before it hears of that.
    bob.accept("403 (Forbidden)")


# Whether something in the chat's header overflows its line.
CUT = """
mark => {
  const { right, bottom, top } = mark.getBoundingClientRect()
  const line = mark.parentElement.getBoundingClientRect()
  return top < line.bottom && (right > line.right || bottom > line.bottom)
}
"""


def test_little_room_leaves_enough_for_what_one_came_for(arrive: Arrive) -> None:
    ada = arrive("Ada", viewport={"width": 640, "height": 400})  # 1280 by 800 at 200 %.
    # As long as nobody else is there, the link that brings others takes room as well.
    arrive("Grace")
    for number in range(3):
        ada.create_chat(f"Room {number}")
        ada.page.go_back()
    # The name of a second chat is in sight, whoever is there.
    expect(ada.part("chat-item").nth(1)).to_be_in_viewport(ratio=0.7)
    ada.page.set_viewport_size({"width": 360, "height": 640})
    ada.create_chat("Project plan")
    name = ada.page.get_by_role("heading", level=1)
    assert name.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_on_a_phone_a_mark_is_shown_whole_or_not_at_all_and_words_that_have_room_are_whole(arrive: Arrive) -> None:
    ada = arrive("Ada", viewport={"width": 360, "height": 640}, locale="de-DE")
    ada.create_chat("Long-winded plan", moderated=True)
    for width in (330, 360):
        ada.page.set_viewport_size({"width": width, "height": 640})
        assert ada.part("moderated").evaluate(CUT) is False
    expect(ada.say("first")).to_have_attribute("data-status", "saved")
    ada.part("composer").press("ArrowUp")
    label = ada.part("composer-context").get_by_text("Du bearbeitest")
    assert label.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_notices_cover_no_menu(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Menus")
    ada.part("chat-menu").click()
    # Asked for by number: a notice that lies over a menu lets clicks through, so that only the eye is hindered.
    layer = "element => Number(getComputedStyle(element).zIndex)"
    menu = ada.page.get_by_role("menu").evaluate(layer)
    assert menu > ada.page.locator(".notices").evaluate(layer)


OPEN_CONNECTIONS = """
async count => {
  const open = async () => {
    const { url } = await (await fetch('/api/getToken')).json()
    const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(socket)
      socket.onerror = reject
    })
  }
  window.opened = await Promise.all(Array.from({ length: count }, open))
}
"""


def test_a_tab_too_many_says_so_and_connects_by_itself_when_another_is_closed(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Twenty tabs")
    ada.page.evaluate(OPEN_CONNECTIONS, CONNECTIONS_PER_USER - 1)
    tab = arrive()
    tab.accept("429")
    copy_cookies(ada.page.context, tab.page.context)
    tab.page.clock.install()
    tab.page.goto(ada.page.url)
    banner = tab.part("connection-banner")
    expect(banner).to_contain_text("open in too many tabs")
    tab.page.clock.fast_forward(20_000)
    expect(banner).to_contain_text("open in too many tabs")
    ada.accept("429")
    ada.page.evaluate("() => window.opened[0].close()")
    ada.eventually("async () => (await fetch('/api/getToken')).ok", None)
    tab.page.clock.run_for(20_000)
    expect(banner).to_be_hidden()
    expect(tab.say("here after all")).to_have_attribute("data-status", "saved")
