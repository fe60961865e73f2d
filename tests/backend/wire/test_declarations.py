"""Each route is declared once; ``function_app.py``, the functions' signatures and the page agree with it."""

import inspect

import azure.functions as func
import pytest

import function_app
from shared.http import health
from shared.http.api import ROUTES
from shared.wire.route import Route
from tests.backend.function_calls import routes
from tests.backend.wire.protocol_page import table


def title(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_the_app_serves_what_is_declared_and_nothing_else() -> None:
    assert sorted(routes()) == sorted((route.method, route.path) for route in ROUTES)


async def test_every_function_serves_its_own_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Route] = []

    async def record(_: func.HttpRequest, route: Route) -> func.HttpResponse:
        served.append(route)
        return func.HttpResponse()

    async def record_health(request: func.HttpRequest) -> func.HttpResponse:
        return await record(request, health.HEALTH)

    monkeypatch.setattr(function_app, "serve", record)
    monkeypatch.setattr(health, "serve", record_health)
    for function in routes().values():
        await function(func.HttpRequest("GET", "/", body=b""))
    assert [(route.method, route.path) for route in served] == list(routes())


@pytest.mark.parametrize("route", ROUTES, ids=title)
def test_a_function_takes_what_its_declaration_reads(route: Route) -> None:
    taken = [one.annotation for one in inspect.signature(route.run).parameters.values()]
    read = [kind for kind in (route.segments, route.query, route.headers, route.body) if kind]
    assert taken[-len(read) :] == read if read else len(taken) <= 1


@pytest.mark.parametrize("route", ROUTES, ids=title)
def test_the_page_says_who_may_call_and_what_is_refused(route: Route) -> None:
    who, *_, errors = table("HTTP")[title(route)]
    assert who == route.who
    assert errors == ", ".join(error.code for error in route.errors)
