"""Runs the clean-up like its command, and creates things to remove."""

from shared.cleanup.__main__ import LIMIT, wanted
from shared.cleanup.run import Tally, run
from shared.trust.guests import LIFETIME_SECONDS
from tests.backend.stage import Player, Stage, new_id

DAY = 24 * 3600
EXPIRED = LIFETIME_SECONDS + 2 * DAY


async def cleaned(
    stage: Stage, only: str = "", days: int | None = None, limit: int = LIMIT, apply: bool = True
) -> dict[str, Tally]:
    """The result for each kind; the key "more" is present if the limit was reached."""
    told: dict[str, Tally] = {}
    if not await run(stage.backend, wanted(only, days), limit, apply, told.__setitem__):
        told["more"] = Tally()
    return told


def lost(player: Player) -> None:
    """The connection ends without a ``disconnected``."""
    player.stage.sender.close(player.connection)


async def said(player: Player, chat_id: str, text: str = "hi") -> str:
    message_id = new_id()
    await player.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": text})
    return message_id
