"""What the door refused is shown with both versions, told to whoever can settle it, and settled: entered after mending, or set aside."""

import pytest
import sqlalchemy as sa

from hazard_flow.schedule.models import Outbox
from tests.harness.client import Answer
from tests.harness.site import Site
from tests.harness.tablet import Draft, Tablet, act, report, sha256, shot


def tablet(site: Site, name: str = "李巡检") -> Tablet:
    return Tablet(site.client(name))


def contested_act(site: Site):
    """Two tablets act on one hazard: the second one's act comes too late."""
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    first = act(hazard.number, "progress", version=hazard.seq, percent="30", note="管段已开挖")
    second = act(hazard.number, "progress", version=hazard.seq, percent="60", note="新井盖已到场")
    mine = tablet(site, "王班长")
    assert mine.put(first).json["outcome"] == "entered"
    answer = mine.put(second)
    assert answer.json["outcome"] == "contested", answer.body
    return hazard, second


def contested_report(site: Site, *, by: str = "李巡检") -> Draft:
    one = report(shot(), data={"description": "漏", "title": "井盖破损"})
    answer = tablet(site, by).put(one)
    assert answer.json["outcome"] == "contested", answer.body
    return one


def page(site: Site, who: str, one: Draft, language: str = "zh") -> str:
    answer = site.client(who, **{"Accept-Language": language}).get(f"/submissions/{one.id}")
    assert answer.status == 200, answer.body.decode()
    return answer.body.decode()


def settle(site: Site, who: str, one: Draft, way: str, **fields: str) -> Answer:
    return site.client(who).form(f"/submissions/{one.id}/{way}", fields)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_versions_stand_side_by_side(site: Site, language: str):
    hazard, one = contested_act(site)

    shown = page(site, "赵经理", one, language)

    assert "新井盖已到场" in shown
    assert "管段已开挖" in shown
    assert hazard.number in shown
    assert {"zh": "整改中", "en": "Rectifying"}[language] in shown


def test_it_is_on_the_list_and_on_the_page_of_its_hazard(site: Site):
    hazard, one = contested_act(site)
    manager = site.client("赵经理")

    assert str(one.id) in manager.get("/submissions").body.decode()
    assert str(one.id) in manager.get(f"/hazards/{hazard.number}").body.decode()
    assert str(one.id) in site.client("王班长").get("/submissions").body.decode()
    assert str(one.id) not in site.client("郑巡检").get("/submissions").body.decode()
    assert site.client("马安全").get(f"/submissions/{one.id}").status == 404
    assert site.client("郑巡检").get(f"/submissions/{one.id}").status == 404


def test_author_and_managers_are_told_once(site: Site):
    _, one = contested_act(site)

    rows = site.city.all(sa.select(Outbox).where(Outbox.subject_id == one.id))

    told = {site.city.name(row.person_id) for row in rows}
    assert {"王班长", "赵经理"} <= told
    assert len({(row.person_id, row.channel) for row in rows}) == len(rows)
    assert {row.template for row in rows} == {"submission_contested"}


def test_a_manager_mends_and_enters_it_and_the_author_is_named(site: Site):
    one = contested_report(site)
    mine = tablet(site)
    for data in one.files:
        mine.send_file(one, data)

    refused = settle(site, "王班长", one, "enter", description="漏", place="青梧路 12 号")
    entered = settle(site, "王班长", one, "enter", description="井盖破损，有坠落危险", place="青梧路 12 号")

    assert refused.status == 422
    assert "漏" in refused.body.decode()
    assert entered.status == 303, entered.body.decode()
    view = mine.get(one).json
    assert (view["outcome"], view["settled"]) == ("entered", "entered_again")
    [first] = site.client("王班长").get(f"/api/v1/hazards/{view['hazard']}/events").json["items"]
    assert first["actor"] == f"person:{site.city.person('王班长')}"
    assert first["data"]["offline"]["author"] == f"person:{site.city.person('李巡检')}"
    [piece] = site.client("王班长").get(f"/api/v1/hazards/{view['hazard']}/evidence").json["items"]
    assert (piece["has_copy"], piece["has_original"]) == (True, True)
    assert "李巡检" in site.client("王班长").get(f"/hazards/{view['hazard']}").body.decode()


def test_photos_that_come_after_it_was_entered_reach_it(site: Site):
    one = contested_report(site)
    settle(site, "王班长", one, "enter", description="井盖破损，有坠落危险", place="青梧路 12 号")
    mine = tablet(site)

    for data in one.files:
        last = mine.send_file(one, data)

    assert last.json["state"] == "complete"
    [piece] = site.client("王班长").get(f"/api/v1/hazards/{last.json['hazard']}/evidence").json["items"]
    assert (piece["has_copy"], piece["has_original"]) == (True, True)


