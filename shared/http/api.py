"""All routes of the HTTP API. ``function_app.py`` serves them; a test compares the two."""

from shared.http import health, routes, webhook
from shared.wire.route import Route

ROUTES: tuple[Route, ...] = (
    routes.GET_TOKEN,
    routes.GET_CHATS,
    routes.GET_MY_CHATS,
    routes.GET_BLOCKED,
    routes.GET_USERS,
    routes.GET_MEMBERS,
    routes.GET_MESSAGES,
    routes.GET_EXPORT,
    routes.GET_SEARCH,
    routes.GET_ME,
    routes.POST_GUEST,
    routes.DELETE_GUEST,
    routes.GET_OPENAPI,
    health.HEALTH,
    webhook.EVENT,
    webhook.PERMISSION,
)
