"""A passkey's other half, so that tests can answer what no browser would: it signs whatever it is told to."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost"
PRESENT, VERIFIED, HAS_KEY = 1, 4, 64  # flags: Web Authentication, 6.1


class Authenticator:
    """One key, for one account. ``flags``, ``domain`` and ``origin`` can be set to what they should not be."""

    def __init__(self) -> None:
        self.id = secrets.token_bytes(32)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.handle = b""
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.domain = "localhost"
        self.origin = ORIGIN

    def create(self, question: dict[str, Any]) -> str:
        """What a browser answers when a new passkey is asked for."""
        self.handle = _decoded(question["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public_key)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(HAS_KEY) + attested}
        client_data = self._client_data("webauthn.create", question["challenge"])
        return self._answer({"clientDataJSON": client_data, "attestationObject": cbor2.dumps(statement)})

    def sign(self, challenge: str) -> str:
        """What a browser answers at the sign-in."""
        data, client_data = self._data(), self._client_data("webauthn.get", challenge)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        return self._answer({**response, "userHandle": self.handle} if self.handle else response)

    def _data(self, more_flags: int = 0) -> bytes:
        domain = hashlib.sha256(self.domain.encode()).digest()
        return domain + bytes([self.flags | more_flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        fields = {name: _encoded(value) for name, value in response.items()}
        own = _encoded(self.id)
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": fields})


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
