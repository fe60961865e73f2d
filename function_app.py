"""The routes and methods of the HTTP API, nothing else. ``docs/protocol.md`` describes them."""

import azure.functions as func

from shared.http import api, health, routes, webhook
from shared.http.calls import serve

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.function_name("getToken")
@app.route("getToken", methods=["GET"])
async def get_token(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_TOKEN)


@app.function_name("chats")
@app.route("chats", methods=["GET"])
async def get_chats(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_CHATS)


@app.function_name("members")
@app.route("chats/{id}/members", methods=["GET"])
async def get_members(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_MEMBERS)


@app.function_name("messages")
@app.route("chats/{id}/messages", methods=["GET"])
async def get_messages(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_MESSAGES)


@app.function_name("export")
@app.route("chats/{id}/export", methods=["GET"])
async def get_export(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_EXPORT)


@app.function_name("search")
@app.route("search", methods=["GET"])
async def get_search(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_SEARCH)


@app.function_name("users")
@app.route("users", methods=["GET"])
async def get_users(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_USERS)


@app.function_name("me")
@app.route("me", methods=["GET"])
async def get_me(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_ME)


@app.function_name("myChats")
@app.route("me/chats", methods=["GET"])
async def get_my_chats(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_MY_CHATS)


@app.function_name("blocked")
@app.route("me/blocked", methods=["GET"])
async def get_blocked(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.GET_BLOCKED)


@app.function_name("guestSignIn")
@app.route("guest", methods=["POST"])
async def post_guest(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.POST_GUEST)


@app.function_name("guestSignOut")
@app.route("guest", methods=["DELETE"])
async def delete_guest(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, routes.DELETE_GUEST)


@app.function_name("openapi")
@app.route("openapi.json", methods=["GET"])
async def get_openapi(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, api.GET_OPENAPI)


@app.function_name("health")
@app.route("health", methods=["GET"])
async def get_health(req: func.HttpRequest) -> func.HttpResponse:
    return await health.serve(req)


@app.function_name("eventHandler")
@app.route("eventHandler", methods=["POST"])
async def event_handler(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, webhook.EVENT)


@app.function_name("eventHandlerPermission")
@app.route("eventHandler", methods=["OPTIONS"])
async def event_handler_permission(req: func.HttpRequest) -> func.HttpResponse:
    return await serve(req, webhook.PERMISSION)
