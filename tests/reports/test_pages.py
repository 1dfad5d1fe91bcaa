"""Who may fetch a closure file, what is said while it is being made, and what a stranger with the paper learns."""

import io
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from hazard_flow.evidence.store import Store
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.reports import api, pages
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.queries import CLOSURE
from hazard_flow.reports.worker import Press
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.harness.city import City, city, place
from tests.harness.ledger import sealer
from tests.web.office import token_of

__all__ = ["city", "place"]


@pytest.fixture
def client(city: City, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = load_settings({}, DATA_DIR=tmp_path_factory.mktemp("web"), SECRET_KEY="k" * 40)
    kernel = Kernel(settings=settings, database=city.database, clock=city.clock, parts={Store: city.store})
    return make_web(kernel, (pages.blueprint, api.blueprint)).test_client()


def _bearer(city: City, name: str) -> dict[str, str]:
    with city.database.transaction(SYSTEM) as session:
        token = add_token(
            session, person=session.get_one(Person, city.person(name)), name="test", now=city.now
        )
    return {"Authorization": f"Bearer {token}"}


def _issue(city: City, press: Press) -> None:
    Issuer(
        city.database, city.store, press, public_url="https://gas.example.org", sealer=sealer(city.database)
    ).drain(city.now)


def test_the_file_is_being_made_and_then_there(city: City, client: FlaskClient, press: Press) -> None:
    hazard = city.bring_to(city.report(), "closed")
    path, who = f"/api/v1/hazards/{hazard.number}/closure.pdf", _bearer(city, "李巡检")
    waiting = client.get(path, headers=who)
    assert waiting.status_code == 202
    assert int(waiting.headers["Retry-After"]) >= 1
    _issue(city, press)
    answer = client.get(path, headers=who)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-1.7")
    assert len(answer.data) == int(answer.headers["Content-Length"])
    assert client.get(path, headers={**who, "If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_open_or_foreign_hazard_has_none(city: City, client: FlaskClient) -> None:
    hazard = city.report()
    who = _bearer(city, "李巡检")
    assert client.get(f"/api/v1/hazards/{hazard.number}/closure.pdf", headers=who).status_code == 409
    assert client.get("/api/v1/hazards/YH-000000-20260101-0001/closure.pdf", headers=who).status_code == 404
    assert client.get(f"/api/v1/hazards/{hazard.number}/closure.pdf").status_code == 401


def test_a_stranger_with_the_paper_learns_hashes_and_nothing_else(
    city: City, client: FlaskClient, press: Press
) -> None:
    hazard = city.bring_to(city.report("青梧路阀井漏气"), "closed")
    _issue(city, press)
    with city.database.reading(SYSTEM) as session:
        document = session.query(Document).filter_by(kind="closure").one()
        said = SimpleNamespace(name=document.name, record=document.record_sha256, sha256=document.sha256)
    page = client.get(f"/verify/{said.name}")
    assert page.status_code == 200
    assert hazard.number in page.text
    assert said.record in page.text
    assert said.sha256 in page.text
    for secret in ("青梧路", "李巡检", "恒川"):
        assert secret not in page.text
    assert client.get("/verify/" + "0" * 24 + "-1").status_code == 404


def _drop(client: FlaskClient, pdf: bytes, language: str = "en") -> str:
    data = {"file": (io.BytesIO(pdf), "closure.pdf"), "csrf_token": token_of(client, "/verify")}
    answer = client.post(f"/verify?lang={language}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200
    return str(answer.text)


def test_a_stranger_verifies_a_file_on_the_page_and_nothing_of_it_is_kept(
    client: FlaskClient, city: City, press: Press, tmp_path_factory: pytest.TempPathFactory
) -> None:
    city.bring_to(city.report(), "closed")
    _issue(city, press)
    (document,) = city.all(sa.select(Document).where(Document.kind == CLOSURE))
    pdf = city.store.get(document.sha256, area="document")
    before = sorted(tmp_path_factory.getbasetemp().rglob("*.pdf"))
    page = _drop(client, pdf)
    assert "The file carries no seal" in page
    assert f"Byte for byte version 1 of {document.number}" in page
    assert "文件没有电子签章" in _drop(client, pdf, "zh")
    changed = pdf.replace(b"%%EOF", b"%%E0F")
    assert "This system has issued no such file" in _drop(client, changed)
    assert "Unreadable" in _drop(client, b"hello")
    assert sorted(tmp_path_factory.getbasetemp().rglob("*.pdf")) == before
    assert client.post("/verify", data={"csrf_token": token_of(client, "/verify")}).status_code == 422
    assert client.post("/verify").status_code == 403
    assert client.get("/verify").status_code == 200
