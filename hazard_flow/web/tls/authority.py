"""An authority of this network's own and the certificates it signs for this server.

The authority is limited (name constraints, critical) to the names it was made for and to private addresses: whoever steals its key
cannot pose as a bank. A tablet trusts it once; certificates of the server may then be renewed every year without anybody noticing.
"""

import hashlib
import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from hazard_flow.web.tls.files import CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY
from hazard_flow.web.tls.naming import ALWAYS, PRIVATE_NETWORKS, Address, Names, Network, beyond, read

AUTHORITY_DAYS = 3650
#: what Apple and the CA/Browser Forum still take
SERVER_DAYS = 397
#: the common name holds 64 bytes; the names that count stand in the extension
COMMON_NAME_BYTES_MAX = 64
ORGANISATION = "Hazard Flow"
#: other machines' clocks are not ours
_SLACK = timedelta(hours=1)


class AuthorityRefused(Exception):
    """The authority may not sign this, or its files cannot be used; the words say why."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese


@dataclass(frozen=True)
class Certificate:
    """What matters about a certificate to whoever looks after it."""

    names: Names
    begins_at: datetime
    ends_at: datetime
    #: SHA-256 of its bytes, in upper-case pairs parted by colons, as browsers and tablets show it
    fingerprint: str


def make(folder: Path, names: Names, *, now: datetime) -> Certificate:
    """A new authority and a certificate for these names (localhost goes with them) in `folder`, both keys readable by their owner only.

    Raises FileExistsError rather than overwrite an authority that tablets may trust already.
    """
    for name in (CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY):
        if (folder / name).exists():
            raise FileExistsError(folder / name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = _with_own(names)
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(key, wanted, now)
    _write(folder / CA_KEY, _pem(key), 0o600)
    _write(folder / CA_CERTIFICATE, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    return _issue(folder, key, authority, wanted, now=now)


def renew(folder: Path, names: Names | None, *, now: datetime) -> Certificate:
    """Another certificate of the same authority, for the names of the present one or for others within its limits.

    Raises FileNotFoundError where there is no authority, AuthorityRefused where it may not sign these names or ends before them.
    """
    key, authority = _load_key(folder / CA_KEY), _load(folder / CA_CERTIFICATE)
    wanted = _with_own(names) if names is not None else look(folder / CERTIFICATE).names
    hosts, networks = _limits(authority)
    strange = beyond(wanted, hosts=hosts, networks=networks)
    if strange:
        raise AuthorityRefused(
            f"the authority was not made for {', '.join(strange)}; move {folder} away and make a new one, "
            "which every tablet must install again",
            f"根证书签发范围不含 {'、'.join(strange)}；请移走 {folder} 后重新生成，并在每台终端上重新安装根证书",
        )
    if authority.not_valid_after_utc <= now:
        raise AuthorityRefused(
            f"the authority ended on {authority.not_valid_after_utc:%Y-%m-%d}; move {folder} away and make a new one",
            f"根证书已于 {authority.not_valid_after_utc:%Y-%m-%d} 到期；请移走 {folder} 后重新生成",
        )
    return _issue(folder, key, authority, wanted, now=now)


def look(path: Path) -> Certificate:
    """A certificate file; FileNotFoundError or AuthorityRefused where there is none to read."""
    found = _load(path)
    try:
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = Names(
            tuple(alternative.get_values_for_type(x509.DNSName)),
            tuple(alternative.get_values_for_type(x509.IPAddress)),  # type: ignore[arg-type] # of a certificate never networks
        )
    except x509.ExtensionNotFound:
        names = Names()
    digest = hashlib.sha256(found.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
    return Certificate(
        names=names,
        begins_at=found.not_valid_before_utc,
        ends_at=found.not_valid_after_utc,
        fingerprint=":".join(digest[i : i + 2] for i in range(0, len(digest), 2)),
    )


def der(path: Path) -> bytes:
    """A certificate file as DER: Android and Windows know a certificate by it whatever its name."""
    return _load(path).public_bytes(serialization.Encoding.DER)


def _authority(key: ec.EllipticCurvePrivateKey, names: Names, now: datetime) -> x509.Certificate:
    # Public addresses and names are vouched for only one by one, and only because somebody typed them.
    outside = [a for a in names.addresses if not any(a in network for network in PRIVATE_NETWORKS)]
    permitted: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
    permitted += [x509.IPAddress(network) for network in PRIVATE_NETWORKS]
    permitted += [x509.IPAddress(_single(address)) for address in outside]
    subject = _name(f"{ORGANISATION} LAN CA {next(iter(names.texts), '')}".strip())
    return (
        _builder(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _issue(
    folder: Path,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    names: Names,
    *,
    now: datetime,
) -> Certificate:
    own = ec.generate_private_key(ec.SECP256R1())
    alternative: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
    alternative += [x509.IPAddress(address) for address in names.addresses]
    days = min(SERVER_DAYS, (authority.not_valid_after_utc - now).days)
    certificate = (
        _builder(_name(names.texts[0]), authority.subject, own, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    # The key first: a server that looks between the two finds a pair that does not fit, and keeps the one it has.
    _write(folder / KEY, _pem(own), 0o600)
    _write(folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return look(folder / CERTIFICATE)


def _with_own(names: Names) -> Names:
    own = read(ALWAYS)
    return Names(
        tuple(dict.fromkeys((*names.hosts, *own.hosts))),
        tuple(dict.fromkeys((*names.addresses, *own.addresses))),
    )


def _limits(authority: x509.Certificate) -> tuple[list[str], list[Network]]:
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    hosts = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    return hosts, networks  # type: ignore[return-value] # of constraints always networks


def _single(address: Address) -> Network:
    return ipaddress.ip_network(f"{address}/{address.max_prefixlen}")


def _name(common: str) -> x509.Name:
    shortened = common.encode()[:COMMON_NAME_BYTES_MAX].decode(errors="ignore")
    return x509.Name([
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, ORGANISATION),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, shortened),
    ])  # fmt: skip


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + timedelta(days=days) - _SLACK)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise AuthorityRefused(f"{path} is not a certificate", f"{path} 不是证书文件") from error


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise AuthorityRefused(f"{path} is not a private key", f"{path} 不是私钥文件") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityRefused(f"{path} is not a key of ours", f"{path} 不是本程序生成的私钥")
    return key


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, never readable by others for a moment."""
    temporary = path.with_suffix(path.suffix + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
