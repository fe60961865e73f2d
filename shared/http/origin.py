"""Where a browser's request comes from: from which site, and whether by https. Must not know routes."""

from urllib.parse import urlsplit

import azure.functions as func


def sent_by_another_site(request: func.HttpRequest) -> bool:
    """Whether a browser says so: a form elsewhere can post here, and the answer's cookie would take a guest's place.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def came_by_https(request: func.HttpRequest) -> bool:
    """Whether the browser's own request was https, whatever the proxies in between spoke."""
    seen = request.headers.get("x-ms-original-url") or ""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    scheme = seen.partition(":")[0] or forwarded or urlsplit(request.url).scheme
    return scheme.lower() == "https"
