"""Plays Static Web Apps in front of a linked backend, over https: it changes cookies and URLs as the service does.

``python -m tests.azure_front SITE_URL FUNCTIONS_PORT NAME FOLDER`` prints its URL. The site comes from the local front
door, the API from the Functions host. Sources: Azure/static-web-apps issues 636 (each cookie gets a domain) and 1214 (a
cookie whose Expires is in the past is dropped); requests captured in a linked backend (Host is the backend's name).
"""

import asyncio
import ssl
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from multidict import CIMultiDict

from tests.stack import COOKIE

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "upgrade"}


def certificate(name: str, folder: Path) -> ssl.SSLContext:
    """A self-signed certificate for one day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both = folder / "front.pem"
    both.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context


def passed_on(cookie: str, name: str) -> str | None:
    """A cookie of the API as a browser receives it; None if it is dropped."""
    parts = [part.strip() for part in cookie.split(";")]
    for part in parts[1:]:
        attribute, _, value = part.partition("=")
        if attribute.lower() == "expires" and parsedate_to_datetime(value) < datetime.now(UTC):
            return None
    kept = [part for part in parts[1:] if not part.lower().startswith("domain")]
    # In a different order and case than in the API's response.
    return "; ".join([parts[0], f"DOMAIN={name}", *(part.upper() for part in reversed(kept))])


def asked(request: web.Request, port: int) -> CIMultiDict[str]:
    """The headers that a linked backend receives."""
    headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in HOP)
    for header in [header for header in headers if header.lower().startswith("x-ms-")] + ["Authorization"]:
        headers.popall(header, None)
    peer = request.transport.get_extra_info("peername") if request.transport else ("", 0)
    headers["Host"] = f"backend.example:{port}"
    headers["x-forwarded-for"] = f"{peer[0]}:{peer[1]}, 10.0.0.1:443"
    headers["x-ms-original-url"] = f"https://{request.host}{request.raw_path}"
    principal = SimpleCookie(request.headers.get("Cookie", "")).get(COOKIE)
    if principal is not None:
        headers["x-ms-client-principal"] = principal.value
    return headers


async def serve(site: str, functions: int, name: str, folder: Path) -> None:
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def forward(request: web.Request) -> web.Response:
            is_api = request.path.startswith("/api/")
            base = f"http://127.0.0.1:{functions}" if is_api else site
            headers = asked(request, functions) if is_api else {"Cookie": request.headers.get("Cookie", "")}
            async with http.request(
                request.method,
                base + request.raw_path,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer:
                kept = CIMultiDict((key, value) for key, value in answer.headers.items() if key.lower() not in HOP)
                if is_api:
                    written = [passed_on(cookie, name) for cookie in kept.popall("Set-Cookie", [])]
                    kept.extend(("Set-Cookie", cookie) for cookie in written if cookie is not None)
                return web.Response(status=answer.status, headers=kept, body=await answer.read())

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", forward)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate(name, folder)).start()
        sys.stdout.write(f"https://{name}:{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
