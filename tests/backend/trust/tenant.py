"""A fake Entra tenant with keys of its own, and settings that trust it."""

import json
import time
from dataclasses import dataclass, field

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

TENANT, PRINCIPAL = "6b1d0a3e-2f6b-4a0e-9c59-0d2f6a1b7c11", "0f8c2d44-91a7-4d2c-8d0f-5e3a7b9c1d22"


AUDIENCE = "api://chatr"


ENTRA = {
    "EVENT_HANDLER_AUTH": "entra",
    "EVENT_HANDLER_TENANT": TENANT,
    "EVENT_HANDLER_PRINCIPAL": PRINCIPAL,
    "EVENT_HANDLER_AUDIENCE": AUDIENCE,
}


@dataclass
class Tenant:
    """A stand-in for Entra's key documents, which counts requests."""

    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    # Additional members of keys in its documents, by key id.
    about: dict[str, dict[str, str]] = field(default_factory=dict)
    others: list[dict[str, str]] = field(default_factory=list)
    asked: int = 0
    down: bool = False
    address: str = ""

    def new_key(self, key_id: str) -> None:
        self.keys[key_id] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, key_id: str = "k1", /, **changes: object) -> str:
        claims = {
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "aud": AUDIENCE,
            "tid": TENANT,
            "oid": PRINCIPAL,
            "exp": int(time.time()) + 600,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.keys[key_id], "RS256", headers={"kid": key_id})

    async def configuration(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.down:
            raise web.HTTPServiceUnavailable
        return web.json_response({"jwks_uri": f"{self.address}/keys"})

    async def key_set(self, request: web.Request) -> web.Response:
        algorithm = jwt.algorithms.RSAAlgorithm
        keys = [
            {**json.loads(algorithm.to_jwk(key.public_key())), "use": "sig", "kid": kid, **self.about.get(kid, {})}
            for kid, key in self.keys.items()
        ]
        return web.json_response({"keys": keys + self.others})
