"""The list of all routes. ``function_app.py`` serves them, and a test compares the two."""

import azure.functions as func

from shared.http import answers, health, routes, webhook
from shared.http.calls import Call
from shared.wire.route import Route
from shared.wire.shapes import OpenApi


async def get_openapi(call: Call) -> func.HttpResponse:
    """This description."""
    # Loaded only when somebody asks for it.
    from shared.descriptions.openapi import document

    return answers.json(document(ROUTES))


GET_OPENAPI = Route("GET", "openapi.json", "anyone", get_openapi, answers=(OpenApi,))

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
    GET_OPENAPI,
    health.HEALTH,
    webhook.EVENT,
    webhook.PERMISSION,
)
