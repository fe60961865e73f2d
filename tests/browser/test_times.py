"""Times on an open page follow the machine's time zone."""

from playwright.sync_api import expect

from tests.browser.conftest import Arrive

TOLD = """zone => new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: zone })
  .format(new Date(document.querySelector('time').dateTime))"""
ZONES = ("Asia/Kolkata", "America/St_Johns", "Europe/Berlin")


def test_whoever_comes_back_after_a_flight_sees_the_times_of_where_they_are(arrive: Arrive) -> None:
    ada = arrive("Ada", locale="en-GB")
    ada.create_chat("Departures")
    expect(ada.say("boarding")).to_have_attribute("data-status", "saved")
    time = ada.part("message").get_by_role("time")
    browser = ada.page.context.new_cdp_session(ada.page)
    for zone in ZONES:
        browser.send("Emulation.setTimezoneOverride", {"timezoneId": zone})
        ada.page.evaluate("window.dispatchEvent(new Event('focus'))")
        expect(time).to_have_text(ada.page.evaluate(TOLD, zone))
