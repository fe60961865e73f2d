"""What users are called: remembers it at sign-in and tells it to the rules. Must not know how somebody signs in."""

from shared.backend import Backend
from shared.model.records import Profile
from shared.model.text.names import UNNAMED, hinted_name


async def remember(backend: Backend, profile: Profile) -> None:
    """Keeps a profile, writing only when it is new or changed."""
    if await backend.store.users.read(profile.user_id) != profile:
        await backend.store.users.put(profile)


async def named(backend: Backend, user_id: str, hint: str = "", provider_hint: str = "") -> Profile:
    """A user's profile; the hints count only for a user who never asked us for a token."""
    kept = await backend.store.users.read(user_id)
    if kept is not None:
        return kept
    return Profile(user_id, hinted_name(hint, UNNAMED), hinted_name(provider_hint, "unknown"))
