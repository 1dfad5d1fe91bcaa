"""From an act to a file within seconds: who finds it where, what a stranger learns, what happens when it cannot be made."""

import hashlib
import io
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import unquote

import pypdf
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import DocumentOrder
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.reports import api, pages, queries
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.worker import Press
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.harness.city import City, city, place
from tests.harness.ledger import sealer
from tests.reports.papers import issue, with_papers

__all__ = ["city", "place"]

URL = "https://gas.example.org"


@pytest.fixture
def issuer(city: City, press: Press) -> Issuer:
    return Issuer(city.database, city.store, press, public_url=URL, sealer=sealer(city.database))


@pytest.fixture
def client(city: City, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = load_settings({}, DATA_DIR=tmp_path_factory.mktemp("web"), SECRET_KEY="k" * 40, PUBLIC_URL=URL)
    kernel = Kernel(settings=settings, database=city.database, clock=city.clock, parts={Store: city.store})
    return make_web(kernel, (pages.blueprint, api.blueprint)).test_client()


def bearer(city: City, name: str) -> dict[str, str]:
    with city.database.transaction(SYSTEM) as session:
        token = add_token(
            session, person=session.get_one(Person, city.person(name)), name="test", now=city.now
        )
    return {"Authorization": f"Bearer {token}"}


def documents(city: City) -> list[Document]:
    return city.all(
        sa.select(Document).order_by(Document.event_seq, Document.version, Document.locale.desc())
    )


def listed(city: City, client: FlaskClient, hazard, who: str) -> list[SimpleNamespace]:
    answer = client.get(f"/api/v1/hazards/{hazard.number}/documents", headers=bearer(city, who))
    assert answer.status_code == 200
    assert answer.json["next_cursor"] is None
    return [SimpleNamespace(**item) for item in answer.json["items"]]


def panel(city: City, client: FlaskClient, hazard) -> str:
    with client.application.test_request_context("/?lang=zh"), city.database.reading(SYSTEM) as session:
        drawn = pages.papers_panel(session, city.actor("何安全"), city.look(hazard), "zh")
    assert drawn is not None
    return drawn


def test_an_assignment_brings_its_paper_in_both_languages(
    city: City, issuer: Issuer, client: FlaskClient
) -> None:
    hazard = city.report("青梧路阀井漏气")
    city.assign(hazard)

    [waiting] = listed(city, client, hazard, "何安全")
    assert (waiting.status, waiting.files, waiting.number) == ("being made", [], "（恒川）燃安通〔2026〕1号")

    assert issuer.drain(city.now) == 2
    assert issuer.drain(city.now) == 0
    assert city.all(sa.select(DocumentOrder)) == []

    [made] = listed(city, client, hazard, "何安全")
    assert (made.status, made.kind, made.issued_by, made.event_seq) == (
        "issued",
        "internal_slip",
        "何安全",
        2,
    )
    assert made.name == {"zh": "隐患整改通知单", "en": "Internal Rectification Slip"}
    assert made.issuer["name_zh"] == "恒川燃气"
    assert [file["locale"] for file in made.files] == ["zh", "en"]
    zh = made.files[0]
    assert zh["verify_url"] == f"{URL}/verify/{zh['name']}"
    answer = client.get(zh["url"], headers=bearer(city, "何安全"))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert len(answer.data) == zh["size"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    for words in ("隐患整改通知单", "（恒川）燃安通〔2026〕1号", "青梧路阀井漏气", "王班长"):
        assert words in text


def test_a_paper_says_what_the_record_said_then(city: City, issuer: Issuer) -> None:
    """The hazard goes on before the file is made: the paper still shows the deadline and the person of its own event."""
    hazard = city.report()
    city.assign(hazard)
    city.accept(hazard)
    city.act(
        "赵经理", hazard, "reassign", responsible=str(city.person("李巡检")), reason="班组调整，另行安排"
    )
    issuer.drain(city.now)

    pdf = city.store.get(documents(city)[0].sha256, area="document")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "王班长" in text
    assert "班组调整" not in text
    assert pypdf.PdfReader(io.BytesIO(pdf)).attachments["document.json"][0].count(b'"action":"assign"') == 1


def test_the_same_record_gives_the_same_bytes(city: City, issuer: Issuer, press: Press) -> None:
    hazard = city.report()
    city.assign(hazard)
    city.accept(hazard)
    issuer.drain(city.now)
    first = {document.locale: document.sha256 for document in documents(city)}
    city.fast_forward(days=1)

    for locale, sha256 in first.items():
        wanted = queries.Wanted(hazard.id, "internal_slip", 2, locale)
        again = issuer._manuscript(wanted, _sources(city, hazard), 1).print(press)
        assert hashlib.sha256(again.pdf).hexdigest() == sha256


def _sources(city: City, hazard):
    from hazard_flow.reports.gather import read_for_paper

    with city.database.reading(SYSTEM) as session:
        return read_for_paper(session, hazard.id, 2)


def test_a_re_issue_is_a_further_version_and_overwrites_nothing(
    city: City, issuer: Issuer, client: FlaskClient
) -> None:
    hazard = city.report()
    city.assign(hazard)
    issuer.drain(city.now)
    again = issuer.issue(queries.Wanted(hazard.id, "internal_slip", 2), city.now)

    assert again is not None
    assert (again.locale, again.version) == ("zh", 2)
    assert len(documents(city)) == 3
    [row] = listed(city, client, hazard, "何安全")
    assert {file["locale"]: file["version"] for file in row.files} == {"zh": 2, "en": 1}
    old = client.get(f"/verify/{documents(city)[0].name}")
    assert "第 2 版" in old.text


def test_texts_that_count_come_before_their_renderings(city: City, issuer: Issuer) -> None:
    """Somebody stands at the printer for the Chinese text; closure files wait their turn among them, renderings for all."""
    first = city.report()
    city.assign(first)
    closed = city.bring_to(city.report(), "closed")
    city.fast_forward(minutes=5)
    last = city.report()
    city.assign(last)

    for _ in range(7):
        issuer.drain(city.now, limit=1)
        city.clock.advance(timedelta(seconds=1))
    made = city.all(sa.select(Document).order_by(Document.issued_at))
    assert [one.kind for one in made[:4]] == ["internal_slip", "internal_slip", "closure", "internal_slip"]
    assert {one.locale for one in made[:4]} == {"zh"}
    assert made[3].subject_id == last.id
    assert [one.locale for one in made[4:]] == ["en", "en", "en"]
    assert made[2].subject_id == closed.id


def test_two_workers_make_one_document(city: City, issuer: Issuer, press: Press) -> None:
    hazard = city.report()
    city.assign(hazard)
    wanted = queries.Wanted(hazard.id, "internal_slip", 2)
    late = Issuer(city.database, city.store, press, public_url=URL, sealer=sealer(city.database))

    assert issuer.drain(city.now) == 2
    assert late._issue(wanted, city.now, 1) is None
    assert len(documents(city)) == 2


def test_one_that_cannot_be_made_is_tried_again_and_told_of(
    city: City, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = city.report(), city.report()
    city.assign(bad)
    city.assign(good)
    real = Issuer._manuscript

    def failing(self: Issuer, wanted: queries.Wanted, *rest: object) -> object:
        if wanted.hazard_id == bad.id:
            raise KeyError("unheard_of")
        return real(self, wanted, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Issuer, "_manuscript", failing)
    assert issuer.drain(city.now) == 2
    assert {document.subject_id for document in documents(city)} == {good.id}
    assert issuer.drain(city.now) == 0  # resting

    city.clock.advance(queries.LATE_AFTER * 2)
    with city.database.reading(SYSTEM) as session:
        overdue = queries.papers_overdue(session, city.now)
        assert overdue is not None
        assert overdue.in_("en") == "Files of issued documents that wait to be made: 2"
    monkeypatch.undo()
    assert issuer.drain(city.now) == 2
    with city.database.reading(SYSTEM) as session:
        assert queries.papers_overdue(session, city.now + timedelta(days=1)) is None


def test_who_sees_the_hazard_sees_its_papers_and_nobody_else(
    city: City, issuer: Issuer, client: FlaskClient
) -> None:
    hazard = city.report()
    city.assign(hazard)
    issuer.drain(city.now)
    name = documents(city)[0].name
    for path in (
        f"/api/v1/hazards/{hazard.number}/documents/{name}.pdf",
        f"/hazards/{hazard.number}/documents/{name}.pdf",
    ):
        assert client.get(path, headers=bearer(city, "王班长")).status_code == 200
        assert client.get(path, headers=bearer(city, "唐监管")).status_code == 200
        assert client.get(path, headers=bearer(city, "马安全")).status_code == 404
        assert (
            client.get(path.replace(name, "0" * 24 + "-1"), headers=bearer(city, "王班长")).status_code == 404
        )
    other = city.report()
    assert (
        client.get(
            f"/hazards/{other.number}/documents/{name}.pdf", headers=bearer(city, "王班长")
        ).status_code
        == 404
    )
    assert (
        client.get(f"/api/v1/hazards/{hazard.number}/documents", headers=bearer(city, "马安全")).status_code
        == 404
    )
    assert client.get(f"/api/v1/hazards/{hazard.number}/documents").status_code == 401


def test_a_household_paper_is_for_those_who_may_read_its_names(
    city: City, issuer: Issuer, client: FlaskClient
) -> None:
    """A part in the hazard alone opens the hazard, not the flat: 孟安全 of another department closes it and reads no name."""
    with_papers(city)
    hazard = city.report()
    city.assign(hazard)
    issue(city, hazard, "user_notice")
    issuer.drain(city.now)
    notice = next(document for document in documents(city) if document.kind == "user_notice")
    assert notice.personal
    path = f"/api/v1/hazards/{hazard.number}/documents/{notice.name}.pdf"

    assert client.get(path, headers=bearer(city, "李巡检")).status_code == 200
    assert client.get(path, headers=bearer(city, "唐监管")).status_code == 200
    refused = client.get(path, headers=bearer(city, "孟安全"))
    assert refused.status_code == 403
    assert refused.json["errors"][0]["code"] == "personal_document"
    rows = {row.kind: row.readable for row in listed(city, client, hazard, "孟安全")}
    assert rows == {"user_notice": False, "internal_slip": True}


def test_a_stranger_with_the_paper_learns_number_and_hashes_and_nothing_else(
    city: City, issuer: Issuer, client: FlaskClient
) -> None:
    with_papers(city)
    hazard = city.report("青梧路阀井漏气")
    number = issue(city, hazard, "user_notice")
    issuer.drain(city.now)
    for document in documents(city):
        page = client.get(f"/verify/{document.name}")
        assert page.status_code == 200
        for shown in (number, hazard.number, document.record_sha256, document.sha256):
            assert shown in page.text
        for secret in ("青梧路", "钱多多", "402室", "13900001234", "李巡检", "恒川燃气"):
            assert secret not in page.text
        assert ("译本" in page.text) == (document.locale == "en")


def test_the_file_is_named_for_what_it_is(city: City, issuer: Issuer, client: FlaskClient) -> None:
    hazard = city.report()
    city.assign(hazard)
    issuer.drain(city.now)
    name = documents(city)[0].name
    path, who = f"/hazards/{hazard.number}/documents/{name}.pdf", bearer(city, "何安全")

    shown = client.get(path, headers=who)
    kept = client.get(path + "?download=1", headers=who)
    assert shown.headers["Content-Disposition"].startswith(
        f'inline; filename="{hazard.number}.internal_slip.2.v1.zh.pdf"'
    )
    assert kept.headers["Content-Disposition"].startswith("attachment;")
    assert "隐患整改通知单 （恒川）燃安通〔2026〕1号.pdf" in unquote(kept.headers["Content-Disposition"])
    assert client.get(path, headers={**who, "If-None-Match": shown.headers["ETag"]}).status_code == 304


def test_the_panel_offers_what_is_made_so_far(city: City, issuer: Issuer, client: FlaskClient) -> None:
    """Being made, then the Chinese file alone, then both: a reader may come at any of these moments."""
    hazard = city.report()
    city.assign(hazard)

    assert "生成中" in panel(city, client, hazard)
    assert issuer.drain(city.now, limit=1) == 1
    between = panel(city, client, hazard)
    assert (between.count('.pdf" target'), "生成中" in between) == (1, False)
    assert issuer.drain(city.now) == 1
    assert panel(city, client, hazard).count('.pdf" target') == 2


def test_typed_text_stays_text(city: City, issuer: Issuer) -> None:
    evil = "<script>alert(1)</script><img src=file:///etc/passwd>{{7*7}} {% raw %} ]]> <!-- \u202e反转 🔥"
    with_papers(city)
    hazard = city.report(evil)
    issue(city, hazard, "rectification_order", measures=evil, remedy_body=evil, officer_certificates=evil)
    issue(city, hazard, "user_notice", user_name=evil[:60], flat=evil[:60], hotline=evil[:60])
    assert issuer.drain(city.now) == 4
    for document in documents(city):
        reader = pypdf.PdfReader(io.BytesIO(city.store.get(document.sha256, area="document")))
        text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
        assert "<script>alert(1)</script>" in text
        assert "\u202e" not in text
        assert list(reader.attachments) == ["document.json"]
        if document.kind == "rectification_order":
            assert "{{7*7}}" in text
            assert "〔U+1F525〕" in text


def test_an_erased_value_is_not_printed_again(city: City, issuer: Issuer) -> None:
    from hazard_flow.identity.models import Personal

    with_papers(city)
    hazard = city.report()
    issue(city, hazard, "user_notice")
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Personal).values(value=None, salt=None, erased_at=city.now))
    issuer.drain(city.now)

    document = documents(city)[0]
    assert not document.personal
    pdf = city.store.get(document.sha256, area="document")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "已依法删除" in text
    assert "钱多多" not in text
