"""Ways to tamper with a closure file: each a function of the files and a die, so that one kind gives thousands of mutations."""

import io
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdf
from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from hazard_flow.reports.seal.sealer import Level
from tests.reports.verifying.conftest import Files


@dataclass(frozen=True)
class Attack:
    """The bytes somebody would be shown, and how a stranger checks them."""

    pdf: bytes
    #: whether the stranger has the sealing body's certificate
    trust: bool = False
    require: Level | None = None


Kind = Callable[[Files, random.Random], Attack | bytes]
KINDS: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    KINDS[function.__name__] = function
    return function


def some(files: Files, dice: random.Random) -> bytes:
    """One of the files; the one that takes longest to check less often."""
    return dice.choices([files.plain, files.stamped, files.archived], [5, 5, 1])[0]


def gap(pdf: bytes, which: int = 0) -> tuple[int, int]:
    """Where the container of a seal lies: its first digit, and the byte after its last."""
    found = list(re.finditer(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf))[which]
    return int(found[1]) + 1, int(found[2]) - 1


def flipped(pdf: bytes, at: int, dice: random.Random) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1 << dice.randrange(8)]) + pdf[at + 1 :]


# --- bytes, section by section --------------------------------------------------------------------------

#: section → where it begins; a bit is flipped somewhere in the `reach` bytes after
SECTIONS: dict[str, tuple[bytes, int]] = {
    "header": (rb"%PDF-1\.7", 8),
    "catalogue": (rb"/Type /Catalog", 200),
    "page": (rb"/Type /Page\b", 150),
    "image": (rb"/Subtype /Image", 20_000),
    "font": (rb"/FontFile2|/Length1", 9_000),
    "tree": (rb"/StructElem", 120),
    "metadata": (rb"<x:xmpmeta|/Type /Metadata", 900),
    "record": (rb"/Type /EmbeddedFile", 1_500),
    "annotation": (rb"/Subtype /Widget", 200),
    "form": (rb"/AcroForm", 20),
    "signature": (rb"/Type /Sig\b", 60),
    "reason": (rb"/Reason", 40),
    "level": (rb"/REx", 12),
    "permission": (rb"/TransformParams", 60),
    "information": (rb"/Producer", 60),
    "table": (rb"\nxref\n", 400),
    "trailer": (rb"trailer\n?", 60),
    "pointer": (rb"startxref\n", 6),
    "end": (rb"%%EOF", 5),
}


def _flip_in(name: str) -> Kind:
    pattern, reach = SECTIONS[name]

    def flip(files: Files, dice: random.Random) -> bytes:
        pdf = some(files, dice)
        found = [one.start() for one in re.finditer(pattern, pdf)]
        assert found, name
        return flipped(pdf, min(dice.choice(found) + dice.randrange(reach), len(pdf) - 1), dice)

    return flip


KINDS |= {f"flip_{name}": _flip_in(name) for name in SECTIONS}


