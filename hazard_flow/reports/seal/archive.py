"""The archive copy (PAdES B-LTA): the sealed file as it is, what is needed to check it later, and a time stamp over all of it.

The evidence goes in before the time stamp, so that the last time stamp ends at the last byte; the library's default would leave a tail
that nothing covers.
"""

import asyncio
import io

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from hazard_flow.reports.seal.appending import Appending
from hazard_flow.reports.seal.collecting import collected
from hazard_flow.reports.seal.hexadecimal import spelled
from hazard_flow.reports.seal.sealer import SealFailed
from hazard_flow.reports.seal.stamping import HttpStamper, StampRefused

STAMP_FIELD = "ArchiveTimestamp"


@collected()
def archive_copy(pdf: bytes, tsa_url: str) -> bytes:
    """The same file with every certificate of its paths and an archive time stamp appended. Raises SealFailed."""
    try:
        return asyncio.run(_archived(pdf, HttpStamper(tsa_url)))
    except StampRefused as error:
        raise SealFailed(f"no archive time stamp: {error}") from error


async def _archived(pdf: bytes, stamper: HttpStamper) -> bytes:
    reader = PdfFileReader(io.BytesIO(pdf))
    writer = Appending.from_reader(reader)
    await stamper.async_dummy_response("sha256")
    certificates = [
        *_certificates(reader.embedded_regular_signatures[0].signed_data),
        *stamper.cert_registry,
    ]
    DocumentSecurityStore.supply_dss_in_writer(writer, sig_contents=None, certs=certificates)
    stamped = await PdfTimeStamper(stamper, field_name=STAMP_FIELD).async_timestamp_pdf(writer, "sha256")
    return spelled(stamped.getvalue())


def _certificates(signed: cms.SignedData) -> list[x509.Certificate]:
    """Those of the seal and of its time stamp."""
    found = list(_of(signed))
    for attribute in signed["signer_infos"][0]["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            found += _of(attribute["values"][0]["content"])
    return found


def _of(signed: cms.SignedData) -> list[x509.Certificate]:
    info = extract_certificate_info(signed)
    return [info.signer_cert, *info.other_certs]
