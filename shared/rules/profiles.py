"""Users' profiles: stored at sign-in, and read by the rules for users' names."""

from shared.backend import Backend
from shared.model.records import Profile
from shared.model.text.names import UNNAMED, hinted_name


async def remember(backend: Backend, profile: Profile) -> None:
    """Stores a profile if it is new or changed."""
    if await backend.store.users.read(profile.user_id) != profile:
        await backend.store.users.put(profile)


async def named(backend: Backend, user_id: str, hint: str = "", provider_hint: str = "") -> Profile:
    """A user's profile. The hints are used only for a user who never fetched a token from us."""
    kept = await backend.store.users.read(user_id)
    if kept is not None:
        return kept
    return Profile(user_id, hinted_name(hint, UNNAMED), hinted_name(provider_hint, "unknown"))
