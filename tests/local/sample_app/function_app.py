"""An app that uses every feature of the Functions host once."""

import threading

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="echo/{name}/{number:int?}", methods=["GET", "POST"])
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    lines = [req.method, req.url, *(f"{k}={v}" for k, v in sorted({**req.route_params, **req.params}.items()))]
    return func.HttpResponse("\n".join(lines))


@app.route(route="echo/literal", methods=["GET"])
async def literal(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("the literal one")


@app.route(route="bytes", methods=["POST"])
def binary(req: func.HttpRequest) -> func.HttpResponse:
    body = bytes(reversed(req.get_body()))
    return func.HttpResponse(body, mimetype="application/octet-stream", status_code=201)


@app.route(route="headers")
async def headers(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse(f"{req.headers.get('X-Many')}|{req.headers.get('cookie')}")
    for name, value in [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Vary", "Accept"), ("Vary", "Origin")]:
        response.headers.add(name, value)
    return response


@app.route(route="thread")
def thread(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    is_main = threading.current_thread() is threading.main_thread()
    return func.HttpResponse(f"{context.function_name} {is_main} {bool(context.invocation_id)}")


@app.route(route="fails")
async def fails(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("the cause stays in the log")


@app.route(route="wrong")
async def wrong(req: func.HttpRequest):  # type: ignore[no-untyped-def]
    return 7


@app.route(route="text")
async def text(req: func.HttpRequest) -> str:
    return "just text"


@app.route(route="nothing")
async def nothing(req: func.HttpRequest):  # type: ignore[no-untyped-def]
    # Functions takes no annotation that says so.
    return None


@app.route(route="locked", auth_level=func.AuthLevel.FUNCTION)
async def locked(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("open")


@app.function_name("namedOnly")
@app.route()
async def named(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("by its name")


@app.route(route="rest/{*path}")
async def rest(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params.get("path", "-"))


@app.route(route="setting")
async def setting(req: func.HttpRequest) -> func.HttpResponse:
    import os

    return func.HttpResponse(os.environ["PUBSUB_HUB"])
