"""PAdES seals with an RSA key held in memory or in a token: B-B, and B-T where a time-stamping service is set.

The library would load an RSA key anew for every signature (115 ms, twice the rest); here the key is handed in as a function.
"""

import io
import logging
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp.noop import NoOpStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from hazard_flow.ledger.keys import SigningKey, subject_text
from hazard_flow.reports.seal.appending import Appending
from hazard_flow.reports.seal.collecting import collected
from hazard_flow.reports.seal.field import FIELD_NAME, with_field
from hazard_flow.reports.seal.hexadecimal import last_range, spelled
from hazard_flow.reports.seal.sealer import Level, Sealed, SealFailed, Signer
from hazard_flow.reports.seal.stamping import HttpStamper, StampRefused
from hazard_flow.reports.verifying.contents import NotExact, check_seal, container
from hazard_flow.reports.worker import SealPlace

log = logging.getLogger(__name__)

ALGORITHM = "PAdES-RSA-SHA256"
REASON = "隐患整改销号 Hazard closure"
APPLICATION = "Hazard Flow"


class PadesSealer:
    """Seals with one key."""

    alg = ALGORITHM

    def __init__(self, key: SigningKey, *, tsa_url: str = "") -> None:
        self.key_id = key.key_id
        self.signer = signer_of(key)
        self.level = Level.T if tsa_url else Level.B
        self._cms = HeldKeySigner(key)
        # Kept: it remembers how long the service's answers are, and so how much room a seal needs.
        self._stamper = HttpStamper(tsa_url) if tsa_url else None

    @collected()
    def seal(self, pdf: bytes, place: SealPlace, *, number: str, at: datetime) -> Sealed:
        """Seal at the level asked for; at B-B, saying why, when the time-stamping service does not answer. Raises SealFailed."""
        prepared = with_field(pdf, place)
        if self._stamper is not None:
            try:
                return Sealed(_exact(self._sign(prepared, Level.T, number, at)), Level.T)
            except (StampRefused, TimestampRequestError, NotExact) as error:
                log.warning("no time stamp for %s, sealed without: %s", number, error)
                return Sealed(self._sign(prepared, Level.B, number, at), Level.B, problem=str(error))
        return Sealed(self._sign(prepared, Level.B, number, at), Level.B)

    def _sign(self, prepared: bytes, level: Level, number: str, at: datetime) -> bytes:
        said = PdfSignatureMetadata(
            field_name=FIELD_NAME,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=self.signer.name,
            reason=f"{REASON} {number}",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            # Under the seal: who strips the time stamp off cannot strip off that there was one.
            app_build_props=BuildProps(name=APPLICATION, revision=level.value),
        )
        stamper = self._stamper if level is Level.T else None
        # The field already has its looks; the library is to fill it and touch nothing else.
        signer = _SignerAt(said, self._cms, timestamper=stamper, stamp_style=NoOpStampStyle())
        signer.at = at
        try:
            out = signer.sign_pdf(Appending(io.BytesIO(prepared)), existing_fields_only=True)
        except SigningError as error:
            raise SealFailed(f"the seal could not be made: {error}") from error
        return spelled(out.getvalue())


def _exact(pdf: bytes) -> bytes:
    """The same, once what the time-stamping service put in passes as strictly as it will be read. Raises NotExact."""
    check_seal(container(pdf, last_range(pdf)))
    return pdf


class _SignerAt(PdfSigner):
    """Writes the caller's instant into the seal, not this process's clock."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


class HeldKeySigner(CmsSigner):
    """The library's signer over a key that stays loaded."""

    def __init__(self, key: SigningKey) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([as_asn1(one) for one in key.chain])
        certificate = as_asn1(key.certificate)
        super().__init__(signing_cert=certificate, cert_registry=store)
        self._signature_bytes = certificate.public_key.bit_size // 8
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign the attributes; in a dry run only as long as a signature would be."""
        assert digest_algorithm == "sha256"
        if dry_run:
            return bytes(self._signature_bytes)
        return self._key.sign_pkcs1(data)


def signer_of(key: SigningKey) -> Signer:
    """Whom a key's certificate names."""
    return Signer(
        organisation=key.holder,
        name=_common_name(key.certificate.subject) or key.holder,
        issuer=_common_name(key.certificate.issuer) or subject_text(key.certificate),
        fingerprint=key.key_id,
    )


def as_asn1(certificate: x509.Certificate) -> asn1.Certificate:
    """The same certificate in the other library's hands."""
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""
