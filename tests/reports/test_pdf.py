"""A closure file stands before other people's tools: fonts, tags, attachment, PDF/A and PDF/UA structure, searchable Chinese."""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest

from hazard_flow.reports.closure import template_data
from hazard_flow.reports.worker import Press, Rendered
from tests.reports.cases import NUMBER, Case


@pytest.fixture(scope="module")
def document(rendered: Rendered) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(rendered.pdf)) as document:
        yield document


@pytest.fixture(scope="module")
def path(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("closure") / "closure.pdf"
    path.write_bytes(rendered.pdf)
    return path


def _run(*command: str | Path) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def _elements(node: Any, parents: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _elements(kid, parents)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node, parents
        yield from _elements(node.get("/K", pikepdf.Array()), (*parents, str(node.S)))


def test_the_layout_engine_has_no_complaint(rendered: Rendered) -> None:
    assert rendered.complaints == ()
    assert rendered.pages >= 4


def test_qpdf_finds_no_fault(path: Path) -> None:
    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", path)


def test_all_fonts_are_embedded(path: Path) -> None:
    lines = _run("pdffonts", path).splitlines()[2:]
    assert len(lines) == 2
    for line in lines:
        assert re.search(r"yes yes yes\s+\d+\s+0$", line), line


def test_chinese_is_searchable(path: Path, rendered: Rendered) -> None:
    said = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(rendered.pdf)).pages)
    for words in ("安全隐患整改销号报告", "芝罘区环山路阀井", "未签章", "五落实", NUMBER):
        assert words in said
    text = _run("pdftotext", path, "-")
    for words in ("安全隐患整改销号报告", "办理过程", "Process log", "张伟", NUMBER):
        assert words in text


def test_the_record_travels_inside(path: Path, document: pikepdf.Pdf, case: Case) -> None:
    assert "record.json" in _run("pdfdetach", "-list", path)
    assert document.attachments["record.json"].get_file().read_bytes() == case.record_bytes
    files = list(document.Root.AF)
    assert len(files) == 1
    assert files[0].AFRelationship == "/Data"


def test_pdf_a_and_pdf_ua_are_declared_in_one_rdf(document: pikepdf.Pdf, case: Case) -> None:
    xmp = document.Root.Metadata.read_bytes().decode()
    assert xmp.count("<rdf:RDF") == 1
    for part in ('pdfaid:part="3"', 'pdfaid:conformance="A"', 'pdfuaid:part="1"', "pdfaExtension:schemas"):
        assert part in xmp
    assert case.data.seal.record_sha256 in xmp
    assert len(document.Root.OutputIntents) == 1
    assert document.Root.MarkInfo.Marked
    assert str(document.Root.Lang) == "zh-CN"
    assert document.pdf_version == "1.7"


def test_no_image_is_interpolated(document: pikepdf.Pdf) -> None:
    images = [
        thing
        for thing in document.objects
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"
    ]
    assert len(images) >= 5
    assert not [image for image in images if image.get("/Interpolate", False)]


def test_pictures_are_described_and_english_is_marked(document: pikepdf.Pdf) -> None:
    elements = list(_elements(document.Root.StructTreeRoot.K))
    figures = [element for element, _ in elements if element.S == "/Figure"]
    assert len(figures) == 6
    assert all(str(figure.Alt) for figure in figures)
    assert sum(str(element.get("/Lang", "")) == "en" for element, _ in elements) > 50


def test_headings_are_one_h1_and_never_nested(document: pikepdf.Pdf) -> None:
    headings = [
        (str(e.S), parents)
        for e, parents in _elements(document.Root.StructTreeRoot.K)
        if str(e.S) in ("/H1", "/H2", "/H3")
    ]
    assert [name for name, _ in headings].count("/H1") == 1
    assert headings[0][0] == "/H1"
    assert [name for name, _ in headings].count("/H2") == 13
    assert not [1 for name, parents in headings if name in parents]


def test_the_same_record_gives_the_same_bytes(press: Press, case: Case, rendered: Rendered) -> None:
    """In a process that has made other reports, and in a fresh one."""
    press.render(
        "closure", template_data(Case(photos=0, events=3).data), **Case(photos=0, events=3).arguments()
    )
    assert press.render("closure", template_data(case.data), **case.arguments()).pdf == rendered.pdf
    with Press() as other:
        assert other.render("closure", template_data(case.data), **case.arguments()).pdf == rendered.pdf


@pytest.mark.parametrize(("photos", "events", "long"), [(0, 1, False), (9, 12, True), (1, 40, False)])
def test_small_and_large_cases_stay_whole(press: Press, photos: int, events: int, long: bool) -> None:
    case = Case(photos=photos, events=events, long=long)
    made = press.render("closure", template_data(case.data), **case.arguments())
    assert made.complaints == ()
    assert made.pages <= 12
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.pdf)).pages)
    for entry in case.data.log:
        assert entry.hash[:16] in text
    for exhibit in case.data.exhibits:
        assert exhibit.sha256[:32] in text