def test_an_act_is_entered_on_the_version_its_mender_looked_at(site: Site):
    hazard, one = contested_act(site)
    seq = site.city.look(hazard).seq

    stale = settle(
        site, "王班长", one, "enter", percent="60", note="新井盖已到场", expected_version=str(seq - 1)
    )
    entered = settle(
        site, "王班长", one, "enter", percent="60", note="新井盖已到场", expected_version=str(seq)
    )
    again = settle(site, "王班长", one, "enter", percent="60", note="新井盖已到场", expected_version=str(seq))

    assert (stale.status, entered.status, again.status) == (409, 303, 409)
    assert [e.action for e in site.city.events(hazard)][-2:] == ["progress", "progress"]


def test_a_finished_conclusion_is_not_overwritten(site: Site):
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    late = act(hazard.number, "progress", version=hazard.seq, percent="90", note="正在收尾")
    site.city.submit(hazard)
    site.city.verify(hazard)

    answer = tablet(site, "王班长").put(late)
    entered = settle(site, "王班长", late, "enter", percent="90", note="正在收尾")

    assert answer.json["outcome"] == "contested"
    assert entered.status == 409
    assert site.city.look(hazard).state == "verified"


def test_set_aside_with_a_reason_it_stays_readable(site: Site):
    _, one = contested_act(site)

    silent = settle(site, "赵经理", one, "set-aside", reason="重")
    done = settle(site, "赵经理", one, "set-aside", reason="进展已由另一台平板填报，内容重复")

    assert (silent.status, done.status) == (422, 303)
    assert tablet(site, "王班长").get(one).json["settled"] == "set_aside"
    assert "进展已由另一台平板填报，内容重复" in page(site, "王班长", one)


def test_a_report_is_not_put_away_by_whoever_wrote_it(site: Site):
    one = contested_report(site)

    assert settle(site, "李巡检", one, "set-aside", reason="后来看没有问题").status == 403
    assert settle(site, "郑巡检", one, "set-aside", reason="后来看没有问题").status == 404
    assert settle(site, "王班长", one, "set-aside", reason="班长到场核实，井盖完好").status == 303


def test_rights_lost_while_offline_contest_it(site: Site):
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    one = act(hazard.number, "progress", version=hazard.seq, percent="40", note="管段已开挖")

    answer = tablet(site, "李巡检").put(one)

    assert answer.json["outcome"] == "contested"
    assert "not_allowed" in {p["code"] for p in answer.json["problems"]}


def test_an_unknown_hazard_is_contested_not_lost(site: Site):
    one = act("YH-990102-20260101-9999", "progress", percent="40", note="管段已开挖")

    answer = tablet(site, "王班长").put(one)

    assert (answer.status, answer.json["outcome"]) == (201, "contested")
    assert "YH-990102" not in str(answer.json["hazard"])
    assert page(site, "王班长", one)


def test_what_is_reported_past_a_manager_is_seen_by_no_manager(site: Site):
    one = report(shot(), action="report_protected", data={"description": "漏"})
    mine = tablet(site)
    answer = mine.put(one)

    assert answer.json["outcome"] == "contested", answer.body
    for who in ("王班长", "赵经理", "何安全", "韩总"):
        assert site.client(who).get(f"/submissions/{one.id}").status == 404
    told = {
        site.city.name(r.person_id)
        for r in site.city.all(sa.select(Outbox).where(Outbox.subject_id == one.id))
    }
    assert told <= {"李巡检", "唐监管"}
    assert page(site, "唐监管", one)
    form = {"description": "要求带压作业不办票，多次反映无果", "place": "青梧路 12 号"}
    assert settle(site, "唐监管", one, "enter", **form).status == 403
    entered = settle(site, "李巡检", one, "enter", **form)
    assert entered.status == 303, entered.body.decode()
    number = entered.headers["Location"].rsplit("/", 1)[1]
    events = site.client("唐监管").get(f"/api/v1/hazards/{number}/events").body.decode()
    assert str(site.city.person("李巡检")) not in events


def test_its_photos_can_be_looked_at_by_whoever_settles_it(site: Site):
    one = contested_report(site)
    tablet(site).send_file(one, one.shots[0].display)
    address = f"/submissions/{one.id}/files/{sha256(one.shots[0].display)}"

    assert site.client("王班长").get(address).body == one.shots[0].display
    assert site.client("马安全").get(address).status == 404
    assert address in page(site, "王班长", one)
