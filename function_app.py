"""The routes and methods of the HTTP API, nothing else. ``docs/protocol.md`` describes them."""

import azure.functions as func

from shared.http import health, routes, webhook
from shared.http.calls import anyone, signed_in

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.function_name("getToken")
@app.route("getToken", methods=["GET"])
async def get_token(req: func.HttpRequest) -> func.HttpResponse:
    return await signed_in(req, routes.get_token)


@app.function_name("chats")
@app.route("chats", methods=["GET"])
async def get_chats(req: func.HttpRequest) -> func.HttpResponse:
    return await signed_in(req, routes.get_chats)


@app.function_name("messages")
@app.route("chats/{id}/messages", methods=["GET"])
async def get_messages(req: func.HttpRequest) -> func.HttpResponse:
    return await signed_in(req, routes.get_messages)


@app.function_name("users")
@app.route("users", methods=["GET"])
async def get_users(req: func.HttpRequest) -> func.HttpResponse:
    return await signed_in(req, routes.get_users)


@app.function_name("me")
@app.route("me", methods=["GET"])
async def get_me(req: func.HttpRequest) -> func.HttpResponse:
    return await signed_in(req, routes.get_me)


@app.function_name("myChats")
@app.route("me/chats", methods=["GET"])
async def get_my_chats(req: func.HttpRequest) -> func.HttpResponse:
    return await signed_in(req, routes.get_my_chats)


@app.function_name("guestSignIn")
@app.route("guest", methods=["POST"])
async def post_guest(req: func.HttpRequest) -> func.HttpResponse:
    return await anyone(req, routes.post_guest)


@app.function_name("guestSignOut")
@app.route("guest", methods=["DELETE"])
async def delete_guest(req: func.HttpRequest) -> func.HttpResponse:
    return await anyone(req, routes.delete_guest)


@app.function_name("health")
@app.route("health", methods=["GET"])
async def get_health(req: func.HttpRequest) -> func.HttpResponse:
    return await health.handle(req)


@app.function_name("eventHandler")
@app.route("eventHandler", methods=["POST", "OPTIONS"])
async def event_handler(req: func.HttpRequest) -> func.HttpResponse:
    return await anyone(req, webhook.handle)
