"""A seal before other people's eyes: poppler and qpdf, the tags, the bytes before it, the time stamp and the archive copy."""

import gc
import io
import shutil
import subprocess
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdf
import pytest

from hazard_flow.ledger.keys import SigningKey
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.seal.archive import archive_copy
from hazard_flow.reports.seal.field import with_field
from hazard_flow.reports.seal.pades import PadesSealer, signer_of
from hazard_flow.reports.seal.sealer import Level, Sealed
from hazard_flow.reports.worker import Press, Rendered
from tests.harness.tsa import Authority
from tests.reports.cases import NUMBER, Case

AT = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def ready(press: Press, case: Case, seal_key: SigningKey) -> Rendered:
    data = replace(case.data, sealed=True, signer=signer_of(seal_key))
    return press.render("closure", template_data(data), **case.arguments())


def _seal(ready: Rendered, key: SigningKey, tsa_url: str = "") -> Sealed:
    assert ready.seal_place is not None
    now = datetime.now(UTC) if tsa_url else AT
    return PadesSealer(key, tsa_url=tsa_url).seal(ready.pdf, ready.seal_place, number=NUMBER, at=now)


def _run(*command: str | Path) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def test_poppler_and_qpdf_accept_it(
    ready: Rendered, seal_key: SigningKey, tsa: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "sealed.pdf"
    for sealed in (_seal(ready, seal_key), _seal(ready, seal_key, tsa.url)):
        path.write_bytes(sealed.pdf)
        told = _run("pdfsig", path)
        assert "Signature is Valid" in told
        assert "Total document signed" in told
        assert "恒川燃气有限公司" in told
        assert "No syntax or stream encoding errors" in _run("qpdf", "--check", path)
        info = _run("pdfinfo", path)
        assert "Tagged:          yes" in info
        assert "PDF version:     1.7" in info


def test_the_time_stamp_is_asked_for_and_its_lack_is_told(
    ready: Rendered, seal_key: SigningKey, tsa: Authority
) -> None:
    assert _seal(ready, seal_key).level is Level.B
    assert _seal(ready, seal_key, tsa.url).level is Level.T
    tsa.is_down = True
    try:
        fallen = _seal(ready, seal_key, tsa.url)
    finally:
        tsa.is_down = False
    assert fallen.level is Level.B
    assert "503" in fallen.problem


def test_the_seal_is_visible_tagged_and_described(ready: Rendered, seal_key: SigningKey) -> None:
    with pikepdf.open(io.BytesIO(_seal(ready, seal_key).pdf)) as document:
        (widget,) = document.Root.AcroForm.Fields
        page = document.pages[len(document.pages) - 1]
        assert widget.objgen in [one.objgen for one in page.Annots]
        assert page.obj.Tabs == "/S"
        assert str(widget.TU) == "电子签章 Digital seal"
        assert b" RG " in widget.AP.N.read_bytes()
        numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
        element = numbers[numbers.index(widget.StructParent) + 1]
        assert (str(element.S), str(element.Alt)) == ("/Form", "电子签章 Digital seal")
        assert element.K[0].Obj.objgen == widget.objgen
        assert widget.V.Reference[0].TransformParams.P == 1
    text = pypdf.PdfReader(io.BytesIO(ready.pdf)).pages[-1].extract_text()
    for words in ("电子签章", "恒川燃气有限公司", seal_key.key_id[:32], seal_key.key_id[32:]):
        assert words in text


def test_sealing_leaves_the_metadata_as_they_were(
    ready: Rendered, seal_key: SigningKey, tsa: Authority
) -> None:
    with pikepdf.open(io.BytesIO(ready.pdf)) as document:
        before = document.Root.Metadata.read_bytes(), dict(document.docinfo)
    for pdf in (_seal(ready, seal_key).pdf, archive_copy(_seal(ready, seal_key, tsa.url).pdf, tsa.url)):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            assert (document.Root.Metadata.read_bytes(), dict(document.docinfo)) == before


def test_the_bytes_before_the_seal_are_the_same_every_time(
    ready: Rendered, seal_key: SigningKey, press: Press, case: Case
) -> None:
    data = replace(case.data, sealed=True, signer=signer_of(seal_key))
    again = press.render("closure", template_data(data), **case.arguments())
    assert again == ready
    assert ready.seal_place is not None
    assert with_field(ready.pdf, ready.seal_place) == with_field(again.pdf, ready.seal_place)
    assert b"/ObjStm" not in with_field(ready.pdf, ready.seal_place)


def test_sealing_many_files_keeps_nothing_of_them(ready: Rendered, seal_key: SigningKey) -> None:
    _seal(ready, seal_key)
    gc.disable()  # what frees itself only when everything is looked through counts as kept
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            _seal(ready, seal_key)
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
    assert kept < len(ready.pdf)


def test_the_archive_copy_keeps_the_file_and_ends_with_a_time_stamp(
    ready: Rendered, seal_key: SigningKey, tsa: Authority, tmp_path: Path
) -> None:
    sealed = _seal(ready, seal_key, tsa.url).pdf
    copy = archive_copy(sealed, tsa.url)
    assert copy.startswith(sealed)
    path = tmp_path / "archive.pdf"
    path.write_bytes(copy)
    told = _run("pdfsig", path)
    assert "Total document signed" in told.split("Signature #2", 1)[1]
    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", path)
