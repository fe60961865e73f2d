"""The keys of this checkout's stack: generated at its first start and stored in the data folder, for its owner only.

The keys in ``local.settings.sample.json`` are public. Whoever knows one could act as anybody on the stack, and that
includes pages of other sites in the developer's browser.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from local.data import BadData, made, write_private

FILE = "keys.json"


def _key() -> str:
    return secrets.token_urlsafe(48)


@dataclass(frozen=True)
class Keys:
    """``pubsub`` is Web PubSub's access key, ``guests`` signs guest cookies, ``webhook`` is the webhook's ``?code=``.

    ``front_door`` proves to the backend that a call came through the front door.
    """

    pubsub: str = field(default_factory=_key, repr=False)
    guests: str = field(default_factory=_key, repr=False)
    webhook: str = field(default_factory=_key, repr=False)
    front_door: str = field(default_factory=_key, repr=False)


def kept_in(folder: Path) -> Keys:
    """The keys in the data folder; missing ones are generated. Raises BadData."""
    path = made(folder) / FILE
    known = read(path)
    keys = Keys(**known)
    if asdict(keys) != known:
        write_private(path, json.dumps(asdict(keys), indent=2))
    return keys


def read(path: Path) -> dict[str, str]:
    """The known keys in the file; none if there is no file. Raises BadData."""
    try:
        content = json.loads(path.read_text())
        return {key.name: str(content[key.name]) for key in fields(Keys) if content.get(key.name)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise BadData(f"{path} can't be read. Delete it to generate new keys; this signs out all guests.") from error
