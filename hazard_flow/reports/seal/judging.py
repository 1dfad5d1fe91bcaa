"""Reading seals back: what the library says of every signature in a PDF, as plain facts. Offline; nothing is fetched."""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import ValidationContext

from hazard_flow.reports.seal.collecting import collected

#: it tells every doubt to its log; we tell ours as findings
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
_LATER_ALLOWED = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)


class NotJudged(Exception):
    """The library cannot read the file or its signatures; the message says why."""


@dataclass(frozen=True)
class Stamp:
    """A time stamp: the instant, whether its signature holds, and whether its authority is one of those trusted."""

    at: datetime
    is_sound: bool
    is_trusted: bool


@dataclass(frozen=True)
class Judged:
    """One signature or document time stamp."""

    #: `seal` or `stamp`
    kind: str
    field: str
    byte_range: tuple[int, ...]
    #: the DER value as the library found it
    contents: bytes
    #: covered bytes unchanged, and the signature over them holds
    is_sound: bool
    #: nothing later but what archives need
    is_last_word: bool
    is_trusted: bool
    #: allows no change after it
    is_final: bool
    subfilter: str
    #: level its maker says, under the seal
    said_level: str
    said_at: datetime | None
    stamp: Stamp | None


@collected()
def judge(
    pdf: bytes, roots: Sequence[x509.Certificate] = (), stampers: Sequence[x509.Certificate] = ()
) -> list[Judged]:
    """Every signature in a PDF in the order they were made. Raises NotJudged.

    Without `roots` and `stampers` (authorities of seals and of time stamps) each path is checked up to its own top, which proves it
    whole and nobody's identity.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        return [_judged(one, roots, stampers) for one in reader.embedded_signatures]
    except Exception as error:  # hostile bytes raise whatever they can
        raise NotJudged(f"{type(error).__name__}: {error}"[:300]) from error


def _judged(
    one: EmbeddedPdfSignature, roots: Sequence[x509.Certificate], stampers: Sequence[x509.Certificate]
) -> Judged:
    given = one.sig_object
    said_at = one.self_reported_timestamp
    is_stamp = str(given.get("/Type")) == "/DocTimeStamp"
    if is_stamp:
        status: Any = validate_pdf_timestamp(one, _context(stampers, one.signed_data, None))
        stamp = Stamp(status.timestamp.astimezone(UTC), status.intact and status.valid, status.trusted)
    else:
        token = _token(one.signer_info)
        moment = _stamped_at(token) or said_at
        status = validate_pdf_signature(
            one,
            _context(roots, one.signed_data, moment),
            ts_validation_context=_context(stampers, token, moment),
            key_usage_settings=_USAGE,
        )
        validity = status.timestamp_validity
        stamp = None
        if validity is not None:
            stamp = Stamp(
                validity.timestamp.astimezone(UTC), validity.intact and validity.valid, validity.trusted
            )
    build = given.get("/Prop_Build", {}).get("/App", {})
    return Judged(
        kind="stamp" if is_stamp else "seal",
        field=one.field_name,
        byte_range=tuple(int(v) for v in one.byte_range),
        contents=bytes(one.pkcs7_content),
        is_sound=bool(status.intact and status.valid),
        is_last_word=status.coverage.name == "ENTIRE_FILE" or status.modification_level in _LATER_ALLOWED,
        is_trusted=bool(status.trusted),
        is_final=one.docmdp_level is MDPPerm.NO_CHANGES,
        subfilter=str(given.get("/SubFilter")),
        said_level=str(build.get("/REx", "")),
        said_at=said_at.astimezone(UTC) if said_at else None,
        stamp=stamp,
    )


def _token(signer: Any) -> Any:
    """The time stamp's signed data among the attributes beside a signature; None where there is none."""
    beside = signer["unsigned_attrs"]
    for attribute in () if isinstance(beside, core.Void) else beside:
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]["content"]
    return None


def _stamped_at(token: Any) -> datetime | None:
    if token is None:
        return None
    at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return at


def _context(roots: Sequence[x509.Certificate], signed: Any, moment: datetime | None) -> ValidationContext:
    trusted = [asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in roots]
    if not trusted and signed is not None:
        carried = [one.chosen for one in signed["certificates"]]
        issuers = {one.subject.dump(): one for one in carried}
        # every certificate whose issuer is not here, and those that issue themselves
        trusted = [
            one
            for one in carried
            if one.issuer.dump() not in issuers or one.issuer.dump() == one.subject.dump()
        ]
    return ValidationContext(
        trust_roots=trusted, allow_fetching=False, revocation_mode="soft-fail", moment=moment
    )
