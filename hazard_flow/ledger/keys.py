"""The sealing key: loaded once and held, with its certificates; signs checkpoints of the ledger and seals of closure files.

A PKCS#12 file (`hazard-flow seal init` makes one, a certification authority hands out one) or a token spoken to through PKCS#11.
RSA only: with elliptic curves a PDF has to call itself version 2.0, which PDF/A-3 is not.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12

from hazard_flow.i18n import Label

#: of checkpoints; seals of documents are RSA with PKCS#1 padding, which every reader of PDF knows
ALGORITHM = "RSA-PSS-SHA256"
KEY_BITS_MIN = 2048
TOKEN_SCHEME = "pkcs11:"  # noqa: S105 - an address, not a secret
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


class KeyRefused(Exception):
    """The key cannot be used: a stable code, and what is wrong in both languages."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.said = Label(zh=zh, en=en)


@dataclass(frozen=True)
class SigningKey:
    """A key that can be used now, its certificate and those above it, the nearest first."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    #: (data, "pss" or "pkcs1") → signature over its SHA-256
    _sign: Callable[[bytes, str], bytes] = field(repr=False)

    alg = ALGORITHM

    @property
    def key_id(self) -> str:
        """Hex SHA-256 of the certificate: what a stranger compares."""
        return fingerprint(self.certificate)

    @property
    def holder(self) -> str:
        """The organisation the certificate names; its common name where it names none."""
        return subject_text(self.certificate)

    def sign(self, data: bytes) -> bytes:
        """RSA-PSS over SHA-256, salt of 32 bytes."""
        return self._sign(data, "pss")

    def sign_pkcs1(self, data: bytes) -> bytes:
        """RSA with PKCS#1 v1.5 padding over SHA-256, as signatures inside PDFs use it."""
        return self._sign(data, "pkcs1")

    def check_at(self, now: datetime) -> None:
        """Raises KeyRefused when a certificate is not valid at this instant."""
        for one in (self.certificate, *self.chain):
            if now < one.not_valid_before_utc:
                raise KeyRefused(
                    "not_yet_valid",
                    zh=f"证书“{subject_text(one)}”自 {one.not_valid_before_utc:%Y-%m-%d} 起才有效",
                    en=f"the certificate of {subject_text(one)} is valid only from {one.not_valid_before_utc:%Y-%m-%d}",
                )
            if now > one.not_valid_after_utc:
                raise KeyRefused(
                    "expired",
                    zh=f"证书“{subject_text(one)}”已于 {one.not_valid_after_utc:%Y-%m-%d} 过期",
                    en=f"the certificate of {subject_text(one)} expired on {one.not_valid_after_utc:%Y-%m-%d}",
                )


class KeyHolder:
    """Where the key lies, and the key itself once it was read; read again only when the file changed. Safe between threads."""

    def __init__(self, location: str, passphrase: str = "", *, is_required: bool = True) -> None:
        self.location = location
        self._passphrase = passphrase
        self._is_required = is_required
        self._lock = threading.Lock()
        self._seen: object = None
        self._held: SigningKey | None = None

    def key(self, now: datetime) -> SigningKey | None:
        """The key; None where none was ever set up. Raises KeyRefused with what is wrong."""
        with self._lock:
            stamp = self._stamp()
            if stamp is None:
                return None
            if self._held is None or stamp != self._seen:
                self._held, self._seen = None, None
                self._held = load_key(self.location, self._passphrase)
                self._seen = stamp
            held = self._held
        held.check_at(now)
        return held

    def usable(self, now: datetime) -> SigningKey | None:
        """The key, or None where none can be used; what is wrong with it is told by whoever seals files, and by `hazard-flow check`."""
        try:
            return self.key(now)
        except KeyRefused:
            return None

    def _stamp(self) -> object:
        if self.location.startswith(TOKEN_SCHEME):
            return self.location
        try:
            seen = Path(self.location).stat()
        except OSError as error:
            if not self._is_required and isinstance(error, FileNotFoundError):
                return None
            raise KeyRefused(
                "missing",
                zh=f"读不到密钥文件 {self.location}（{error.strerror}）",
                en=f"the key file {self.location} cannot be read ({error.strerror})",
            ) from error
        return seen.st_mtime_ns, seen.st_size, seen.st_ino


