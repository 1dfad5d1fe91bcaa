"""The rules of PDF/A-3a and PDF/UA-1 that a closure file could break, each by the clause of its standard. A checker of our own.

veraPDF judges all of them; it is not everywhere. Clauses: ISO 19005-3 as `A 6.x`, ISO 14289-1 as `UA 7.x`.
"""

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Stream

_HEADING = re.compile(r"/H[1-6]")
#: inline elements of another language than the page's
_FORBIDDEN_ACTIONS = ("/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide")


def broken_rules(pdf: bytes) -> set[str]:
    """The clauses a file breaks; empty for one that keeps all we know."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {clause for rule in RULES for clause in rule(document)}


def _objects(document: pikepdf.Pdf) -> Iterator[Any]:
    return (thing for thing in document.objects if isinstance(thing, Dictionary | Stream))


def _header(document: pikepdf.Pdf) -> Iterator[str]:
    if document.pdf_version != "1.7" or "/Version" in document.Root:
        yield "A 6.1.2"
    if document.is_encrypted or "/Encrypt" in document.trailer:
        yield "A 6.1.3"
    if "/ID" not in document.trailer:
        yield "A 6.1.3"


def _images(document: pikepdf.Pdf) -> Iterator[str]:
    for one in _objects(document):
        if isinstance(one, Stream) and one.get("/Subtype") == "/Image" and one.get("/Interpolate", False):
            yield "A 6.2.8"


def _colour(document: pikepdf.Pdf) -> Iterator[str]:
    intents = list(document.Root.get("/OutputIntents", []))
    if len(intents) != 1 or intents[0].get("/S") != "/GTS_PDFA1" or "/DestOutputProfile" not in intents[0]:
        yield "A 6.2.3"


def _fonts(document: pikepdf.Pdf) -> Iterator[str]:
    for one in _objects(document):
        if one.get("/Type") == "/FontDescriptor" and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(
            one.keys()
        ):
            yield "A 6.2.11.4.1"
            yield "UA 7.21.4.1"
        if (
            one.get("/Type") == "/Font"
            and one.get("/Subtype") in ("/Type0", "/TrueType")
            and "/ToUnicode" not in one
        ):
            yield "A 6.2.11.7.2"


def _annotations(document: pikepdf.Pdf) -> Iterator[str]:
    for page in document.pages:
        for one in page.obj.get("/Annots", []):
            left, bottom, right, top = (float(edge) for edge in one.Rect)
            if left == right and bottom == top:
                continue  # of no extent: seen by nobody, and exempt (A 6.3.3, UA 7.18.1)
            flags = int(one.get("/F", 0))
            if not flags & 4 or flags & (1 | 2 | 32):
                yield "A 6.3.2"
            if one.get("/Subtype") == "/Widget" and "/N" not in one.get("/AP", Dictionary()):
                yield "A 6.3.3"
            if "/Contents" not in one and "/TU" not in one:
                yield "UA 7.18.1"
            if one.get("/Subtype") == "/Widget" and _element_of(document, one) != "/Form":
                yield "UA 7.18.4"
            if one.get("/Subtype") == "/Link" and _element_of(document, one) != "/Link":
                yield "UA 7.18.5"
        if page.obj.get("/Annots") and page.obj.get("/Tabs") != "/S":
            yield "UA 7.18.3"


def _element_of(document: pikepdf.Pdf, annotation: Any) -> str | None:
    """The structure type that holds an annotation, by its key in the tree of parents."""
    if "/StructParent" not in annotation or "/StructTreeRoot" not in document.Root:
        return None
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    keys = [int(one) for one in numbers[::2]]
    key = int(annotation.StructParent)
    if key not in keys:
        return None
    element = numbers[2 * keys.index(key) + 1]
    kids = element.K if isinstance(element.K, Array) else [element.K]
    holds = any(
        isinstance(kid, Dictionary) and kid.get("/Obj", Dictionary()).objgen == annotation.objgen
        for kid in kids
    )
    return str(element.S) if holds else None


def _actions(document: pikepdf.Pdf) -> Iterator[str]:
    if "/OpenAction" in document.Root or "/AA" in document.Root:
        yield "A 6.5.1"
    for one in _objects(document):
        if str(one.get("/S", "")) in _FORBIDDEN_ACTIONS:
            yield "A 6.5.1"


def _form(document: pikepdf.Pdf) -> Iterator[str]:
    form = document.Root.get("/AcroForm", Dictionary())
    if form.get("/NeedAppearances", False) or "/XFA" in form:
        yield "A 6.4.1"


def _metadata(document: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in document.Root:
        yield "A 6.6.2.1"
        return
    xmp = document.Root.Metadata.read_bytes().decode()
    if xmp.count("<rdf:RDF") != 1:
        yield "A 6.6.2.1"
    if not (_property(xmp, "pdfaid:part", "3") and _property(xmp, "pdfaid:conformance", "A")):
        yield "A 6.6.4"
    if not _property(xmp, "pdfuaid:part", "1"):
        yield "UA 5"
    if "dc:title" not in xmp:
        yield "UA 7.1"
    for prefix in ("pdfuaid", "hf"):
        if f"{prefix}:" in xmp and not re.search(rf"pdfaSchema:prefix>{prefix}<", xmp):
            yield "A 6.6.2.3.1"


def _property(xmp: str, name: str, value: str) -> bool:
    return f'{name}="{value}"' in xmp or f"<{name}>{value}</{name}>" in xmp


def _attachments(document: pikepdf.Pdf) -> Iterator[str]:
    files = list(document.Root.get("/AF", []))
    embedded = [one for one in _objects(document) if one.get("/Type") == "/Filespec"]
    for one in embedded:
        if one.objgen not in [file.objgen for file in files]:
            yield "A 6.8-4"
        if "/AFRelationship" not in one or "/F" not in one or "/UF" not in one:
            yield "A 6.8-3"
        if "/Subtype" not in one.EF.F:
            yield "A 6.8-1"
    if len(files) != len({file.objgen for file in files}):
        yield "A 6.8-4"


def _tags(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    if not root.get("/MarkInfo", Dictionary()).get("/Marked", False):
        yield "A 6.7.2.2"
    if "/StructTreeRoot" not in root:
        yield "A 6.7.3.3"
        return
    if not str(root.get("/Lang", "")):
        yield "UA 7.2"
    if not root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False):
        yield "UA 7.1-9"
    heights = []
    for element, parents in _elements(root.StructTreeRoot.K):
        name = str(element.S)
        if name == "/Figure" and not str(element.get("/Alt", "")) and not str(element.get("/ActualText", "")):
            yield "UA 7.3"
        if name == "/Form" and not str(element.get("/Alt", "")):
            yield "UA 7.18.4"
        if _HEADING.fullmatch(name):
            heights.append(int(name[2]))
            if any(_HEADING.fullmatch(one) for one in parents):
                yield "UA 7.4.2"
        if name in ("/TH", "/TD") and "/TR" not in parents[-1:]:
            yield "UA 7.2-tables"
    if heights and (heights[0] != 1 or any(b > a + 1 for a, b in pairwise(heights))):
        yield "UA 7.4.2"


def _elements(node: Any, parents: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    if isinstance(node, Array):
        for kid in node:
            yield from _elements(kid, parents)
    elif isinstance(node, Dictionary) and "/S" in node:
        yield node, parents
        yield from _elements(node.get("/K", Array()), (*parents, str(node.S)))


RULES = (
    _header, _images, _colour, _fonts, _annotations, _actions, _form, _metadata, _attachments, _tags,
)  # fmt: skip
