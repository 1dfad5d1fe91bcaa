"""A sealed closure file keeps PDF/A-3a and PDF/UA-1; every rule of our checker is shown to bite, by a copy broken in that one point."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from tests.reports.structure import broken_rules
from tests.reports.verifying.conftest import Files

Breaking = Callable[[pikepdf.Pdf], None]
BROKEN: dict[str, tuple[Breaking, set[str]]] = {}


def breaks(*clauses: str) -> Callable[[Breaking], Breaking]:
    def kept(function: Breaking) -> Breaking:
        BROKEN[function.__name__] = (function, set(clauses))
        return function

    return kept


def _first(document: pikepdf.Pdf, **wanted: object) -> pikepdf.Object:
    for one in document.objects:
        if isinstance(one, Dictionary | Stream) and all(
            one.get(f"/{key}") == value for key, value in wanted.items()
        ):
            return one
    raise AssertionError(wanted)


def _widget(document: pikepdf.Pdf) -> pikepdf.Object:
    return document.Root.AcroForm.Fields[0]


@breaks("A 6.2.8")
def picture_interpolated(document: pikepdf.Pdf) -> None:
    _first(document, Subtype=Name.Image).Interpolate = True


@breaks("A 6.2.3")
def two_output_intents(document: pikepdf.Pdf) -> None:
    document.Root.OutputIntents.append(document.Root.OutputIntents[0])


@breaks("A 6.2.11.4.1", "UA 7.21.4.1")
def font_not_embedded(document: pikepdf.Pdf) -> None:
    del _first(document, Type=Name.FontDescriptor)["/FontFile2"]


@breaks("A 6.2.11.7.2")
def font_without_unicode(document: pikepdf.Pdf) -> None:
    del _first(document, Type=Name.Font, Subtype=Name.Type0)["/ToUnicode"]


@breaks("A 6.3.2")
def widget_not_printed(document: pikepdf.Pdf) -> None:
    _widget(document).F = 0


@breaks("A 6.3.3")
def widget_without_looks(document: pikepdf.Pdf) -> None:
    del _widget(document)["/AP"]


@breaks("UA 7.18.1")
def widget_without_description(document: pikepdf.Pdf) -> None:
    del _widget(document)["/TU"]
    del _widget(document)["/Contents"]


@breaks("UA 7.18.4")
def widget_outside_the_tree(document: pikepdf.Pdf) -> None:
    del _widget(document)["/StructParent"]


@breaks("UA 7.18.4")
def widget_tagged_as_something_else(document: pikepdf.Pdf) -> None:
    numbers = document.Root.StructTreeRoot.ParentTree.Nums
    numbers[len(numbers) - 1].S = Name.P


@breaks("UA 7.18.3")
def tab_order_not_by_structure(document: pikepdf.Pdf) -> None:
    del _widget(document).P["/Tabs"]


@breaks("UA 7.18.5")
def link_outside_the_tree(document: pikepdf.Pdf) -> None:
    del _first(document, Subtype=Name.Link)["/StructParent"]


@breaks("A 6.5.1")
def script_on_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


@breaks("A 6.4.1")
def appearances_needed(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm.NeedAppearances = True


@breaks("A 6.6.4")
def another_conformance(document: pikepdf.Pdf) -> None:
    _rewrite(document, b'pdfaid:conformance="A"', b'pdfaid:conformance="B"')


@breaks("UA 5")
def no_claim_of_accessibility(document: pikepdf.Pdf) -> None:
    _rewrite(document, b'pdfuaid:part="1"', b'pdfuaid:part="2"')


@breaks("A 6.6.2.3.1")
def property_without_schema(document: pikepdf.Pdf) -> None:
    _rewrite(document, b"pdfaSchema:prefix>hf<", b"pdfaSchema:prefix>xx<")


@breaks("A 6.6.2.1")
def second_rdf(document: pikepdf.Pdf) -> None:
    _rewrite(
        document,
        b"</rdf:RDF>",
        b'</rdf:RDF><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    )


@breaks("A 6.8-4")
def attachment_not_associated(document: pikepdf.Pdf) -> None:
    del document.Root["/AF"]


@breaks("A 6.8-4")
def attachment_associated_twice(document: pikepdf.Pdf) -> None:
    document.Root.AF.append(document.Root.AF[0])


@breaks("A 6.8-3")
def attachment_of_no_relation(document: pikepdf.Pdf) -> None:
    del document.Root.AF[0]["/AFRelationship"]


@breaks("A 6.8-1")
def attachment_of_no_kind(document: pikepdf.Pdf) -> None:
    del document.Root.AF[0].EF.F["/Subtype"]


@breaks("A 6.7.2.2")
def not_marked(document: pikepdf.Pdf) -> None:
    document.Root.MarkInfo.Marked = False


@breaks("A 6.7.3.3", "UA 7.18.4", "UA 7.18.5")
def no_tree(document: pikepdf.Pdf) -> None:
    del document.Root["/StructTreeRoot"]


@breaks("UA 7.2")
def no_language(document: pikepdf.Pdf) -> None:
    del document.Root["/Lang"]


@breaks("UA 7.1-9")
def file_name_instead_of_title(document: pikepdf.Pdf) -> None:
    document.Root.ViewerPreferences.DisplayDocTitle = False


@breaks("UA 7.3")
def picture_not_described(document: pikepdf.Pdf) -> None:
    del _first(document, S=Name.Figure)["/Alt"]


@breaks("UA 7.4.2")
def headings_nested(document: pikepdf.Pdf) -> None:
    _first(document, S=Name.H2).K = Array([Dictionary(Type=Name.StructElem, S=Name.H3, K=Array())])


@breaks("UA 7.4.2")
def heading_level_skipped(document: pikepdf.Pdf) -> None:
    _first(document, S=Name.H2).S = Name.H4


def _rewrite(document: pikepdf.Pdf, old: bytes, new: bytes) -> None:
    xmp = document.Root.Metadata.read_bytes()
    assert old in xmp
    document.Root.Metadata.write(xmp.replace(old, new))


@pytest.mark.parametrize("which", ["unsealed", "plain", "stamped", "archived"])
def test_closure_files_break_no_rule(files: Files, which: str) -> None:
    assert broken_rules(getattr(files, which)) == set()


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_each_rule_bites(files: Files, name: str) -> None:
    change, clauses = BROKEN[name]
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(files.plain)) as document:
        change(document)
        document.save(out)
    assert broken_rules(out.getvalue()) == clauses


@pytest.mark.skipif(
    shutil.which("verapdf") is None, reason="veraPDF is in no package index; used where it is installed"
)
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
@pytest.mark.parametrize("which", ["plain", "stamped", "archived"])
def test_verapdf_agrees(files: Files, tmp_path: Path, which: str, flavour: str) -> None:
    path = tmp_path / "closure.pdf"
    path.write_bytes(getattr(files, which))
    done = subprocess.run(
        ["verapdf", "--flavour", flavour, "--format", "text", path], capture_output=True, text=True
    )
    assert done.stdout.startswith("PASS"), done.stdout
