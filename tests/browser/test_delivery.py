"""The delivery of own messages, and their order, despite stalls, faults and long interruptions."""

from playwright.sync_api import expect

from tests.browser.conftest import OFFLINE, Arrive, Visitor
from tests.browser.wire import Wire


def two_in(arrive: Arrive, chat: str) -> tuple[Visitor, Visitor, Wire]:
    """Ada and Bob in a chat, and the frames that Ada's page sends."""
    ada, bob = arrive("Ada"), arrive("Bob")
    ada.create_chat(chat)
    url = ada.page.url
    bob.open(chat)
    ada.page.clock.install()
    wire = Wire(ada.page)
    ada.page.goto(url)
    expect(ada.part("composer")).to_be_visible()
    return ada, bob, wire


def texts_of(visitor: Visitor, *texts: str) -> None:
    expect(visitor.part("message-text")).to_have_text(list(texts))


def test_what_is_written_while_the_backend_stands_still_stays_in_the_order_of_writing(arrive: Arrive) -> None:
    ada, bob, wire = two_in(arrive, "Stand-still")
    expect(ada.say("before")).to_have_attribute("data-status", "saved")
    wire.held = {"saveMessage"}
    expect(ada.say("one")).to_have_attribute("data-status", "delivered")
    ada.page.clock.fast_forward(3_400)
    expect(ada.say("two")).to_have_attribute("data-status", "sending")
    ada.page.clock.fast_forward(600)
    wire.release()
    for text in ("one", "two"):
        expect(ada.message(text)).to_have_attribute("data-status", "saved")
    for visitor in (ada, bob):
        texts_of(visitor, "before", "one", "two")
        visitor.page.reload()
        texts_of(visitor, "before", "one", "two")


def test_what_two_people_write_at_once_stands_in_one_order_on_every_screen(arrive: Arrive) -> None:
    ada, bob, wire = two_in(arrive, "At once")
    expect(bob.say("before")).to_have_attribute("data-status", "saved")
    wire.held = {"saveMessage"}
    expect(ada.say("shown first, kept second")).to_have_attribute("data-status", "delivered")
    expect(bob.message("shown first, kept second")).to_be_visible()
    expect(bob.say("shown second, kept first")).to_have_attribute("data-status", "saved")
    wire.release()
    expect(ada.message("shown first, kept second")).to_have_attribute("data-status", "saved")
    for visitor in (ada, bob):
        texts_of(visitor, "before", "shown second, kept first", "shown first, kept second")


def test_what_is_written_in_a_tunnel_waits_says_so_and_goes_by_itself_in_the_order_of_writing(arrive: Arrive) -> None:
    ada, bob = arrive("Ada"), arrive("Bob")
    ada.create_chat("Tunnel")
    bob.open("Tunnel")
    ada.accept(*OFFLINE, "WebSocket connection to")
    ada.page.clock.install()
    ada.page.context.set_offline(True)
    said = [ada.say("first"), ada.say("second")]
    ada.page.clock.fast_forward(60_000)
    said.append(ada.say("third"))
    for message in said:
        expect(message).to_have_attribute("data-status", "sending")
        expect(message).to_contain_text("Waiting for a connection")
    ada.page.context.set_offline(False)
    for message in said:
        expect(message).to_have_attribute("data-status", "saved")
        expect(message).not_to_contain_text("Waiting")
    for visitor in (ada, bob):
        texts_of(visitor, "first", "second", "third")
