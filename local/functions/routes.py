"""The HTTP functions of an app, read through azure-functions' own API, and the routing of requests to them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import azure.functions as func

from local.functions.templates import Template, compile_template


class NoHttpFunctions(Exception):
    """The app defines functions that this host, or no host, can run; the message names them."""


@dataclass(frozen=True)
class Route:
    """An HTTP function. Empty ``methods`` mean all methods, as in Functions."""

    name: str
    template_text: str
    template: Template
    methods: frozenset[str]
    auth_level: str
    parameter: str
    function: Callable[..., Any]


def read_routes(app: func.FunctionApp, prefix: str) -> list[Route]:
    """All HTTP functions, in the order in which they are tried. Raises NoHttpFunctions, BadTemplate.

    If several routes match, this host has to pick the same one as Functions. Functions tries them in the order of the
    functions' names; unlike in ASP.NET, literal segments take no precedence over parameters
    (Azure/azure-functions-host issues 9876 and 3153).
    """
    try:
        functions = app.get_functions()
    except ValueError as error:
        raise NoHttpFunctions(f"function_app.py can't be read: {error}") from error
    routes = sorted((read_route(function, prefix) for function in functions), key=lambda r: r.name.lower())
    for one, other in pairwise(routes):
        if one.name.lower() == other.name.lower():
            raise NoHttpFunctions(f"{one.name} and {other.name} are the same name in Functions; rename one of them.")
    return routes


def read_route(function: Any, prefix: str) -> Route:
    name = function.get_function_name()
    trigger = function.get_trigger()
    if trigger is None or trigger.type != "httpTrigger":
        kind = "no trigger" if trigger is None else f"a trigger of type {trigger.type}"
        raise NoHttpFunctions(
            f"{name} has {kind}, but this host runs HTTP functions only. Azure Functions Core Tools runs all."
        )
    text = "/".join(part for part in (prefix.strip("/"), (trigger.route or name).strip("/")) if part)
    return Route(
        name=name,
        template_text=text,
        template=compile_template(text),
        methods=frozenset(plain(method).upper() for method in trigger.methods or ()),
        auth_level=plain(trigger.auth_level or "FUNCTION").upper(),
        parameter=trigger.name,
        function=function.get_user_function(),
    )


def plain(value: Any) -> str:
    """The text of a setting that azure-functions stores as an enum or as text."""
    return str(getattr(value, "value", value))


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The first route that matches path and method. A wrong method is no match (404), as in Functions."""
    for route in routes:
        if route.methods and method not in route.methods:
            continue
        parameters = route.template.match(path)
        if parameters is not None:
            return route, parameters
    return None


def listing(routes: Iterable[Route]) -> str:
    """The list of routes, in the format that Core Tools prints at start."""
    return "\n".join(
        f"  {route.name}: [{','.join(sorted(route.methods)) or 'any'}] /{route.template_text}" for route in routes
    )