def load_key(location: str, passphrase: str = "") -> SigningKey:
    """The key of a PKCS#12 file or a token. Raises KeyRefused."""
    if location.startswith(TOKEN_SCHEME):
        from hazard_flow.ledger.token import token_key  # needs a library few installations have

        return _usable(*token_key(location, passphrase))
    try:
        data = Path(location).read_bytes()
    except OSError as error:
        raise KeyRefused(
            "missing",
            zh=f"读不到密钥文件 {location}（{error.strerror}）",
            en=f"the key file {location} cannot be read ({error.strerror})",
        ) from error
    return _usable(*_opened(data, passphrase))


def fingerprint(certificate: x509.Certificate) -> str:
    """Hex SHA-256 of a certificate's DER bytes."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def subject_text(certificate: x509.Certificate) -> str:
    """Whom a certificate names, for people."""
    for kind in (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME):
        found = certificate.subject.get_attributes_for_oid(kind)
        if found:
            return str(found[0].value)
    return certificate.subject.rfc4514_string()


Opened = tuple[x509.Certificate, tuple[x509.Certificate, ...], Callable[[bytes, str], bytes]]


def _opened(data: bytes, passphrase: str) -> Opened:
    try:
        private, certificate, others = pkcs12.load_key_and_certificates(
            data, passphrase.encode() if passphrase else None
        )
    except ValueError as error:
        if "pass" in str(error).lower():
            raise KeyRefused(
                "passphrase",
                zh="密钥文件的口令不对（HAZARD_FLOW_SIGNING_KEY_PASSPHRASE）",
                en="the passphrase of the key file is wrong (HAZARD_FLOW_SIGNING_KEY_PASSPHRASE)",
            ) from error
        raise KeyRefused(
            "unreadable",
            zh="密钥文件不是 PKCS#12（.p12 或 .pfx）",
            en="the key file is not PKCS#12 (.p12 or .pfx)",
        ) from error
    if private is None or certificate is None:
        raise KeyRefused(
            "incomplete",
            zh="密钥文件里缺私钥或证书",
            en="the key file lacks the private key or its certificate",
        )
    if not isinstance(private, RSAPrivateKey):
        raise _not_rsa()
    return certificate, _path_above(certificate, others), _signing_with(private)


def _signing_with(private: RSAPrivateKey) -> Callable[[bytes, str], bytes]:
    def sign(data: bytes, manner: str) -> bytes:
        return private.sign(data, _PSS if manner == "pss" else padding.PKCS1v15(), hashes.SHA256())

    return sign


def _path_above(
    certificate: x509.Certificate, others: list[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The issuers, the nearest first; certificates that have no part in the path are left out."""
    path: list[x509.Certificate] = []
    below = certificate
    while below.issuer != below.subject:
        issuer = next((one for one in others if one not in path and _issued(one, below)), None)
        if issuer is None:
            break
        path.append(issuer)
        below = issuer
    return tuple(path)


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # whatever is wrong with a stray certificate, it is not the issuer
        return False
    return True


def _usable(
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...],
    sign: Callable[[bytes, str], bytes],
) -> SigningKey:
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        raise _not_rsa()
    if public.key_size < KEY_BITS_MIN:
        raise KeyRefused(
            "weak",
            zh=f"密钥只有 {public.key_size} 位，至少需要 {KEY_BITS_MIN} 位",
            en=f"the key has {public.key_size} bits; at least {KEY_BITS_MIN} are needed",
        )
    if not _may_sign(certificate):
        raise KeyRefused(
            "not_for_signing",
            zh="证书不是签名用途（缺“数字签名”或“不可否认”用途）",
            en="the certificate is not for signing (its key usage names neither digital signature nor non-repudiation)",
        )
    try:
        public.verify(sign(b"probe", "pss"), b"probe", _PSS, hashes.SHA256())
    except Exception as error:  # a token fails in its own ways; the sentence is the same
        raise KeyRefused(
            "mismatch", zh="私钥与证书不是一对", en="the private key does not belong to the certificate"
        ) from error
    return SigningKey(certificate, chain, sign)


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _not_rsa() -> KeyRefused:
    return KeyRefused(
        "not_rsa",
        zh="签章密钥须为 RSA（2048 位以上，建议 3072 位）",
        en="the sealing key must be RSA (2048 bits or more, 3072 advised)",
    )
