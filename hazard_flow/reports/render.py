"""The process that makes PDFs, and the one importer of WeasyPrint: reads jobs from standard input, answers on standard output.

Run by `reports.worker` as `python -m hazard_flow.reports.render`. It can reach nothing: no network and no programs (an audit hook), no
file through a URL (a fetcher that knows only the job's own assets and the bundled fonts), bounded memory and processor time.

WeasyPrint 70 needs five helping hands, each found by measuring (remove one and a test fails):
1 element languages are dropped by its tagger, so /Lang is set on structure elements here (private function, version pinned)
2 one RDF must hold PDF/A, PDF/UA and our own properties with their extension schemas; its option would write a second RDF
3 the catalogue lists every associated file twice
4 without `image-rendering: crisp-edges` (base.css) every image gets /Interpolate true, which PDF/A forbids
5 dates and the identifier come from the record, so that the same record gives the same bytes
"""

import hashlib
import logging
import os
import resource
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import IO, Any
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

import pydyf
import weasyprint
from fontTools.ttLib import TTFont
from PIL import ImageFile
from weasyprint.pdf import tags
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from hazard_flow.reports.frames import read_frame, write_frame
from hazard_flow.reports.templates import Template, fill, load_template
from hazard_flow.resources import PACKAGE, resource_dir

# WeasyPrint tells Pillow to take cut-off pictures; ours are whole, and one that is not must fail.
ImageFile.LOAD_TRUNCATED_IMAGES = False

FONTS = {
    "font:regular": PACKAGE / "web/static/vendor/fonts/NotoSansSC_400Regular.ttf",
    "font:bold": PACKAGE / "web/static/vendor/fonts/NotoSansSC_700Bold.ttf",
}
#: Virtual memory: measured 0.7 GB for a file with 18 photos; the fonts alone are 21 MB.
MEMORY_BYTES_MAX = 2 * 1024**3
CPU_SECONDS_MAX = 60
FILE_BYTES_MAX = 64 * 1024**2
_FORBIDDEN_ACTS = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.bind",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)


