"""A time-stamping authority on this machine: a real RFC 3161 responder over HTTP with a key of its own, which can be told to fail."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper


@dataclass
class Authority:
    """Where it listens, and whom to trust for its times."""

    url: str
    root: x509.Certificate
    is_down: bool = False
    #: its clock; the machine's when None
    at: datetime | None = None
    answered: list[bytes] = field(default_factory=list)

    @property
    def root_pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)


@contextmanager
def time_stamping() -> Iterator[Authority]:
    """One that listens on a free port of the loopback until the block ends."""
    stamper, root = _stamper()

    class Responder(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if authority.is_down:
                self.send_error(503)
                return
            stamper.fixed_dt = authority.at
            answer = stamper.request_tsa_response(tsp.TimeStampReq.load(asked)).dump()
            authority.answered.append(asked)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Responder) as server:
        authority = Authority(f"http://127.0.0.1:{server.server_port}/", root)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield authority
        server.shutdown()
        thread.join()


def _stamper() -> tuple[DummyTimeStamper, x509.Certificate]:
    now = datetime.now(UTC)
    root_key = rsa.generate_private_key(65537, 2048)
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test time-stamping root")])
    root = (
        _blank(name, name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test time stamps")])
    only = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = (
        _blank(subject, name, key.public_key(), now)
        .add_extension(only, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    secret = keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    return DummyTimeStamper(_asn1(certificate), secret, [_asn1(root)]), root


def _blank(
    subject: x509.Name, issuer: x509.Name, public: rsa.RSAPublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
