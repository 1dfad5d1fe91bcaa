"""Whether a checkpoint's signature holds, by public keys somebody vouches for. Whose key it is, those who hand it in must know."""

from collections.abc import Iterable
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from hazard_flow.ledger.statements import Statement

_Key: TypeAlias = RSAPublicKey | Ed25519PublicKey


class NotAKey(ValueError):
    """The file holds no certificate and no public key that could have signed a checkpoint."""


class KeyRing:
    """Public keys that may have signed: a `verification.Judge`."""

    def __init__(self, pems: Iterable[bytes]) -> None:
        """Each a certificate or a public key in PEM. Raises NotAKey."""
        self._keys = [_key(pem) for pem in pems]

    def holds(self, statement: Statement) -> bool | None:
        """Whether one of the keys made the signature; None where there is no key to ask."""
        if not self._keys:
            return None
        return any(_holds(key, statement) for key in self._keys)


def _holds(key: _Key, statement: Statement) -> bool:
    message, signature = statement.message(), statement.signature or b""
    try:
        if isinstance(key, Ed25519PublicKey) and statement.alg == "Ed25519":
            key.verify(signature, message)
        elif isinstance(key, RSAPublicKey) and statement.alg == "RSA-PSS-SHA256":
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(signature, message, pss, hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _key(pem: bytes) -> _Key:
    try:
        found = (
            x509.load_pem_x509_certificate(pem).public_key()
            if b"BEGIN CERTIFICATE" in pem
            else serialization.load_pem_public_key(pem)
        )
    except ValueError as error:
        raise NotAKey(str(error)) from error
    if not isinstance(found, (RSAPublicKey, Ed25519PublicKey)):
        raise NotAKey(f"{type(found).__name__}: RSA and Ed25519 are known here")
    return found
