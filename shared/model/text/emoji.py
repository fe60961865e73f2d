"""Recognizes a single emoji: a picture or joined pictures, a flag, or a keycap.

https://www.unicode.org/reports/tr51/#EBNF_and_Regex. The blocks that Unicode fills with new emoji every year are
accepted as a whole, so that the emoji of a new phone are not refused.
"""

import re
from typing import Annotated

from msgspec import Meta

EMOJI_CODE_POINTS = 16

Emoji = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": EMOJI_CODE_POINTS})]

OLD_PICTURES = (
    "©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽"
    "✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙🀄🃏🅰🅱🅾🅿🆎🆑-🆚🈁🈂🈚🈯🈲-🈺🉐🉑"
)
BLOCKS = (
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff"
    "\U0001f7e0-\U0001f7ff\U0001f90c-\U0001f9ff\U0001fa70-\U0001faff"
)
SKIN = "[\U0001f3fb-\U0001f3ff]"
TAGS = "[\U000e0020-\U000e007e]+\U000e007f"

PICTURE = f"[{OLD_PICTURES}{BLOCKS}](?:{SKIN}|\ufe0f|{TAGS})?"
FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
KEYCAP = "[0-9#*]\ufe0f?\u20e3"
EMOJI = re.compile(f"(?:{FLAG}|{KEYCAP}|{PICTURE}(?:\u200d{PICTURE})*)\\Z")

AS_PICTURE = "\ufe0f"
# Emoji but not Emoji_Presentation in Unicode's emoji-data.txt: without U+FE0F these are drawn as text.
TEXT_BY_DEFAULT = (
    "#*0-9©®‼⁉™ℹ↔-↙↩↪⌨⏏⏭-⏯⏱⏲⏸-⏺Ⓜ▪▫▶◀◻◼☀-☄☎☑☘☝☠☢☣☦☪☮☯☸-☺♀♂♟♠♣♥♦♨♻♾⚒⚔-⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷-⛹"
    "✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❣❤➡⤴⤵⬅-⬇〰〽㊗㊙🅰🅱🅾🅿🈂🈷🌡🌤-🌬🌶🍽🎖🎗🎙-🎛🎞🎟🏋-🏎🏔-🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳-🕹🖇🖊-🖍🖐🖥🖨🖱🖲🖼"
    "🗂-🗄🗑-🗓🗜-🗞🗡🗣🗨🗯🗳🗺🛋🛍-🛏🛠-🛥🛩🛰🛳"
)
NEEDS_SELECTOR = re.compile(f"[{TEXT_BY_DEFAULT}](?!{SKIN})")


def one_form(emoji: str) -> str:
    """The canonical form of an emoji: with U+FE0F only where it would be drawn as text without it."""
    return NEEDS_SELECTOR.sub(lambda match: match[0] + AS_PICTURE, emoji.replace(AS_PICTURE, ""))


def one_emoji(text: str, field: str) -> str:
    """The emoji in its canonical form. Raises ValueError naming ``field`` unless ``text`` is a single emoji."""
    if len(text) <= EMOJI_CODE_POINTS and EMOJI.match(text):
        emoji = one_form(text)
        if len(emoji) <= EMOJI_CODE_POINTS:
            return emoji
    raise ValueError(f"`{field}` must be a single emoji of at most {EMOJI_CODE_POINTS} code points")
