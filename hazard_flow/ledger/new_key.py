"""Making a sealing key where there is none: a certification authority of our own that signs one certificate and is then thrown away.

Its private key is never written anywhere, so whoever trusts the authority's certificate trusts this one seal and no other.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

KEY_BITS = 3072
#: X.520 allows 64 characters of an organisation's or a common name
NAME_CHARACTERS_MAX = 64
COMMON_NAME_BYTES_MAX = 64
CA_SUFFIX = " 自建根证书 self-made CA"
SEAL_SUFFIX = " 电子签章 seal"


@dataclass(frozen=True)
class MadeKey:
    """What was written: the key file, and the authority's certificate to hand out."""

    key_file: Path
    trust_file: Path
    certificate: x509.Certificate
    authority: x509.Certificate


def make_key(
    folder: Path, *, organisation: str, country: str, passphrase: str, now: datetime, years: int = 10
) -> MadeKey:
    """A key of 3072 bits and its certificates under `folder`: `seal.p12` (0600) and `seal-ca.pem`.

    Raises FileExistsError rather than overwrite either, ValueError for a name X.509 cannot hold.
    """
    if not organisation.strip() or len(organisation) > NAME_CHARACTERS_MAX:
        raise ValueError(f"a name of 1 to {NAME_CHARACTERS_MAX} characters")
    key_file, trust_file = folder / "seal.p12", folder / "seal-ca.pem"
    for path in (key_file, trust_file):
        if path.exists():
            raise FileExistsError(path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private, certificate, authority = issue(organisation.strip(), country, now=now, years=years)
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    data = pkcs12.serialize_key_and_certificates(
        b"Hazard Flow seal", private, certificate, [authority], encryption
    )
    _write_once(key_file, data, 0o600)
    _write_once(trust_file, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    return MadeKey(key_file, trust_file, certificate, authority)


def issue(
    organisation: str, country: str, *, now: datetime, years: int
) -> tuple[rsa.RSAPrivateKey, x509.Certificate, x509.Certificate]:
    """A private key, its certificate, and that of the authority whose key this function alone knew."""
    begins = now - timedelta(hours=1)  # other people's clocks are not ours
    ends = now + timedelta(days=365 * years)
    root = rsa.generate_private_key(65537, KEY_BITS)
    root_name = _name(organisation, country, CA_SUFFIX)
    authority = (
        _builder(root_name, root_name, root.public_key(), begins, ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(root, hashes.SHA256())
    )
    private = rsa.generate_private_key(65537, KEY_BITS)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
    certificate = (
        _builder(_name(organisation, country, SEAL_SUFFIX), root_name, private.public_key(), begins, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(identifier, critical=False)
        .sign(root, hashes.SHA256())
    )
    return private, certificate, authority


def _name(organisation: str, country: str, suffix: str) -> x509.Name:
    # X.520 counts characters, the library bytes: a Chinese character takes three
    room = COMMON_NAME_BYTES_MAX - len(suffix.encode())
    common = organisation.encode()[:room].decode(errors="ignore").rstrip() + suffix
    return x509.Name([
        x509.NameAttribute(x509.NameOID.COUNTRY_NAME, country),
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, common),
    ])  # fmt: skip


def _builder(
    subject: x509.Name, issuer: x509.Name, public: rsa.RSAPublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write_once(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