@kind
def flip_anywhere(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    return flipped(pdf, dice.randrange(len(pdf)), dice)


@kind
def drop_byte(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    at = dice.randrange(len(pdf))
    return pdf[:at] + pdf[at + 1 :]


@kind
def insert_byte(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    at = dice.randrange(len(pdf))
    return pdf[:at] + dice.randbytes(1) + pdf[at:]


@kind
def blank_block(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    while True:
        at, size = dice.randrange(len(pdf) - 64), dice.randrange(1, 64)
        blanked = pdf[:at] + b" " * size + pdf[at + size :]
        if blanked != pdf:
            return blanked


@kind
def swap_blocks(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    while True:
        a, b = sorted(dice.sample(range(len(pdf) // 40), 2))
        first, second = pdf[a * 40 : a * 40 + 40], pdf[b * 40 : b * 40 + 40]
        if first != second:
            return pdf[: a * 40] + second + pdf[a * 40 + 40 : b * 40] + first + pdf[b * 40 + 40 :]


@kind
def cut_off(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    return pdf[: -dice.choice([1, 2, 5, dice.randrange(1, len(pdf) // 2)])]


@kind
def append(files: Files, dice: random.Random) -> bytes:
    tails = [b"\n", b" ", b"\0", b"\n% hello\n", b"\n%%EOF\n", dice.randbytes(dice.randrange(1, 400))]
    return some(files, dice) + dice.choice(tails)


@kind
def prepend(files: Files, dice: random.Random) -> bytes:
    return dice.choice([b"\n", b"%!PS\n", dice.randbytes(30)]) + some(files, dice)


# --- the container: what no hash covers -----------------------------------------------------------------


@kind
def pad_digit(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    start, end = gap(pdf)
    used = start + 2 * _length(bytes.fromhex(pdf[start:end].decode()))
    at = dice.randrange(used, end)
    return pdf[:at] + dice.choice("123456789abcdef").encode() + pdf[at + 1 :]


@kind
def capital_digit(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    start, end = gap(pdf)
    at = dice.choice([at for at in range(start, end) if pdf[at : at + 1].isalpha()])
    return pdf[:at] + pdf[at : at + 1].upper() + pdf[at + 1 :]


@kind
def white_space_digit(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    _, end = gap(pdf)
    at = dice.randrange(end - 1000, end)
    return pdf[:at] + dice.choice([b" ", b"\n", b"\0", b"g", b">"]) + pdf[at + 1 :]


@kind
def seal_bit(files: Files, dice: random.Random) -> bytes:
    """Any bit of the CMS: version, algorithms, certificates, signer, attributes, signature, time stamp."""
    pdf = some(files, dice)
    start, end = gap(pdf)
    der = bytes.fromhex(pdf[start:end].decode())
    changed = flipped(der, dice.randrange(_length(der)), dice)
    return pdf[:start] + changed.hex().encode() + pdf[end:]


@kind
def range_number(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    found = dice.choice(list(re.finditer(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf)))
    at = dice.choice([at for at in range(found.start(), found.end()) if pdf[at : at + 1].isdigit()])
    other = dice.choice([one for one in b"0123456789" if one != pdf[at]])
    return pdf[:at] + bytes([other]) + pdf[at + 1 :]


def _rebuilt(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """The same file with a changed CMS, encoded and padded as it should be."""
    start, end = gap(pdf)
    der = bytes.fromhex(pdf[start:end].decode())
    info = cms.ContentInfo.load(der[: _length(der)])
    change(info["content"])
    digits = info.dump(force=True).hex().encode()
    assert len(digits) <= end - start
    return pdf[:start] + digits.ljust(end - start, b"0") + pdf[end:]


@kind
def certificate_added(files: Files, dice: random.Random) -> bytes:
    extra = asn1.Certificate.load(files.tsa[0].public_bytes(Encoding.DER))

    def change(signed: Any) -> None:
        signed["certificates"] = [*signed["certificates"], cms.CertificateChoices("certificate", extra)]

    return _rebuilt(dice.choice([files.plain, files.stamped]), change)


@kind
def certificate_twice(files: Files, dice: random.Random) -> bytes:
    def change(signed: Any) -> None:
        signed["certificates"] = [*signed["certificates"], signed["certificates"][dice.randrange(2)]]

    return _rebuilt(dice.choice([files.plain, files.stamped]), change)


@kind
def certificate_of_seal_removed(files: Files, dice: random.Random) -> bytes:
    def change(signed: Any) -> None:
        ours = files.key.certificate.public_bytes(Encoding.DER)
        signed["certificates"] = [one for one in signed["certificates"] if one.dump() != ours]

    return _rebuilt(dice.choice([files.plain, files.stamped]), change)


@kind
def attribute_added(files: Files, dice: random.Random) -> bytes:
    def change(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        hidden = cms.CMSAttribute(
            {"type": "1.2.3.4", "values": [cms.Any(cms.OctetString(dice.randbytes(20)))]}
        )
        there = [] if not signer["unsigned_attrs"].native else list(signer["unsigned_attrs"])
        signer["unsigned_attrs"] = cms.CMSAttributes([*there, hidden])

    return _rebuilt(dice.choice([files.plain, files.stamped]), change)


@kind
def time_stamp_removed(files: Files, _: random.Random) -> bytes:
    def change(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        bare = {
            name: signer[name]
            for name in (
                "version",
                "sid",
                "digest_algorithm",
                "signed_attrs",
                "signature_algorithm",
                "signature",
            )
        }
        signed["signer_infos"] = [cms.SignerInfo(bare)]

    return _rebuilt(files.stamped, change)


@kind
def seal_of_another_file(files: Files, dice: random.Random) -> bytes:
    """The container of one genuine file put into another."""
    start, end = gap(files.plain)
    other_start, other_end = gap(files.stamped)
    der = bytes.fromhex(files.stamped[other_start:other_end].decode())
    digits = der[: _length(der)].hex().encode()[: end - start]
    return files.plain[:start] + digits.ljust(end - start, b"0") + files.plain[end:]


def _length(der: bytes) -> int:
    count = der[1] & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")


# --- later revisions ------------------------------------------------------------------------------------


def _updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _update(change: Callable[[IncrementalPdfFileWriter, random.Random], None]) -> None:
    def tampered(files: Files, dice: random.Random) -> bytes:
        return _updated(some(files, dice), lambda writer: change(writer, dice))

    KINDS[f"update_{change.__name__}"] = tampered


def _page(writer: IncrementalPdfFileWriter, dice: random.Random) -> Any:
    kids = writer.root["/Pages"]["/Kids"]
    return kids[dice.randrange(len(kids))]


@_update
def overlay(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    page = _page(writer, dice)
    drawn = generic.StreamObject(stream_data=b"1 g %d 300 400 90 re f" % dice.randrange(90))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(drawn)])
    writer.update_container(page)


@_update
def record_swapped(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    stream = writer.root["/AF"][0]["/EF"]["/F"]
    digits = [at for at, one in enumerate(stream.data) if one in b"0123456789"]
    at = dice.choice(digits)
    other = generic.StreamObject(stream_data=stream.data[:at] + b"x" + stream.data[at + 1 :])
    held = writer.root["/AF"][0]["/EF"]
    held["/F"] = writer.add_object(other)
    writer.update_container(held)


@_update
def title_changed(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    writer.set_info(
        generic.DictionaryObject(
            {generic.NameObject("/Title"): generic.TextStringObject(f"x{dice.random()}")}
        )
    )


@_update
def note_added(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    page = _page(writer, dice)
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/FreeText"),
            generic.NameObject("/Rect"): generic.ArrayObject(
                [generic.NumberObject(v) for v in (90, 90, 300, 200)]
            ),
            generic.NameObject("/Contents"): generic.TextStringObject("合格"),
        }
    )
    there = list(page.get("/Annots", []))
    page["/Annots"] = generic.ArrayObject([*there, writer.add_object(note)])
    writer.update_container(page)


@_update
def page_removed(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    pages = writer.root["/Pages"]
    kids = list(pages["/Kids"])
    del kids[dice.randrange(len(kids))]
    pages["/Kids"] = generic.ArrayObject(kids)
    pages["/Count"] = generic.NumberObject(len(kids))
    writer.update_container(pages)


@_update
def action_on_opening(writer: IncrementalPdfFileWriter, _: random.Random) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {
            generic.NameObject("/S"): generic.NameObject("/JavaScript"),
            generic.NameObject("/JS"): generic.TextStringObject("app.alert(1)"),
        }
    )
    writer.update_root()


@_update
def frame_moved(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/Rect"] = generic.ArrayObject([generic.NumberObject(dice.randrange(500)) for _ in range(4)])
    writer.update_container(field)


@_update
def nothing_at_all(writer: IncrementalPdfFileWriter, dice: random.Random) -> None:
    writer.add_object(generic.TextStringObject(str(dice.random())))


# --- other programs -------------------------------------------------------------------------------------


@kind
def rewritten_by_pikepdf(files: Files, dice: random.Random) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(some(files, dice))) as document:
        document.save(out, linearize=dice.random() < 0.5, compress_streams=dice.random() < 0.5)
    return out.getvalue()


@kind
def rewritten_by_pypdf(files: Files, dice: random.Random) -> bytes:
    out = io.BytesIO()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(some(files, dice)))
    writer.write(out)
    return out.getvalue()


@kind
def rewritten_by_qpdf(files: Files, dice: random.Random) -> bytes:
    program = shutil.which("qpdf")
    assert program, "qpdf is among the packages the tests need"
    manner = dice.choice([["--linearize"], ["--qdf"], ["--object-streams=generate"], []])
    with tempfile.NamedTemporaryFile(suffix=".pdf") as held:
        held.write(some(files, dice))
        held.flush()
        return subprocess.run([program, *manner, held.name, "-"], capture_output=True, check=True).stdout


@kind
def seal_taken_off(files: Files, dice: random.Random) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(some(files, dice))) as document:
        for page in document.pages:
            page.obj.Annots = pikepdf.Array(
                [one for one in page.obj.get("/Annots", []) if one.get("/FT") != "/Sig"]
            )
        del document.Root.AcroForm
        document.save(out)
    return out.getvalue()


# --- less than was promised -----------------------------------------------------------------------------


@kind
def cut_back_to_the_seal(files: Files, _: random.Random) -> Attack:
    """The archive copy without its archive time stamp is the file as it was sealed: genuine, and less than was asked for."""
    return Attack(files.stamped, require=Level.LTA)


@kind
def cut_back_before_the_seal(files: Files, dice: random.Random) -> bytes:
    pdf = some(files, dice)
    ends = [one.end() for one in re.finditer(rb"%%EOF\n?", pdf)]
    return pdf[: ends[0]]
