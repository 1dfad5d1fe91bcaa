"""Pages of senders and of the quarantine: entered by who may, an address told once, a mapping mended, messages processed again."""

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from hazard_flow.assets.operations import add_asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import install_rules, installed_rules
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.models import Upkeep
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import api
from hazard_flow.telemetry.intake import drain
from hazard_flow.telemetry.models import Inbox, Source
from hazard_flow.telemetry.operations import register_source
from hazard_flow.telemetry.quarantine import api as quarantine_api
from hazard_flow.telemetry.quarantine import pages as quarantine
from hazard_flow.telemetry.senders import pages as senders
from tests.telemetry.sources.test_generic import EXAMPLE, entry
from tests.web.office import Office, office


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    blueprints = (api.blueprint, senders.blueprint, quarantine.blueprint, quarantine_api.blueprint)
    with office(tmp_path, *blueprints) as made:
        install_rules(made.kernel.database.info, installed_rules(ZoneInfo("Asia/Shanghai")))
        with made.kernel.database.transaction(SYSTEM) as session:
            gas = session.get_one(Organisation, made.ids["gas"])
            well = Label(zh="一号阀井", en="Well 1")
            add_asset(
                session, organisation=gas, code="VW-1", kind="valve_well", label=well, now=made.clock.now()
            )
        yield made


def enter(desk: Office, kind: str, name: str = "SCADA east", **more: str) -> str:
    """A new sender; the path of its secret address, or the page's refusal."""
    browser = desk.browser("gao")
    fields = {"kind": kind, "name": name, "organisation": str(desk.ids["gas"]), **more}
    answer = desk.post(browser, "/sources", page="/sources", **fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(rf"/in/{kind}/[\w-]{{32}}", answer.text)
    assert found is not None
    return found[0]


def source(desk: Office) -> Source:
    with desk.kernel.database.reading(SYSTEM) as session:
        one = session.scalars(sa.select(Source)).one()
        session.expunge_all()
        return one


def evaluate(desk: Office) -> None:
    with desk.kernel.database.transaction(SYSTEM) as session:
        drain(session, desk.clock.now())


def message(desk: Office, place: int = 0) -> Inbox:
    with desk.kernel.database.reading(SYSTEM) as session:
        rows = list(session.scalars(sa.select(Inbox).order_by(Inbox.id)))
        session.expunge_all()
        return rows[place]


def on_record(desk: Office) -> list[tuple[str, str]]:
    with desk.kernel.database.reading(SYSTEM) as session:
        rows = session.execute(sa.select(Upkeep.act, Upkeep.actor).order_by(Upkeep.at, Upkeep.id))
        return [(row[0], row[1]) for row in rows]


def test_a_mapping_is_mended_and_what_waited_is_processed(desk: Office) -> None:
    path = enter(desk, "generic")
    sent = {"data": {"alarms": [entry()]}}
    assert desk.app.test_client().post(path, json=sent).status_code == 202
    evaluate(desk)
    browser = desk.browser("gao")
    assert "数据源尚未配置字段映射" in browser.get("/quarantine").text
    address = f"/sources/{source(desk).id}"
    broken = desk.post(
        browser, f"{address}/settings", page=address, mapping=EXAMPLE.replace("mapping: 1", "mapping: 9")
    )
    assert broken.status_code == 422
    assert "第 4 行" in broken.text
    assert desk.post(browser, f"{address}/settings", page=address, mapping=EXAMPLE).status_code == 303
    assert source(desk).settings["mapping"].strip() == EXAMPLE.strip()
    shown = f"/quarantine/{message(desk).id}"
    assert desk.post(browser, f"{shown}/replay", page=shown).status_code == 303
    evaluate(desk)
    assert message(desk).state == "done"
    with desk.kernel.database.reading(SYSTEM) as session:
        families = sorted(str(family) for family in session.scalars(sa.select(Hazard.family)))
    assert families == ["gas_leak", "unregistered"]
    assert on_record(desk) == [
        (act, f"person:{desk.ids['gao']}") for act in ("source.added", "source.settings", "inbox.replayed")
    ]


def test_an_address_is_told_once_and_the_old_one_ends_with_the_new(desk: Office) -> None:
    path = enter(desk, "alertmanager")
    secret = path.rsplit("/", 1)[1]
    browser, address = desk.browser("gao"), f"/sources/{source(desk).id}"
    for page in ("/sources", address):
        assert secret not in browser.get(page).text
    renewed = desk.post(browser, f"{address}/address", page=address)
    new = re.search(r"/in/alertmanager/[\w-]{32}", renewed.text)
    assert new is not None
    sender = desk.app.test_client()
    assert (sender.post(path, data=b"{}").status_code, sender.post(new[0], data=b"{}").status_code) == (
        401,
        202,
    )
    desk.post(browser, f"{address}/active", page=address, active="false")
    assert sender.post(new[0], data=b"{}").status_code == 403
    assert "已停用" in browser.get("/sources").text
    desk.post(browser, f"{address}/active", page=address, active="true")
    assert sender.post(new[0], data=b"{}").status_code == 202


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "名称：必填"),
        ({"name": "x" * 61}, "名称：不超过 60 个字"),
        ({"kind": "fax"}, "类型：请从以下选项中选择"),
        ({"zone": "Mars/Olympus"}, "时区：没有“Mars/Olympus”这个时区"),
        ({"organisation": "other"}, "所属单位："),
    ],
    ids=["no name", "long name", "kind", "zone", "organisation"],
)
def test_what_is_wrong_is_said_beside_the_form(desk: Office, fields: dict[str, str], said: str) -> None:
    given = {"kind": "zabbix", "name": "Z", "organisation": str(desk.ids["gas"]), **fields}
    given["organisation"] = str(desk.ids.get(given["organisation"], given["organisation"]))
    answer = desk.post(desk.browser("gao"), "/sources", page="/sources", **given)
    assert answer.status_code == 422
    assert said in answer.text


