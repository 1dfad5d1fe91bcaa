"""Looking after tablets: what is wrong first, a name for each, lost ones signed out, and nobody else's in sight."""

import re
import uuid
from datetime import timedelta

import pytest

from hazard_flow.offline.tablets.models import Tablet
from hazard_flow.offline.tablets.troubles import troubles
from tests.harness.cast import START
from tests.offline.depot import Depot

CONTACT = "/api/v1/field/contact"


def told(tablet: Tablet, newest: str = "b2") -> list[str]:
    return [one.code for one in troubles(tablet, newest_version=newest, now=START)]


def tablet(**given: object) -> Tablet:
    plain = {"state": "in_use", "unsent": 0, "last_seen_at": START, "version": "b2", "clock_skew_s": 0}
    return Tablet(**plain | given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"unsent": 2, "unsent_since": START - timedelta(hours=23)}, []),
        ({"last_seen_at": START - timedelta(days=9)}, []),
        ({"unsent": 2, "last_seen_at": START - timedelta(hours=25)}, ["silent"]),
        ({"unsent": 2, "unsent_since": START - timedelta(hours=25)}, ["stuck"]),
        ({"clock_skew_s": 120}, []),
        ({"clock_skew_s": 121}, ["fast"]),
        ({"clock_skew_s": -121, "version": "a1"}, ["slow", "old"]),
        ({"version": ""}, []),
        ({"state": "lost", "lost_at": START}, ["lost"]),
        ({"state": "lost", "lost_at": START, "unsent": 1}, ["lost_unsent"]),
        ({"state": "lost", "lost_at": START - timedelta(hours=1)}, ["lost_seen"]),
    ],
)
def test_what_is_wrong_with_a_tablet(given, said):
    assert told(tablet(**given)) == said


def test_no_version_is_old_where_nobody_knows_the_newest():
    assert told(tablet(version="a1"), newest="") == []


def test_the_list_begins_with_what_may_be_lost(depot: Depot):
    fine, silent = depot.tablet("郑巡检"), depot.tablet("李巡检")
    silent.send("POST", CONTACT, X_HF_Unsent="3")
    depot.city.clock.advance(timedelta(hours=25))
    fine.send("POST", CONTACT, X_HF_Unsent="0")

    page = depot.desk("何安全").get("/tablets")

    assert page.status_code == 200
    assert "有 3 件记录未上传，已 1 天" in page.text
    assert page.text.index(str(silent.id)) < page.text.index(str(fine.id))
    desk = depot.desk("何安全")
    assert "1 台终端有未上传记录" in desk.get("/").text
    assert count_at_tab(desk.get("/tablets").text) == "1"


def count_at_tab(page: str) -> str:
    """The number beside the tab of tablets."""
    found = re.search(r'href="/tablets"[^>]*>.*?</a>', page, re.DOTALL)
    assert found
    return "".join(re.findall(r">\s*(\d+)\s*<", found[0]))


def test_home_says_nothing_while_nothing_waits(depot: Depot):
    depot.tablet("李巡检").send("POST", CONTACT, X_HF_Unsent="0")

    assert "台终端有未上传记录" not in depot.desk("何安全").get("/").text


def test_everybody_sees_those_of_their_own_units_and_no_other_s(depot: Depot):
    first, second, theirs = (depot.tablet(name) for name in ("李巡检", "郑巡检", "孙巡检"))
    for one in (first, second, theirs):
        one.send("POST", CONTACT, X_HF_Unsent="1")
    seen = {
        name: {one["id"] for one in depot.tablet(name).get("/api/v1/tablets").json["items"]}
        for name in ("王班长", "赵经理", "何安全", "钱管理", "周调度", "马安全", "唐监管")
    }

    ours = {str(first.id), str(second.id)}
    assert seen["王班长"] == {str(first.id)}
    for name in ("赵经理", "何安全", "钱管理", "周调度"):
        assert seen[name] == ours
    assert seen["马安全"] == {str(theirs.id)}
    assert seen["唐监管"] == set(), "how an enterprise runs its tablets is its own affair"
    assert depot.tablet("李巡检").get("/api/v1/tablets").status_code == 403
    for path in (f"/tablets/{first.id}", f"/api/v1/tablets/{first.id}"):
        assert depot.tablet("马安全").get(path).status_code == 404


