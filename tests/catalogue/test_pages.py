"""The pages of the rules: everybody reads them, a regulator's administrator brings files in, and odd requests are answered, not broken."""

import base64
import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.app import file_kinds
from hazard_flow.catalogue import pages
from hazard_flow.catalogue.models import LocalPolicy
from hazard_flow.exchange.kinds import Kinds
from hazard_flow.people import pages as people_pages
from hazard_flow.settings import Settings
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.harness.cast import PASSWORD, PEOPLE
from tests.harness.city import City
from tests.harness.founding import on_sqlite_only, rules
from tests.harness.local_rules import POLICY, local_rules
from tests.web.office import token_of

pytestmark = on_sqlite_only


class Desk:
    """Somebody signed in at the pages of the rules."""

    def __init__(self, city: City, folder: Path, name: str) -> None:
        kernel = Kernel(
            settings=Settings(DATA_DIR=folder, SECRET_KEY="k" * 40),
            database=city.database,
            clock=city.clock,
            parts={Kinds: file_kinds(rules())},
        )
        app = make_web(kernel, (people_pages.blueprint, pages.blueprint))
        self.client = app.test_client()
        username = next(member.username for member in PEOPLE if member.name == name)
        assert self.post("/sign-in", page="/sign-in", username=username, password=PASSWORD).status_code == 303

    def get(self, path: str):
        return self.client.get(path)

    def post(self, path: str, *, page: str = "/help/", **fields: object):
        return self.client.post(path, data={"csrf_token": token_of(self.client, page), **fields})

    def upload(self, text: str | bytes, kind: str = "policy", name: str = "rules.csv", **fields: object):
        data = text.encode() if isinstance(text, str) else text
        return self.post("/rules/import", kind=kind, file=(io.BytesIO(data), name), **fields)


@pytest.fixture
def gu(city: City, tmp_path: Path) -> Desk:
    return Desk(city, tmp_path, "顾管理")


@pytest.mark.parametrize("name", ["李巡检", "何安全", "唐监管", "钱管理"])
def test_everybody_reads_the_rules_and_few_import(city: City, tmp_path: Path, name: str):
    """Inspectors, directors, officers and an enterprise's administrator see everything and may bring in nothing."""
    desk = Desk(city, tmp_path, name)

    for path in ("/catalogue", "/catalogue/PIP-M01", "/policy", "/policy/relapse_window_days", "/calendar"):
        page = desk.get(path)
        assert page.status_code == 200
        assert "/rules/import" not in page.text
    assert desk.get("/rules/import").status_code == 403
    assert desk.upload(POLICY).status_code == 403
    assert desk.post("/rules/import/store", kind="policy", name="a.csv", content="").status_code == 403


def test_the_rules_of_the_readers_place_are_shown_with_source_and_mark(city: City, tmp_path: Path):
    local_rules(city.database)
    desk = Desk(city, tmp_path, "何安全")

    policy = desk.get("/policy?lang=zh").text
    assert "15 个工作日" in policy
    assert "云泽市燃气安全管理办法第 31 条" in policy
    assert "已核原文" in policy
    assert "一般隐患：定级" in policy
    assert "15 个工作日" not in desk.get("/policy?lang=zh&division=980101").text
    assert "20 个工作日" in desk.get("/policy?lang=zh&on=2027-01-01").text

    row = desk.get("/catalogue/PIP-G51?lang=zh").text
    assert "燃气管道与电缆同沟敷设" in row
    assert "11月9日 24:00" in row
    assert "PIP-G51" in desk.get("/catalogue?q=电缆同沟").text
    assert "PIP-G51" not in desk.get("/catalogue?q=电缆同沟&division=980101").text


def test_a_history_tells_what_became_of_each_entry(city: City, tmp_path: Path):
    local_rules(city.database)
    page = Desk(city, tmp_path, "何安全").get("/policy/extension_apply_before?lang=zh").text

    for words in ("生效中", "尚未生效", "其他地区", "随版本发布 v1", "系统（命令行）"):
        assert words in page
    assert "2 小时" not in page  # a value of another key


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/catalogue?category=nothing", 400),
        ("/catalogue?level=huge", 400),
        ("/catalogue?q=" + "x" * 101, 400),
        ("/catalogue?division=x", 400),
        ("/catalogue?division=" + "9" * 13, 400),
        ("/catalogue?division=", 200),
        ("/catalogue/NOTHING", 404),
        ("/catalogue/%00", 404),
        ("/policy?on=2026-02-30", 400),
        ("/policy?on=0001-01-01", 400),
        ("/policy?division=9901%00", 400),
        ("/policy/nothing", 404),
        ("/policy/limit.general.classify", 200),
        ("/calendar?year=20x6", 400),
        ("/calendar?year=1026", 400),
        ("/calendar?year=2099", 200),
        ("/rules/import?kind=people", 400),
    ],
)
def test_odd_questions_are_answered(gu: Desk, path: str, status: int):
    assert gu.get(path).status_code == status


def test_a_file_is_tried_and_then_stored(city: City, gu: Desk):
    """The first look stores nothing; the confirmation stores what was looked at."""
    tried = gu.upload(POLICY)
    assert tried.status_code == 200
    assert city.all(sa.select(LocalPolicy)) == []
    content = base64.b64encode(POLICY.encode()).decode()
    assert content in tried.text

    stored = gu.post("/rules/import/store", kind="policy", name="rules.csv", content=content)

    assert (stored.status_code, stored.location) == (303, "/policy")
    assert {row.entered_by for row in city.all(sa.select(LocalPolicy))} == {f"person:{city.person('顾管理')}"}
    assert "已入库 4 条" in gu.get("/policy?lang=zh").text
    assert "没有新内容" in gu.upload(POLICY, lang="zh").text


def test_a_wrong_file_comes_back_with_every_fault(city: City, gu: Desk):
    bad = POLICY + "nothing,9901,1,,,办法,V,\nrelapse_window_days,9801,1,,,办法,V,\n"
    for answer in (
        gu.upload(bad),
        gu.post(
            "/rules/import/store",
            kind="policy",
            name="a.csv",
            content=base64.b64encode(bad.encode()).decode(),
        ),
    ):
        assert answer.status_code == 422
        assert "没有“nothing”这一项政策" in answer.text
        assert "9801 不在您的管辖范围内" in answer.text
    assert city.all(sa.select(LocalPolicy)) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"kind": "policy", "name": "a.csv", "content": "!!"}, 400),
        ({"kind": "nothing", "name": "a.csv", "content": ""}, 400),
        ({"kind": "policy", "name": "a.exe", "content": "AAAA"}, 422),
        ({"kind": "policy", "name": "", "content": ""}, 422),
        ({"kind": "policy", "name": "a.csv", "content": "", "division": "x"}, 400),
        ({}, 400),
    ],
)
def test_a_broken_confirmation_stores_nothing(city: City, gu: Desk, fields: dict[str, str], status: int):
    assert gu.post("/rules/import/store", **fields).status_code == status
    assert city.all(sa.select(LocalPolicy)) == []


def test_files_that_are_none_are_refused(gu: Desk):
    assert gu.post("/rules/import", kind="policy").status_code == 400
    assert gu.upload(b"\x89PNG\r\n\x1a\n\0", name="a.csv").status_code == 422
    assert gu.upload(b"x" * (pages.FILE_BYTES_MAX + 1)).status_code == 400
    assert gu.upload("key\n" * 5, name="<script>.csv").status_code == 422
