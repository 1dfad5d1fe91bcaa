"""Every kind of paper in both languages: what it must say and in which order, before other people's tools, full and empty."""

import hashlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdf
import pytest
import sqlalchemy as sa
import yaml
from obstore.store import MemoryStore

from hazard_flow.evidence.store import Store
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.papers.rule import load_rule
from hazard_flow.reports.worker import Press
from hazard_flow.resources import resource_dir
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.documents import OPERATOR, installed_kinds
from hazard_flow.workflow.documents import SYSTEM as NOBODY
from hazard_flow.workflow.vocabulary import default_vocabulary
from tests.harness import founding
from tests.harness.city import City
from tests.harness.ledger import sealer
from tests.reports.papers import ACTS, issue_one, rename_enterprise, with_papers

FACTS = yaml.safe_load(Path(__file__).with_name("paper_facts.yaml").read_text("utf-8"))
KINDS = sorted(ACTS)
ROOT = resource_dir("report_templates")
#: fields the page shows under another name: officers, reading, addressee, issuer
TOLD_BY_COMPOSE = {
    "officers",
    "officer_certificates",
    "leak_reading",
    "leak_unit",
    "receiving_body",
    "listing_body",
}


@dataclass(frozen=True)
class Printed:
    """One file and the row it became."""

    document: Document
    pdf: bytes
    text: str


