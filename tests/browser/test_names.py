"""Names that look alike are marked wherever they appear, and a link shows its target."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Visitor

MARKED = re.compile(r"Guest #[2-9a-z]{4,6}")


def called(arrive: Arrive, name: str) -> Visitor:
    """A person with exactly this name."""
    visitor = arrive()
    visitor.name = name
    visitor.page.goto(visitor.url)
    visitor.part("guest-name").fill(name)
    visitor.part("guest-join").click()
    expect(visitor.part("user-list")).to_contain_text(name)
    return visitor


def mark_in(place: Locator) -> str:
    """The mark next to a name."""
    expect(place).to_contain_text(MARKED)
    found = MARKED.search(place.text_content() or "")
    return found[0].removeprefix("Guest ") if found else ""


def test_a_lookalike_is_told_from_the_one_it_looks_like_wherever_its_name_stands(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Masked ball")
    victor, other = called(arrive, "Victor"), called(arrive, "Viсtоr")
    for visitor in (victor, other):
        visitor.open("Masked ball")
        expect(visitor.say(f"I am {visitor.name}")).to_have_attribute("data-status", "saved")
    # The name itself stays as it was told; what tells them apart stands beside it.
    authors = ada.part("message").get_by_test_id("message-author")
    expect(authors).to_have_text([victor.name, other.name])
    notes = ada.part("message").get_by_test_id("name-note")
    expect(notes).to_have_count(2)
    marks = [mark_in(notes.nth(place)) for place in (0, 1)]
    assert marks[0] != marks[1]
    listed = [mark_in(ada.part("user-item").filter(has_text=one.name)) for one in (victor, other)]
    assert listed == marks
    # Whoever they are themselves sees the same.
    assert mark_in(other.part("message").first.get_by_test_id("name-note")) == marks[0]

    composer = ada.part("composer")
    composer.press_sequentially("@")
    expect(ada.part("mention-option").filter(has_text=MARKED)).to_have_count(2)
    ada.part("mention-option").filter(has_text=marks[1]).click()
    composer.press("Enter")
    mention = ada.part("message").last.locator(".mention")
    expect(mention).to_have_text(f"@{other.name}")
    expect(mention).to_have_attribute("data-marks", marks[1])
    expect(victor.part("message").last.locator(".mention--me")).to_have_count(0)
    expect(other.part("message").last.locator(".mention--me")).to_have_count(1)

    other.part("composer").press_sequentially("hm")
    expect(ada.part("typing")).to_contain_text(f"Guest {other.name} {marks[1]}")
    ada.user(other).click()
    expect(ada.page.get_by_test_id("name-note").first).to_have_text(f"Guest {marks[1]}")
    expect(ada.page).to_have_title(re.compile(re.escape(f"Guest {other.name} {marks[1]}")))


def test_a_name_with_something_in_it_that_nobody_sees_is_refused_in_words(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.accept("400")
    visitor.page.goto(visitor.url)
    for name in ("Vic\u200btor", "Vic\u00adtor", "victor@example.org", "Chatr"):
        visitor.part("guest-name").fill(name)
        visitor.part("guest-join").click()
        expect(visitor.page.get_by_role("alert")).to_contain_text("hidden characters")


def test_beside_a_link_that_says_another_address_stands_where_it_leads(arrive: Arrive) -> None:
    ada = arrive("Ada")
    ada.create_chat("Phishing pond")
    ada.part("composer").fill("Log in at [https://bank.example](https://evil.example/login)!")
    ada.part("send").click()
    said = ada.part("message-text").last
    expect(said).to_have_text("Log in at https://bank.example (evil.example)!")
    expect(said.locator(".link-host")).to_be_visible()