def test_two_houses_that_share_an_id_never_see_or_change_each_other_s(depot: Depot):
    id_ = uuid.uuid4()
    depot.tablet("李巡检", id_=id_).send("POST", CONTACT, X_HF_Unsent="2")

    depot.tablet("孙巡检", id_=id_).send("POST", CONTACT, X_HF_Unsent="0")

    ours = depot.tablet("何安全").get(f"/api/v1/tablets/{id_}").json
    theirs = depot.tablet("马安全").get(f"/api/v1/tablets/{id_}").json
    assert (ours["unsent"], theirs["unsent"]) == (2, 0)


def test_a_tablet_gets_a_name_that_it_is_told(depot: Depot):
    one = depot.tablet("李巡检")
    one.send("POST", CONTACT)
    desk, path = depot.desk("何安全"), f"/tablets/{one.id}"

    answer = desk.post(f"{path}/label", page=path, label="  一班 3 号平板 ")

    assert answer.status_code == 303
    assert one.send("POST", CONTACT).json["label"] == "一班 3 号平板"
    page = desk.get(path).text
    assert "一班 3 号平板" in page
    assert "修改名称" in page
    assert re.search(r"<span>李巡检</span>", page), "who signed in on it"


def test_a_name_that_is_too_long_is_refused_and_kept_in_the_form(depot: Depot):
    one = depot.tablet("李巡检")
    one.send("POST", CONTACT)
    path = f"/tablets/{one.id}"

    answer = depot.desk("何安全").post(f"{path}/label", page=path, label="号" * 41)

    assert answer.status_code == 422
    assert "不超过 40 个字" in answer.text
    assert "号" * 41 in answer.text


def test_a_lost_tablet_is_signed_out_at_once_and_stays_in_sight(depot: Depot):
    one, other = depot.tablet("李巡检"), depot.tablet("李巡检")
    one.send("POST", CONTACT, X_HF_Unsent="2")
    desk, path = depot.desk("何安全"), f"/tablets/{one.id}"

    desk.post(f"{path}/lost", page=path)

    assert one.send("POST", CONTACT).status_code == 401
    assert other.get("/api/v1/session").status_code == 200
    assert "已挂失，上面还有 2 件记录没有上传" in desk.get("/tablets").text
    depot.city.clock.advance(timedelta(hours=1))
    assert one.sign_in("李巡检").status_code == 200
    assert one.send("POST", CONTACT, X_HF_Unsent="2").json["state"] == "lost"
    assert "挂失之后又联系过" in desk.get("/tablets").text
    desk.post(f"{path}/found", page=path)
    assert one.send("POST", CONTACT).json["state"] == "in_use"


def test_a_sign_in_at_the_desk_s_page_ends_with_the_tablet_it_was_used_on(depot: Depot):
    one, elsewhere = depot.tablet(), depot.desk("李巡检")
    one.client = depot.desk("李巡检").client
    one.send("POST", CONTACT)
    desk, path = depot.desk("何安全"), f"/tablets/{one.id}"

    desk.post(f"{path}/lost", page=path)

    assert one.send("POST", CONTACT).status_code == 401
    assert elsewhere.get("/").status_code == 200


def test_who_may_only_look_cannot_name_or_report_lost(depot: Depot):
    one = depot.tablet("李巡检")
    one.send("POST", CONTACT)
    desk, path = depot.desk("王班长"), f"/tablets/{one.id}"

    assert "/lost" not in desk.get(path).text
    for act in ("label", "lost", "found"):
        assert desk.post(f"{path}/{act}", page=path).status_code == 403


def test_the_pages_speak_english_too(depot: Depot):
    depot.tablet("李巡检").send("POST", CONTACT, X_HF_Unsent="1")
    depot.city.clock.advance(timedelta(hours=30))

    page = depot.desk("何安全").get("/tablets?lang=en").text

    assert "1 unsent and not heard of for 1 d" in page