@pytest.fixture(scope="module")
def printed(
    press: Press, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, str, bool], Printed]]:
    """(kind, language, full) → file: each kind once filled in well and once with everything missing that may be missing."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "templates").mkdir()
    for database, founded, owner_url in founding.on_sqlite(folder, folder / "templates"):
        city = with_papers(City(database, founded, owner_url=owner_url, store=Store(MemoryStore())))
        rename_enterprise(city)
        wanted = {
            issue_one(city, kind, full=full)[1]: (kind, full) for full in (True, False) for kind in KINDS
        }
        issuer = Issuer(
            database, city.store, press, public_url="https://gas.example.org", sealer=sealer(database)
        )
        issuer.drain(city.now, limit=200)
        with database.reading(SYSTEM) as session:
            rows = [row for row in session.scalars(sa.select(Document)) if row.document_number in wanted]
            session.expunge_all()
        found = {}
        for row in rows:
            kind, full = wanted[row.document_number or ""]
            pdf = city.store.get(row.sha256, area="document")
            found[kind, row.locale, full] = Printed(row, pdf, _text(folder, pdf))
        assert len(found) == len(KINDS) * 4
        yield found


def _text(folder: Path, pdf: bytes) -> str:
    path = folder / "one.pdf"
    path.write_bytes(pdf)
    return _plain(_run("pdftotext", "-raw", path, "-"))


def _run(*command: str | Path) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _missing(text: str, wanted: list[str]) -> list[str]:
    """The wanted words that do not come after the one before."""
    place, missed = 0, []
    for word in wanted:
        found = [at for one in str(word).split("|") if (at := text.find(_plain(one), place)) >= 0]
        if found:
            place = min(found) + 1
        else:
            missed.append(str(word))
    return missed


def test_every_kind_is_here() -> None:
    kinds = {key for key, kind in installed_kinds().items() if kind.issued_by != NOBODY}
    assert kinds == set(KINDS) == set(FACTS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_it_says_what_it_must_in_its_order(
    printed: Mapping[tuple[str, str, bool], Printed], kind: str, locale: str
) -> None:
    assert _missing(printed[kind, locale, True].text, FACTS[kind][locale]) == []


def test_the_search_for_words_finds_a_wrong_order() -> None:
    assert _missing("甲乙丙", ["甲", "丙", "乙"]) == ["乙"]
    assert _missing("甲乙丙", ["甲", "丁|乙", "丙"]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_may_be_missing_leaves_a_place_to_write(
    printed: Mapping[tuple[str, str, bool], Printed], kind: str
) -> None:
    """Titles, labels and the places of signatures stand; no code word, no None, no digest gets onto paper."""
    for locale in ("zh", "en"):
        text = printed[kind, locale, False].text
        assert _plain(installed_kinds()[kind].name.in_(locale)) in text
        assert ("（印章）" if locale == "zh" else "(seal)") in text
        for slip in ("None", "Undefined", "{'zh'", "sha256'", "False"):
            assert slip not in text


@pytest.mark.parametrize("kind", KINDS)
def test_other_peoples_tools_are_content(
    printed: Mapping[tuple[str, str, bool], Printed], kind: str, tmp_path: Path
) -> None:
    for locale in ("zh", "en"):
        one = printed[kind, locale, True]
        path = tmp_path / f"{kind}.pdf"
        path.write_bytes(one.pdf)
        assert "No syntax or stream encoding errors" in _run("qpdf", "--check", path)
        fonts = _run("pdffonts", path)
        assert all(re.search(r"yes yes yes\s+\d+\s+0$", line) for line in fonts.splitlines()[2:]), fonts
        with pikepdf.open(io.BytesIO(one.pdf)) as document:
            xmp = document.Root.Metadata.read_bytes().decode()
            for part in ('pdfaid:part="3"', 'pdfaid:conformance="A"', 'pdfuaid:part="1"'):
                assert part in xmp
            assert one.document.record_sha256 in xmp
            assert one.document.document_number in xmp
            assert str(document.Root.Lang) == ("zh-CN" if locale == "zh" else "en")
            assert document.Root.MarkInfo.Marked
            assert next(iter(document.Root.AF)).AFRelationship == "/Data"


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_one_first_heading_and_described_pictures(
    printed: Mapping[tuple[str, str, bool], Printed], kind: str
) -> None:
    with pikepdf.open(io.BytesIO(printed[kind, "zh", True].pdf)) as document:
        elements = [
            thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary) and "/S" in thing
        ]
        assert [str(one.S) for one in elements].count("/H1") == 1
        assert all(str(one.get("/Alt", "")) for one in elements if one.S == "/Figure")


def test_both_languages_carry_one_record_that_names_its_event(
    printed: Mapping[tuple[str, str, bool], Printed],
) -> None:
    zh, en = printed["rectification_order", "zh", True], printed["rectification_order", "en", True]
    assert zh.document.record_sha256 == en.document.record_sha256
    records = [pypdf.PdfReader(io.BytesIO(one.pdf)).attachments["document.json"][0] for one in (zh, en)]
    assert records[0] == records[1]
    assert hashlib.sha256(records[0]).hexdigest() == zh.document.record_sha256
    record = json.loads(records[0])
    assert record["format"] == "hazard-flow-document/1"
    assert record["document"]["number"] == zh.document.document_number
    event = json.dumps(record["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(b"\x00" + event.encode()).hexdigest() == record["hash"]
    assert record["event"]["data"]["issues"]["number"] == zh.document.document_number
    assert record["values"]["due_at"]["value"] == record["event"]["data"]["fields"]["due_at"]
    assert en.document.name == f"{zh.document.name}-en"


def test_personal_values_come_with_the_salt_that_proves_them(
    printed: Mapping[tuple[str, str, bool], Printed],
) -> None:
    one = printed["user_notice", "zh", True]
    assert one.document.personal
    assert not printed["user_notice", "zh", False].document.personal
    record = json.loads(pypdf.PdfReader(io.BytesIO(one.pdf)).attachments["document.json"][0])
    said = record["values"]["flat"]
    assert said["value"] == "3幢2单元402室"
    assert hashlib.sha256(bytes.fromhex(said["salt"]) + said["value"].encode()).hexdigest() == said["sha256"]
    assert record["event"]["data"]["fields"]["flat"] == {"sha256": said["sha256"]}


@pytest.mark.parametrize("kind", KINDS)
def test_it_declares_known_fields_and_prints_all_of_them(kind: str) -> None:
    """What is declared stands in document.json as well, so nothing may be declared that the page does not show."""
    rule = load_rule(ROOT, kind)
    declared = set(rule.act + rule.record)
    assert declared - set(default_vocabulary().fields) == set()
    pages = [ROOT / kind / "template.html", *sorted((ROOT / "_base").glob("*.html"))]
    named = {a or b for page in pages for a, b in re.findall(r"'(\w+)'|\bf\.(\w+)", page.read_text("utf-8"))}
    assert declared - named - TOLD_BY_COMPOSE == set()


@pytest.mark.parametrize("kind", [key for key in KINDS if installed_kinds()[key].issued_by == OPERATOR])
def test_an_operator_notifies_and_never_orders(
    kind: str, printed: Mapping[tuple[str, str, bool], Printed]
) -> None:
    own = "".join(
        path.read_text("utf-8") for path in (ROOT / kind / "template.html", ROOT / kind / "report.yaml")
    )
    for word in ("责令", "指令", "决定"):
        assert word not in own
        for full in (True, False):
            assert word not in printed[kind, "zh", full].text
    for word in ("order to rectify", "ordered to", "decision"):
        assert word not in printed[kind, "en", False].text.lower()


def test_only_what_was_read_in_full_is_printed_as_law() -> None:
    """Clauses marked otherwise stand under 待核; the sentences of our own that name a law carry V."""
    for kind in KINDS:
        rule = load_rule(ROOT, kind)
        for clause in rule.basis:
            assert clause.is_law == (clause.mark == "V")
            assert clause.is_law or "第" not in clause.text.zh, (
                f"{kind} cites an article nobody has read: {clause.text.zh}"
            )
        source = (ROOT / kind / "template.html").read_text("utf-8")
        assert re.findall(r"《中华人民共和国[^》]+法》", source) == []
        for line in (ROOT / kind / "report.yaml").read_text("utf-8").splitlines():
            if "《" in line and "mark:" in line and "法》第" in line.split("en:")[0]:
                assert "mark: V}" in line, line