def test_only_who_looks_after_a_source_sees_it_and_its_messages(desk: Office) -> None:
    desk.app.test_client().post(enter(desk, "generic"), data=b"\x00\xffsecret")
    evaluate(desk)
    shown = f"/quarantine/{message(desk).id}"
    for username, status in (("gao", 200), ("chen", 200), ("li", 403)):
        assert desk.browser(username).get(shown).status_code == status
    assert desk.browser("zhao").get("/quarantine").status_code == 403
    for username in ("chen", "li", "zhao"):
        assert desk.browser(username).get("/sources").status_code == 403
    officer = desk.browser("chen")
    assert desk.post(officer, f"{shown}/replay", page="/help/").status_code == 403
    with desk.kernel.database.transaction(SYSTEM) as session:
        elsewhere = session.get_one(Organisation, desk.ids["other"])
        for one in session.scalars(sa.select(Source)):
            one.organisation_id = one.home_id = elsewhere.id
    for username in ("gao", "chen"):
        assert desk.browser(username).get(shown).status_code == 404
    assert desk.browser("gao").get(f"/sources/{source(desk).id}").status_code == 404


def test_the_bytes_are_shown_as_they_came_and_never_as_markup(desk: Office) -> None:
    desk.app.test_client().post(enter(desk, "generic"), data=b"<script>alert(1)</script>\x00\xff\x07")
    evaluate(desk)
    page = desk.browser("gao").get(f"/quarantine/{message(desk).id}?lang=en").text
    assert "<script>alert" not in page
    assert "3c 73 63 72 69 70 74" in page
    assert "␀\ufffd␇" in page
    assert "The source has no field mapping yet" in page


def test_a_pile_is_processed_again_whole_and_only_it(desk: Office) -> None:
    path = enter(desk, "cloudevents")
    for body in (b"{", b"[", b'{"id": 1}'):
        desk.app.test_client().post(path, data=body)
    evaluate(desk)
    browser = desk.browser("gao")
    page = browser.get("/quarantine?lang=en").text
    assert "The body is not JSON" in page
    assert "An alert has no identity" in page
    pile = {"source": str(source(desk).id), "reason": "not_json"}
    assert desk.post(browser, "/quarantine/replay", page="/quarantine", **pile).status_code == 303
    assert [message(desk, place).state for place in range(3)] == ["pending", "pending", "dead"]


def test_programs_read_the_quarantine_and_have_it_processed(desk: Office) -> None:
    desk.app.test_client().post(enter(desk, "generic"), data=b"{")
    evaluate(desk)
    client, key = desk.app.test_client(), desk.bearer("gao")
    [one] = client.get("/api/v1/quarantine?reason=no_field_map", headers=key).json["items"]
    assert (one["body_base64"], one["reasons"]) == ("ew==", [{"code": "no_field_map", "detail": ""}])
    assert client.get("/api/v1/quarantine?reason=other", headers=key).json["items"] == []
    assert client.get("/api/v1/quarantine?source=x", headers=key).status_code == 400
    answer = client.post("/api/v1/quarantine/replay", json={"reason": "no_field_map"}, headers=key)
    assert answer.json == {"messages": 1}
    assert client.get("/api/v1/quarantine", headers=key).json["items"] == []


def test_a_broker_is_entered_without_an_address(desk: Office) -> None:
    browser = desk.browser("gao")
    given = {"kind": "mqtt", "name": "broker", "organisation": str(desk.ids["gas"])}
    answer = desk.post(browser, "/sources", page="/sources", **given)
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "换新地址" not in page
    assert desk.post(browser, f"{answer.location}/address", page="/sources").status_code == 422
    saved = desk.post(
        browser, f"{answer.location}/settings", page="/sources", quantities="CH4 = ch4_lel\nrssi ="
    )
    assert saved.status_code == 303
    assert source(desk).settings == {"quantities": {"CH4": "ch4_lel", "rssi": None}}
    wrong = desk.post(browser, f"{answer.location}/settings", page="/sources", quantities="CH4\n= x\na = b-c")
    assert wrong.text.count("应写成") == 3


def test_the_tile_stands_on_the_home_page_only_while_something_waits(desk: Office) -> None:
    from hazard_flow.identity.actor import system_actor

    actor = system_actor("test")
    with desk.app.test_request_context("/"), desk.kernel.database.reading(SYSTEM) as session:
        assert quarantine.home_tile(session, actor, None, "zh") is None
    with desk.kernel.database.transaction(SYSTEM) as session:
        gas = session.get_one(Organisation, desk.ids["gas"])
        register_source(session, "generic", name="x", organisation=gas, now=desk.clock.now())
    path = enter(desk, "generic")
    desk.app.test_client().post(path, data=b"{")
    evaluate(desk)
    with desk.app.test_request_context("/?lang=en"), desk.kernel.database.reading(SYSTEM) as session:
        tile = str(quarantine.home_tile(session, actor, None, "en"))
        assert quarantine.waiting(session, actor) == 1
    assert "The source has no field mapping yet" in tile
