"""A checkpoint as it leaves the house: its one form, what is signed of it, and who signs. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from hazard_flow.ledger.canonical import canonical, instant_text

_FORM = {"alg", "at", "key_id", "root", "signature", "size"}


class Signer(Protocol):
    """Holds a key and signs with it."""

    @property
    def key_id(self) -> str:
        """How outsiders find the public key."""

    @property
    def alg(self) -> str:
        """RSA-PSS-SHA256, Ed25519, …"""

    def sign(self, message: bytes) -> bytes:
        """The signature over exactly these bytes."""


class NotAStatement(ValueError):
    """The text is no checkpoint; the message says why."""


@dataclass(frozen=True)
class Statement:
    """One checkpoint: the root of the first `size` leaves at an instant. Unsigned where there is no key."""

    size: int
    root: bytes
    at: datetime
    key_id: str | None = None
    alg: str | None = None
    signature: bytes | None = None

    def as_dict(self) -> dict[str, Any]:
        """As in record.json; hashes and signature in hex."""
        return {**self._signed(), "signature": self.signature.hex() if self.signature is not None else None}

    def message(self) -> bytes:
        """What is signed: the canonical form of everything but the signature. Without a key `alg` and `key_id` stand as null."""
        return canonical(self._signed())

    def line(self) -> str:
        """The canonical form of the whole, as files and mails carry it."""
        return canonical(self.as_dict()).decode()

    def signed_by(self, signer: Signer) -> "Statement":
        """The same with a signature."""
        bare = Statement(self.size, self.root, self.at, signer.key_id, signer.alg)
        return Statement(
            self.size, self.root, self.at, signer.key_id, signer.alg, signer.sign(bare.message())
        )

    def _signed(self) -> dict[str, Any]:
        return {
            "alg": self.alg,
            "at": instant_text(self.at),
            "key_id": self.key_id,
            "root": self.root.hex(),
            "size": self.size,
        }


def parse(text: str) -> Statement:
    """A checkpoint from outside. Raises NotAStatement."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise NotAStatement(f"not JSON: {error}") from error
    if not isinstance(given, dict) or set(given) != _FORM:
        raise NotAStatement(f"not an object with exactly {', '.join(sorted(_FORM))}")
    return statement_of(given)


def statement_of(given: Mapping[str, Any]) -> Statement:
    """The same from an opened object, as record.json holds it. Raises NotAStatement."""
    try:
        size, root = given["size"], bytes.fromhex(given["root"])
        signature = given["signature"]
        found = Statement(
            size=size,
            root=root,
            at=datetime.strptime(given["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
            key_id=given["key_id"],
            alg=given.get("alg"),
            signature=bytes.fromhex(signature) if signature is not None else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotAStatement(str(error)) from error
    if type(size) is not int or size < 0 or len(root) != 32:
        raise NotAStatement("size or root cannot be those of a tree")
    return found
