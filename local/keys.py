"""The keys of this checkout's stack: made at its first start and kept in the data folder, for its owner to read.

Those of ``local.settings.sample.json`` are published, and whoever knows one can be anybody on the stack: a page of
another site in the developer's browser, too.
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
    """``pubsub`` signs what Web PubSub is asked and says, ``guests`` their cookies; ``webhook`` is its ``?code=``.

    ``front_door`` shows the backend that a call came through the front door.
    """

    pubsub: str = field(default_factory=_key, repr=False)
    guests: str = field(default_factory=_key, repr=False)
    webhook: str = field(default_factory=_key, repr=False)
    front_door: str = field(default_factory=_key, repr=False)


def kept_in(folder: Path) -> Keys:
    """The keys in the data folder, made where there are none. Raises BadData."""
    path = made(folder) / FILE
    known = read(path)
    keys = Keys(**known)
    if asdict(keys) != known:
        write_private(path, json.dumps(asdict(keys), indent=2))
    return keys


def read(path: Path) -> dict[str, str]:
    """What the file says, of the keys that there are; nothing where there is no file. Raises BadData."""
    try:
        content = json.loads(path.read_text())
        return {key.name: str(content[key.name]) for key in fields(Keys) if content.get(key.name)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise BadData(
            f"{path} cannot be read: delete it, and new keys are made; guests are signed out then."
        ) from error
