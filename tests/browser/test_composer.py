"""The composer: mentions, drafts, texts that are too long, input methods."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Visitor
from tests.browser.sending import send
from tests.browser.talk import talking


def test_mentions_are_completed_and_stand_out_for_whom_they_mean(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Mentions")
    expect(ada.page.get_by_text(f"{grace.name} joined")).to_be_visible()
    composer = ada.part("composer")
    composer.press_sequentially("Thanks @gra")
    expect(ada.part("mention-option").first).to_contain_text(grace.name)
    expect(composer).to_have_attribute("aria-activedescendant", "mention-0")
    composer.press("Enter")
    expect(composer).to_have_value(f"Thanks @{grace.name} ")
    composer.press_sequentially("and @gra")
    ada.part("mention-option").first.click()
    expect(composer).to_have_value(f"Thanks @{grace.name} and @{grace.name} ")
    expect(composer).to_be_focused()
    composer.press("Enter")
    marks = grace.part("message-text").locator(".mention--me")
    expect(marks).to_have_text([f"@{grace.name}"] * 2)
    expect(ada.part("message-text").locator(".mention")).to_have_count(2)
    expect(ada.part("message-text").locator(".mention--me")).to_have_count(0)
    expect(ada.part("message")).to_have_attribute("data-status", "saved")
    grace.page.reload()
    expect(marks).to_have_count(2)


def test_drafts_stay_with_their_chats_also_over_a_reload(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Kept drafts")
    ada.part("composer").fill("half a thought\n")
    ada.create_chat("Beside them")
    expect(ada.part("composer")).to_have_value("")
    ada.page.reload()
    ada.open("Kept drafts")
    expect(ada.part("composer")).to_have_value("half a thought\n")
    ada.part("send").click()
    expect(ada.message("half a thought")).to_have_attribute("data-status", "saved")
    expect(ada.part("composer")).to_be_focused()
    ada.page.reload()
    expect(ada.message("half a thought")).to_be_visible()
    expect(ada.part("composer")).to_have_value("")


def test_what_is_too_long_is_counted_and_not_cut(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Too much")
    ada.part("composer").fill("x" * 3_900)
    expect(ada.part("composer-left")).to_have_text("100 characters left")
    ada.part("composer").fill("x" * 5_000)
    expect(ada.part("composer-left")).to_have_text("1,000 characters too long")
    expect(ada.part("send")).to_be_disabled()
    # The text has the width, the count stands below it.
    assert ada.part("composer").evaluate("area => area.clientWidth > area.parentElement.clientWidth * 0.9")
    ada.part("composer").press("Enter")
    expect(ada.part("composer")).to_have_value("x" * 5_000)


SAFARI_S_LAST_ENTER = {"key": "Enter", "keyCode": 229, "bubbles": True, "cancelable": True}


def test_an_input_method_keeps_its_keys(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("IME")
    ada.part("composer").fill("にほん")
    ada.part("composer").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    # As in Safari, when the composition has just ended.
    ada.part("composer").dispatch_event("keydown", SAFARI_S_LAST_ENTER)
    expect(ada.part("composer")).to_have_value("にほん")
    ada.part("composer").press("Enter")
    said = ada.message("にほん")
    expect(said).to_have_attribute("data-status", "saved")
    said.hover()
    said.get_by_test_id("message-react").click()
    search = ada.part("emoji-search")
    search.fill("heart")
    expect(ada.part("emoji").first).to_be_visible()
    search.dispatch_event("keydown", SAFARI_S_LAST_ENTER)
    # The library's own keys, too: a suggestion is refused, the dialog stays.
    search.dispatch_event("keydown", {**SAFARI_S_LAST_ENTER, "key": "Escape"})
    expect(search).to_have_value("heart")
    expect(said.get_by_test_id("reaction")).to_have_count(0)
    search.press("Enter")
    expect(said.get_by_test_id("reaction")).to_have_count(1)


def test_enter_goes_on_in_a_block_of_code_and_its_indentation_stays(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Code")
    composer = ada.part("composer")
    composer.press_sequentially("```py")
    composer.press("Enter")
    composer.press_sequentially("  if x:")
    composer.press("Enter")
    expect(composer).to_have_value("```py\n  if x:\n")
    composer.press_sequentially("    y()")
    composer.press("Enter")
    composer.press_sequentially("```")
    composer.press("Enter")
    expect(composer).to_have_value("")
    block = grace.part("message-text").locator("pre")
    expect(block).to_have_text("  if x:\n    y()", use_inner_text=True)
    composer.fill("    return 1\n")
    composer.press("Enter")
    expect(grace.part("message-text").last).to_have_text("    return 1", use_inner_text=True)
    composer.fill("```\nleft open")
    composer.press("Control+Enter")
    expect(composer).to_have_value("")
    expect(grace.part("message-text").locator("pre")).to_have_count(2)
    composer.fill("```\nby the button")
    ada.part("send").click()
    expect(grace.part("message-text").locator("pre")).to_have_count(3)
    # The same while one changes a message.
    composer.press("ArrowUp")
    expect(composer).to_have_value("```\nby the button")
    composer.press("Enter")
    composer.press_sequentially("and more")
    expect(composer).to_have_value("```\nby the button\nand more")
    composer.press("Control+Enter")
    expect(grace.part("message-text").locator("pre").last).to_have_text("by the button\nand more", use_inner_text=True)
    ada.page.reload()
    expect(ada.part("message-text").nth(1)).to_have_text("    return 1", use_inner_text=True)


def test_on_a_phone_enter_begins_a_new_line_and_the_button_sends(arrive: Arrive) -> None:
    ada = arrive("Ada", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    ada.create_chat("Thumbs")
    composer = ada.part("composer")
    composer.press_sequentially("one")
    composer.press("Enter")
    composer.press_sequentially("two")
    expect(composer).to_have_value("one\ntwo")
    ada.part("send").click()
    expect(ada.part("message-text")).to_have_text("one\ntwo", use_inner_text=True)


def test_undo_takes_back_a_picked_mention_and_leaves_what_was_typed(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Undone")
    expect(ada.page.get_by_text(f"{grace.name} joined")).to_be_visible()
    composer = ada.part("composer")
    composer.press_sequentially("Thanks @gra")
    composer.press("Tab")
    expect(composer).to_have_value(f"Thanks @{grace.name} ")
    composer.press_sequentially("a lot")
    for _ in range(10):
        if composer.input_value() == "Thanks @gra":
            break
        composer.press("Control+z")
    expect(composer).to_have_value("Thanks @gra")
    composer.press("Control+Shift+z")
    expect(composer).to_have_value(f"Thanks @{grace.name} ")
    # What is kept is what is seen.
    ada.page.reload()
    expect(composer).to_have_value(f"Thanks @{grace.name} ")
    composer.press("Enter")
    expect(grace.part("message-text").locator(".mention--me")).to_have_text(f"@{grace.name}")


def called_alex(arrive: Arrive, room: str) -> Visitor:
    """A second user with the same name."""
    alex = arrive()
    alex.name = "Alex"
    alex.page.goto(alex.url)
    alex.part("guest-name").fill(alex.name)
    alex.part("guest-join").click()
    alex.open(room)
    return alex


def test_of_two_with_one_name_who_was_picked_is_told_wherever_the_draft_has_been(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Namesakes")
    twins = [called_alex(arrive, "Namesakes"), called_alex(arrive, "Namesakes")]
    expect(ada.page.get_by_text(re.compile(r"^Guest Alex #\w+ joined$"))).to_have_count(2)
    ada.create_chat("Aside")
    ada.open("Namesakes")
    composer = ada.part("composer")
    composer.press_sequentially("Over to @ale")
    expect(ada.part("mention-option")).to_have_count(2)
    # Not the one that would be meant if the name alone counted.
    composer.press("ArrowDown")
    composer.press("Enter")
    ada.open("Aside")
    ada.open("Namesakes")
    ada.page.reload()
    expect(composer).to_have_value("Over to @Alex ")
    composer.press("End")
    composer.press_sequentially("and `@Alex`")
    composer.press("Enter")
    said = ada.message("Over to @Alex and @Alex")
    expect(said).to_have_attribute("data-status", "saved")
    for again in (False, True):
        meant = []
        for alex in twins:
            if again:
                alex.page.reload()
            expect(alex.part("message-text").locator(".mention")).to_have_count(1)
            meant.append(alex.part("message-text").locator(".mention--me").count())
        assert sorted(meant) == [0, 1]
    # The one that was meant stays so when a word beside the name is changed.
    composer.press("ArrowUp")
    composer.press("End")
    composer.press_sequentially("!")
    composer.press("Enter")
    for alex, me in zip(twins, meant, strict=True):
        expect(alex.part("message-edited")).to_be_visible()
        expect(alex.part("message-text").locator(".mention--me")).to_have_count(me)


def test_up_changes_what_was_written_last_though_it_is_not_kept_yet(arrive: Arrive) -> None:
    ada, grace = talking(arrive, "Last words")
    composer = ada.part("composer")
    for text in ("first", "zeroth"):
        composer.fill(text)
        composer.press("Enter")
    composer.press("ArrowUp")
    expect(composer).to_have_value("zeroth")
    composer.fill("second")
    composer.press("Enter")
    expect(composer).to_have_value("")
    for visitor in (ada, grace):
        expect(visitor.part("message-text")).to_have_text(["first", "second"])
    expect(ada.part("message").last).to_have_attribute("data-status", "saved")
    grace.page.reload()
    expect(grace.part("message-text")).to_have_text(["first", "second"])


def test_an_unsaved_edit_is_there_again_whatever_one_does_in_between(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Other matters")
    elsewhere = ada.say("elsewhere")
    expect(elsewhere).to_have_attribute("data-status", "saved")
    ada.create_chat("Slow work")
    expect(ada.say("old words")).to_have_attribute("data-status", "saved")
    composer, context = ada.part("composer"), ada.part("composer-context")
    composer.press("ArrowUp")
    composer.fill("new wor")
    ada.open("Other matters")
    expect(context).to_have_count(0)
    composer.press("ArrowUp")
    expect(composer).to_have_value("elsewhere")
    ada.page.reload()
    expect(composer).to_have_value("elsewhere")
    ada.open("Slow work")
    expect(composer).to_have_value("new wor")
    expect(context).to_contain_text("Editing")
    composer.fill("new words")
    composer.press("Enter")
    expect(ada.message("new words")).to_be_visible()
    expect(composer).to_have_value("")
    ada.page.reload()
    expect(ada.message("new words")).to_be_visible()
    expect(context).to_have_count(0)


def test_an_edit_of_what_was_deleted_or_changed_elsewhere_says_so_and_loses_nothing(arrive: Arrive) -> None:
    ada = arrive("Ada")
    chat_id = ada.create_chat("Elsewhere")
    expect(ada.say("one")).to_have_attribute("data-status", "saved")
    message_id = str(ada.message("one").get_attribute("data-message-id"))
    composer, context = ada.part("composer"), ada.part("composer-context")
    composer.press("ArrowUp")
    composer.fill("two")
    send(ada, "editMessage", chatId=chat_id, id=message_id, message="by phone")
    expect(context).to_contain_text("by phone")
    composer.press("Enter")
    expect(ada.part("toast")).to_contain_text("Save again")
    expect(ada.message("by phone")).to_be_visible()
    composer.press("Enter")
    expect(ada.message("two")).to_be_visible()
    composer.press("ArrowUp")
    composer.fill("three")
    send(ada, "deleteMessage", chatId=chat_id, id=message_id)
    expect(context).to_contain_text("deleted")
    composer.press("Enter")
    expect(ada.message("three")).to_have_attribute("data-status", "saved")
    expect(composer).to_have_value("")
    expect(ada.part("message")).to_have_count(1)
