"""Everything around an open chat: groups and invites, members, search, menus, unread counts, keys, offline."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OFFLINE, Arrive
from tests.browser.groups import choose, create_group, invite_link


def test_a_group_is_joined_by_its_link_also_by_whoever_signs_in_only_then(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive()
    chat_id = create_group(ada, "Inner circle")
    expect(ada.chat("Inner circle")).to_contain_text("Private group")
    grace.page.goto(invite_link(ada))
    expect(grace.page.get_by_text("You've been invited to a private group.")).to_be_visible()
    grace.part("guest-name").fill("Grace by link")
    grace.part("guest-join").click()
    grace.page.wait_for_url(f"**/chat/{chat_id}")
    expect(grace.part("composer")).to_be_visible()
    ada.say("Welcome!")
    expect(grace.part("message-text")).to_contain_text(["Welcome!"])


def test_a_link_that_leads_nowhere_says_so(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.page.goto(f"{ada.url}/join/nonsense")
    expect(ada.part("invite-nowhere")).to_be_visible()
    ada.part("invite-nowhere").get_by_role("link").click()
    expect(ada.part("new-chat").first).to_be_visible()


def test_the_owner_removes_a_member_after_being_asked_and_the_link_ends(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    create_group(ada, "Small circle")
    link = invite_link(ada)
    grace.page.goto(link)
    expect(grace.part("composer")).to_be_visible()
    ada.page.get_by_role("button", name="Members", exact=True).click()
    ada.part("member").filter(has_text=grace.name).get_by_test_id("member-remove").click()
    ada.part("member-remove-confirm").click()
    expect(ada.part("member")).to_have_count(1)
    expect(grace.chat("Small circle")).to_have_count(0)
    grace.page.goto(link)
    expect(grace.part("invite-nowhere")).to_be_visible()


def test_leaving_a_group_is_asked_about_and_its_owner_is_told_what_becomes_of_it(arrive: Arrive) -> None:
    ada = arrive("Ada")
    create_group(ada, "Short circle")
    ada.part("leave-chat").click()
    expect(ada.page.get_by_role("alertdialog")).to_contain_text("last one")
    ada.part("leave-confirm").click()
    expect(ada.chat("Short circle")).to_have_count(0)
    expect(ada.part("toast")).to_contain_text(["was deleted"])


def test_who_would_end_a_chat_by_leaving_it_is_asked_first_and_others_are_not(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Last light")
    grace.open("Last light")
    # Whoever leaves while the history is on its way is refused it.
    grace.accept("403")
    grace.part("leave-chat").click()
    expect(grace.part("composer")).to_have_count(0)
    expect(ada.page.get_by_role("button", name="1 member")).to_be_visible()
    ada.part("leave-chat").click()
    expect(ada.page.get_by_role("alertdialog")).to_contain_text("last one")
    expect(grace.chat("Last light")).to_be_visible()
    ada.part("leave-confirm").click()
    expect(grace.chat("Last light")).to_have_count(0)


def test_the_field_narrows_the_lists_and_finds_messages(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Findable")
    expect(ada.say("The zebra crossed at noon")).to_have_attribute("data-status", "saved")
    ada.create_chat("Other place")
    ada.part("lobby-search").fill("findab")
    expect(ada.part("chat-item")).to_have_count(1)
    ada.part("lobby-search").fill("zebra noon")
    expect(ada.page.get_by_role("heading", name="Online now")).to_have_count(0)
    ada.part("search-messages").click()
    result = ada.part("search-result")
    expect(result).to_contain_text(["The zebra crossed at noon"])
    result.click()
    ada.page.wait_for_url("**/chat/**")
    expect(ada.message("The zebra crossed at noon")).to_be_in_viewport()


def test_what_is_unread_stands_in_the_list_the_title_and_the_icon_and_mentions_are_marked(arrive: Arrive) -> None:
    ada, grace = arrive("Ada"), arrive("Grace")
    ada.create_chat("Loud place")
    grace.open("Loud place")
    ada.page.goto(ada.url)
    expect(ada.chat("Loud place")).to_be_visible()
    grace.say("hello")
    grace.say(f"@{ada.name} look")
    item = ada.chat("Loud place")
    expect(item.get_by_test_id("unread")).to_have_text("2")
    expect(item.get_by_test_id("unread-mentions")).to_be_visible()
    expect(ada.page).to_have_title(re.compile(r"^\(2\)"))
    icon = ada.page.locator('link[rel="icon"]')
    expect(icon).to_have_attribute("href", "/favicon-unread.svg")
    ada.open("Loud place")
    expect(item.get_by_test_id("unread")).to_have_count(0)
    expect(icon).to_have_attribute("href", "/favicon.svg")


def test_language_and_theme_change_at_once_and_stay(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.part("profile-menu").click()
    ada.part("language-de").click()
    ada.part("theme-dark").click()
    expect(ada.part("new-chat").first).to_have_text("Neuer Chat")
    ada.page.reload()
    expect(ada.part("new-chat").first).to_have_text("Neuer Chat")
    expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(ada.page.locator("html")).to_have_attribute("lang", "de")


def test_nothing_asks_for_notifications_until_they_are_chosen(arrive: Arrive) -> None:
    ada = arrive()
    ada.page.add_init_script(
        "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1; return 'denied' }"
    )
    ada.join_as_guest("Ada")
    assert ada.page.evaluate("window.asked") == 0
    ada.part("profile-menu").click()
    ada.part("notifications").click()
    expect(ada.part("toast")).to_contain_text(["blocks notifications"])
    expect(ada.part("notifications")).to_have_attribute("aria-checked", "false")
    assert ada.page.evaluate("window.asked") == 1


def test_a_chat_is_exported_as_one_file(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Exportable")
    expect(ada.say("to be kept")).to_have_attribute("data-status", "saved")
    with ada.page.expect_download() as download:
        choose(ada, "chat-export")
    assert download.value.suggested_filename == "Exportable.jsonl"
    assert "to be kept" in Path(download.value.path()).read_text()


def test_keys_lead_everywhere_and_escape_gives_the_focus_back(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Key place")
    ada.page.goto(ada.url)
    expect(ada.chat("Key place")).to_be_visible()
    ada.page.keyboard.press("Control+/")
    expect(ada.part("shortcuts")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.part("shortcuts")).to_have_count(0)
    ada.page.keyboard.press("Control+Shift+F")
    expect(ada.part("lobby-search")).to_be_focused()
    ada.page.keyboard.press("Control+Shift+O")
    expect(ada.part("new-chat-name")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(ada.part("lobby-search")).to_be_focused()
    ada.page.keyboard.press("Control+k")
    expect(ada.part("switcher-field")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(ada.part("lobby-search")).to_be_focused()
    ada.page.keyboard.press("Control+k")
    expect(ada.part("switcher-field")).to_be_focused()
    ada.page.keyboard.type("key pl")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/chat/**")


def test_what_one_begins_to_type_goes_into_the_message_wherever_the_focus_is(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Word place")
    said = ada.say("hello")
    expect(said).to_have_attribute("data-status", "saved")
    composer = ada.part("composer")
    places: dict[str, Callable[[], object]] = {
        "a message": said.focus,
        "the list": ada.part("message-list").focus,
        "a chat": ada.chat("Word place").get_by_role("link").focus,
        "a button": ada.part("chat-menu").focus,
        "nowhere": lambda: composer.evaluate("field => field.blur()"),
    }
    for place, focus in places.items():
        focus()
        ada.page.keyboard.type("n? /new ü")
        expect(composer, place).to_have_value("n? /new ü")
        composer.fill("")
    ada.part("chat-menu").press("Enter")
    expect(ada.page.get_by_role("menu")).to_be_visible()
    ada.page.keyboard.type("n/")
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+/")
    expect(ada.part("shortcuts")).to_be_visible()
    ada.page.keyboard.type("n?")
    ada.page.keyboard.press("Escape")
    expect(ada.part("shortcuts")).to_have_count(0)
    expect(composer).to_have_value("")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)


def test_offline_the_page_says_so_and_the_worker_keeps_nothing_of_the_api(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    ada.page.reload()
    kept = ada.page.evaluate(
        """async () => {
          const names = await caches.keys()
          const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
          return lists.flat().map(({ url }) => new URL(url).pathname)
        }"""
    )
    assert sorted(kept) == ["/favicon.svg", "/offline.css", "/offline.html"]
    ada.accept(*OFFLINE)
    ada.page.context.set_offline(True)
    ada.page.goto(ada.url)
    expect(ada.page.get_by_role("heading")).to_have_text("You are offline")
    ada.page.context.set_offline(False)


ON_TOP = """item => {
  const { left, top, width, height } = item.getBoundingClientRect()
  return item.contains(document.elementFromPoint(left + width / 2, top + height / 2))
}"""


def test_magnified_four_times_the_lists_do_not_lie_under_what_is_below_them(arrive: Arrive) -> None:
    ada = arrive("Ada", viewport={"width": 320, "height": 256})
    person = ada.user(ada)
    person.scroll_into_view_if_needed()
    assert person.evaluate(ON_TOP)


def test_without_motion_what_is_opened_for_the_first_time_closes_at_the_first_escape(arrive: Arrive) -> None:
    ada = arrive(reduced_motion="reduce")
    ada.join_as_guest("Ada")
    ada.create_chat("Stillness")
    menu, dialog = ada.page.get_by_role("menu"), ada.page.get_by_role("dialog")
    for opener, opened in (("profile-menu", menu), ("chat-menu", menu), ("new-chat", dialog)):
        ada.part(opener).first.click()
        expect(opened).to_be_visible()
        ada.page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
