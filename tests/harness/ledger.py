"""The ledger as stories use it: somebody seals it, with a real key where one is wanted."""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.ledger.sealer import BATCH, Sealer
from hazard_flow.ledger.statements import Signer
from hazard_flow.storage.unit import Database


@dataclass(frozen=True)
class Ed25519Signer:
    """A key made for a test."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    alg: str = "Ed25519"

    @property
    def key_id(self) -> str:
        """SHA-256 of the public key, in hex."""
        return hashlib.sha256(self.public_pem()).hexdigest()

    def sign(self, message: bytes) -> bytes:
        """The signature over the message."""
        return self.key.sign(message)

    def public_pem(self) -> bytes:
        """The public key as outsiders are given it."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def sealer(database: Database, *, signer: Signer | None = None, batch: int = BATCH) -> Sealer:
    """Seals the events of this database."""
    return Sealer(database, EventLeaves(), signer=lambda _: signer, batch=batch)