class GivenOnly(URLFetcher):  # type: ignore[misc]
    """Answers `asset:<sha256>` with bytes of the job and `font:<weight>` with our fonts; any other address fails the job."""

    def __init__(self, assets: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(allowed_protocols=("asset", "font"), allow_redirects=False, fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The bytes behind an address; ValueError for anything that was not given."""
        if url in FONTS:
            return URLFetcherResponse(url, FONTS[url].read_bytes(), {"Content-Type": "font/ttf"})
        if url in self._assets:
            mime, data = self._assets[url]
            return URLFetcherResponse(url, data, {"Content-Type": mime})
        raise ValueError(f"address not given with the job: {url[:80]}")


def render(job: Mapping[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], bytes]:
    """One PDF. `job`: template, data, zone, created (ISO), assets [mime], attachments [{name, description}], xmp {name: text}.

    Blobs are the assets, addressed by their SHA-256, then the attachments.
    """
    complaints = _Complaints()
    template = load_template(resource_dir("report_templates"), job["template"])
    count = len(job["assets"])
    assets = {
        f"asset:{hashlib.sha256(data).hexdigest()}": (mime, data)
        for mime, data in zip(job["assets"], blobs[:count], strict=True)
    }
    html = fill(template, job["data"], zone=ZoneInfo(job["zone"]), has_glyph=_has_glyph)
    fonts, sheets = _styles(template)
    document = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=GivenOnly(assets)).render(
        font_config=fonts, stylesheets=sheets, pdf_variant=template.variant, pdf_tags=True
    )
    created = datetime.fromisoformat(job["created"])
    document.metadata.attachments = [
        weasyprint.Attachment(
            string=data,
            name=said["name"],
            description=said["description"],
            relationship="Data",
            created=created,
            modified=created,
        )
        for said, data in zip(job["attachments"], blobs[count:], strict=True)
    ]
    _describe(document, job["xmp"])
    pdf = document.write_pdf(
        finisher=_finish,
        pdf_variant=template.variant,
        pdf_tags=True,
        pdf_identifier=hashlib.sha256(job["identifier"].encode()).digest()[:16],
        optimize_images=False,
    )
    said = {"ok": True, "pages": len(document.pages), "complaints": complaints.close()}
    return {**said, "seal": _seal_place(document)}, pdf


def main() -> None:
    """Answer jobs until the pipe closes."""
    jobs = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up inside a PDF
    _confine()
    while True:
        try:
            header, blobs = read_frame(jobs)
        except EOFError:
            return
        _allow_cpu(header["cpu_seconds_max"])
        _answer(answers, header, blobs)


def _answer(answers: IO[bytes], header: dict[str, Any], blobs: list[bytes]) -> None:
    try:
        said, pdf = render(header, blobs)
    except (
        Exception,
        FatalURLFetchingError,
    ) as error:  # the edge of the process; the second is no Exception on purpose
        logging.getLogger(__name__).exception("report %s failed", header.get("template"))
        cause = f": {error.__cause__}" if error.__cause__ else ""
        write_frame(answers, {"ok": False, "detail": f"{type(error).__name__}: {error}{cause}"[:500]})
    else:
        write_frame(answers, said, [pdf])


def _confine() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_FSIZE, FILE_BYTES_MAX),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))
    sys.addaudithook(_refuse_acts)


def _refuse_acts(event: str, _: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN_ACTS:
        raise PermissionError(f"{event} is not allowed while a report is made")


def _allow_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))


class _Complaints(logging.Handler):
    """Collects what WeasyPrint only logs, such as an image without a description."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []
        weasyprint.LOGGER.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage()[:200])

    def close(self) -> list[str]:  # type: ignore[override]
        weasyprint.LOGGER.removeHandler(self)
        super().close()
        return self.said


@cache
def _styles(template: Template) -> tuple[FontConfiguration, list[weasyprint.CSS]]:
    # Kept for the life of the process: saves 16 % of the time of a report.
    fonts = FontConfiguration()
    fetcher = GivenOnly({})
    return fonts, [
        weasyprint.CSS(string=sheet, font_config=fonts, url_fetcher=fetcher, base_url="asset:")
        for sheet in template.stylesheets
    ]


@cache
def _glyphs() -> frozenset[int]:
    with TTFont(FONTS["font:regular"], lazy=True) as font:
        return frozenset(font.getBestCmap())


def _has_glyph(character: str) -> bool:
    return ord(character) in _glyphs()


def _finish(_: weasyprint.Document, pdf: pydyf.PDF) -> None:
    if files := pdf.catalog.get("AF"):
        pdf.catalog["AF"] = pydyf.Array(list(dict.fromkeys(files)))


def _seal_place(document: weasyprint.Document) -> list[float] | None:
    """Page from 0, then left, bottom, right, top in points of the box between the anchors `seal` and `seal-end`."""
    for number, page in enumerate(document.pages):
        if {"seal", "seal-end"} <= page.anchors.keys():
            (left, top), (right, bottom) = page.anchors["seal"][:2], page.anchors["seal-end"][:2]
            height = page.height
            return [number, *(round(v * 0.75, 3) for v in (left, height - bottom, right, height - top))]
    return None


def _describe(document: weasyprint.Document, ours: Mapping[str, str]) -> None:
    plain = document.metadata.generate_rdf_metadata

    def with_schemas(variant: str, version: int, conformance: str) -> bytes:
        text: str = plain(variant, version, conformance).decode()
        end = text.rindex("</")
        return f"{text[:end]}{_xmp(ours)}{text[end:]}".encode()

    document.metadata.generate_rdf_metadata = with_schemas


def _xmp(ours: Mapping[str, str]) -> str:
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
    values = " ".join(f"hf:{name}={quoteattr(text)}" for name, text in sorted(ours.items()))
    schemas = _schema("PDF/UA identification schema", UA, "pdfuaid", {"part": "Integer"})
    schemas += _schema("Hazard Flow record", OURS, "hf", dict.fromkeys(sorted(ours), "Text"))
    return (
        f'<rdf:Description {rdf} xmlns:pdfuaid="{UA}" pdfuaid:part="1"/>'
        f'<rdf:Description {rdf} xmlns:hf="{OURS}" {values}/>'
        f'<rdf:Description {rdf} xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        f"<pdfaExtension:schemas><rdf:Bag>{schemas}</rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )


UA = "http://www.aiim.org/pdfua/ns/id/"
OURS = "urn:hazard-flow:record:1:"


def _schema(name: str, address: str, prefix: str, properties: Mapping[str, str]) -> str:
    listed = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{key}</pdfaProperty:name><pdfaProperty:valueType>{kind}</pdfaProperty:valueType>"
        f"<pdfaProperty:category>{'internal' if prefix == 'pdfuaid' else 'external'}</pdfaProperty:category>"
        f"<pdfaProperty:description>{key}</pdfaProperty:description></rdf:li>"
        for key, kind in properties.items()
    )
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{name}</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{address}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{listed}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


def _speak_languages() -> None:
    build = tags._build_box_tree

    def with_language(box: Any, *rest: Any) -> Iterator[pydyf.Dictionary]:
        for element in build(box, *rest):
            source = getattr(box, "_box", box).element
            if source is not None and source.tag not in ("html", "body") and (code := source.get("lang")):
                element["Lang"] = pydyf.String(code)
            yield element

    tags._build_box_tree = with_language


_speak_languages()

if __name__ == "__main__":
    main()
