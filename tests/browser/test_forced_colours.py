"""High contrast mode: the system removes backgrounds and shadows, so what they set apart needs a border."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Screen, Visitor

# A background in a transition does not count yet.
STILL: Screen = {"reduced_motion": "reduce"}

# Backgrounds are blended with what is below them.
LOOK = """
const painted = (style) => !/^rgba\\(.*, 0\\)$|^transparent$/.test(style.backgroundColor)
const below = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at)
    if (painted(style)) return style.backgroundColor
  }
  return 'rgb(255, 255, 255)'
}
const faces = function* () {
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('svg, option') || !element.checkVisibility({ visibilityProperty: true })) continue
    const { width, height } = element.getBoundingClientRect()
    if (width < 3 || height < 3) continue
    yield [element, '', getComputedStyle(element), below(element.parentElement)]
    for (const pseudo of ['::before', '::after']) {
      const style = getComputedStyle(element, pseudo)
      if (!['none', 'normal'].includes(style.content)) yield [element, pseudo, style, below(element)]
    }
  }
}
"""
# Elements that stand out from their surroundings by their background or a shadow.
MARK = (
    f"() => {{ {LOOK}"
    """
  for (const element of document.querySelectorAll('*'))
    for (const name of ['ground', 'groundbefore', 'groundafter']) delete element.dataset[name]
  for (const [element, pseudo, style, surroundings] of faces()) {
    const image = pseudo !== '' && style.backgroundImage !== 'none'
    const ground = painted(style) && style.backgroundColor !== surroundings
    if (image || ground || style.boxShadow !== 'none') element.dataset[`ground${pseudo.slice(2)}`] = ''
  }
}"""
)
# Those that no longer stand out.
LOST = (
    f"() => {{ {LOOK}"
    """
  const lost = new Set()
  for (const [element, pseudo, style, surroundings] of faces()) {
    if (!(`ground${pseudo.slice(2)}` in element.dataset)) continue
    const sides = ['Top', 'Right', 'Bottom', 'Left'].map((side) => parseFloat(style[`border${side}Width`]))
    const edge = Math.max(...sides) > 0 || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    const ground = painted(style) && style.backgroundColor !== surroundings
    if (!edge && !ground) lost.add(`${element.className}${pseudo}`)
  }
  return [...lost]
}"""
)


def lost_in_forced_colours(visitor: Visitor) -> list[str]:
    """Classes of elements that only a background or shadow sets apart, which disappears in forced colours."""
    visitor.page.emulate_media(forced_colors="none")
    visitor.page.evaluate(MARK)
    visitor.page.emulate_media(forced_colors="active")
    lost = [str(name) for name in visitor.page.evaluate(LOST)]
    visitor.page.emulate_media(forced_colors="none")
    return lost


def ground(part: Locator) -> str:
    return str(part.evaluate("element => getComputedStyle(element).backgroundColor"))


def test_nothing_in_a_chat_loses_its_shape_in_forced_colours(arrive: Arrive) -> None:
    ada, grace = arrive("Ada", **STILL), arrive("Grace")
    assert lost_in_forced_colours(ada) == []
    ada.create_chat("Other place")
    ada.create_chat("Contrast")
    for name in ("Other place", "Contrast"):
        grace.chat(name).click()
        expect(grace.page.get_by_role("heading", name=name)).to_be_visible()
        grace.part("composer").press_sequentially("@Ada")
        grace.page.keyboard.press("Enter")
        grace.page.keyboard.type("look at `this`")
        grace.part("send").click()
        expect(grace.part("message")).to_have_attribute("data-status", "saved")
    expect(ada.chat("Other place").get_by_test_id("unread-mentions")).to_be_visible()
    expect(ada.say("```\nand this\n```\n> quoted")).to_be_hidden()
    expect(ada.part("message").last).to_have_attribute("data-status", "saved")
    first = ada.part("message").first
    first.hover()
    first.get_by_test_id("message-menu").click()
    ada.page.keyboard.press("ArrowDown")
    assert lost_in_forced_colours(ada) == []
    ada.part("quick-reaction").first.click()
    expect(ada.part("reaction")).to_be_visible()
    ada.part("composer").press_sequentially("@Gra")
    expect(ada.part("mention-option")).to_be_visible()
    assert lost_in_forced_colours(ada) == []
    ada.page.goto(f"{ada.url}/search?q=look")
    expect(ada.part("search-result").first).to_be_visible()
    assert lost_in_forced_colours(ada) == []


def test_no_menu_or_dialog_loses_its_shape_in_forced_colours(arrive: Arrive) -> None:
    ada = arrive(**STILL)
    ada.page.goto(ada.url)
    expect(ada.part("guest-name")).to_be_visible()
    assert lost_in_forced_colours(ada) == []
    ada.join_as_guest("Ada")
    ada.create_chat("Frames")
    ada.part("chat-menu").click()
    expect(ada.page.get_by_role("menu")).to_be_visible()
    assert lost_in_forced_colours(ada) == []
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("menu")).to_have_count(0)
    ada.part("profile-menu").click()
    ada.part("sound").click()
    assert lost_in_forced_colours(ada) == []
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("menu")).to_have_count(0)
    ada.part("new-chat").first.click()
    expect(ada.part("new-chat-name")).to_be_visible()
    assert lost_in_forced_colours(ada) == []
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+k")
    expect(ada.part("switcher")).to_be_visible()
    assert lost_in_forced_colours(ada) == []
    ada.page.keyboard.press("Escape")
    ada.part("sign-out").first.click()
    expect(ada.part("sign-out-confirm")).to_be_visible()
    assert lost_in_forced_colours(ada) == []


def test_what_is_chosen_differs_from_the_rest_in_forced_colours(arrive: Arrive) -> None:
    ada = arrive("Ada", forced_colors="active")
    ada.create_chat("Another")
    ada.create_chat("Chosen")
    assert ground(ada.chat("Chosen")) != ground(ada.chat("Another"))
    expect(ada.say("hello")).to_have_attribute("data-status", "saved")
    assert ground(ada.part("send")) != ground(ada.part("chat-menu"))
    ada.part("message").hover()
    ada.part("message-menu").click()
    ada.page.keyboard.press("ArrowDown")
    emoji = ada.part("quick-reaction")
    assert ground(emoji.first) != ground(emoji.last)
    ada.page.keyboard.press("Enter")
    mine = ada.part("reaction")
    expect(mine).to_have_attribute("aria-pressed", "true")
    assert ground(mine) != ground(ada.part("message-text"))
    ada.part("new-chat").first.click()
    chosen, other = (
        ada.page.locator("label:has(:checked)"),
        ada.page.locator("label:has(input[type=radio]:not(:checked))"),
    )
    assert ground(chosen) != ground(other)
