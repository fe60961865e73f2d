"""Converts a function's return value to the response that Azure's Python worker and Functions host would send.

In Azure, some headers and cookies get lost, change or fail on the way, and so they do here. The first step is
azure-functions' own encoder, which the worker uses too. The rest imitates what host 4.1037 with worker 4.34 was
observed to do; for cookies, see Azure/azure-functions-python-worker issues 1794 and 1902.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Any
from urllib.parse import quote

import azure.functions as func
from azure.functions.http import HttpResponseConverter
from multidict import CIMultiDict

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VISIBLE = re.compile(r"[\t\x20-\x7e]*")
BODILESS = (204, 304)


class BadReturnValue(Exception):
    """A function returned something that Functions can't send; the message does not quote the value."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response as a browser receives it."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


def answer_of(name: str, returned: object) -> Answer:
    """The response of the function ``name`` that returned this. Raises BadReturnValue."""
    if not isinstance(returned, func.HttpResponse | str):
        raise BadReturnValue(f"{name} returned {type(returned).__name__}; return an HttpResponse or text.")
    if isinstance(returned, str):
        returned = func.HttpResponse(returned)
    try:
        encoded = HttpResponseConverter.encode(returned, expected_type=None).value
    except CookieError as error:
        raise BadReturnValue(f"{name} set a cookie whose name is not allowed.") from error
    status, body = int(encoded["status_code"].value), bytes(encoded["body"].value)
    headers = headers_of(name, {header: datum.value for header, datum in encoded["headers"].items()}, len(body))
    for cookie in cookies_of(name, encoded["cookies"] or ()):
        headers.add("Set-Cookie", cookie)
    return Answer(status, headers, b"" if status in BODILESS else body)


def headers_of(name: str, headers: Mapping[str, str], length: int) -> CIMultiDict[str]:
    """The response headers: of several with the same name only the last is kept. Raises BadReturnValue."""
    written: CIMultiDict[str] = CIMultiDict()
    for header, value in headers.items():
        if not TOKEN.fullmatch(header) or not VISIBLE.fullmatch(value):
            raise BadReturnValue(f"{name} set a header whose name or value has a character that HTTP does not allow.")
        if header.lower() == "content-length" and value != str(length):
            raise BadReturnValue(f"{name} set a Content-Length that does not match its body.")
        written[header] = value
    return written


def cookies_of(name: str, parsed: Iterable[SimpleCookie]) -> list[str]:
    """The cookies, rewritten. Python's parser has already dropped malformed ones silently."""
    return [cookie_of(name, morsel) for cookies in parsed for morsel in cookies.values()]


def cookie_of(name: str, morsel: Morsel[str]) -> str:
    """A cookie as the host writes it: lower-case attributes, always a domain and a path, the value escaped once more.

    Browsers treat an empty domain as none; Static Web Apps fills in the site's.
    """
    expires = [f"expires={date_of(name, morsel['expires'])}"] if morsel["expires"] else []
    age = [f"max-age={morsel['max-age']}"] if morsel["max-age"] else []
    site = [f"samesite={morsel['samesite'].lower()}"] if morsel["samesite"] else []
    flags = [flag for flag in ("secure", "httponly") if morsel[flag]]
    always = [f"domain={morsel['domain']}", f"path={morsel['path']}"]
    written = f"{quote(morsel.key, safe='')}={quote(morsel.value, safe='')}"
    return "; ".join([written, *expires, *age, *always, *flags[:1], *site, *flags[1:]])


def date_of(name: str, text: Any) -> str:
    try:
        return format_datetime(parsedate_to_datetime(text), usegmt=True)
    except ValueError as error:
        raise BadReturnValue(f"{name} set a cookie whose Expires is not a date.") from error
