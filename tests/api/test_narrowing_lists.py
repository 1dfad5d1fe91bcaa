"""Lists narrowed to what stands open, how far a hazard came, where it came from and what notice went out."""

from urllib.parse import quote

import sqlalchemy as sa

from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from tests.harness.site import Site


def numbers(site, who, more, *, q=""):
    answer = site.client(who).get(f"/api/v1/hazards?limit=200&q={quote(q)}{more}")
    assert answer.status == 200, answer.body.decode()
    return {one["number"] for one in answer.json["items"]}


def test_by_what_stands_open(site: Site):
    city = site.city
    asked = city.bring_to(city.report("筛选甲：延期中"), "rectifying")
    plain = city.bring_to(city.report("筛选甲：正常整改"), "rectifying")
    city.request_extension(asked)
    city.control(plain)

    assert numbers(site, "何安全", "&flag=extension", q="筛选甲") == {asked.number}
    assert numbers(site, "何安全", "&flag=control", q="筛选甲") == {plain.number}
    city.decide_extension(asked)
    assert numbers(site, "何安全", "&flag=extension", q="筛选甲") == set()


def test_by_state_and_workflow(site: Site):
    city = site.city
    submitted = city.bring_to(city.report("筛选乙：待复查"), "submitted")
    city.bring_to(city.report("筛选乙：整改中"), "rectifying")
    major = city.report("筛选乙：占压", major=True)

    assert numbers(site, "何安全", "&state=submitted", q="筛选乙") == {submitted.number}
    assert numbers(site, "唐监管", "&workflow=major", q="筛选乙") == {major.number}
    assert numbers(site, "唐监管", "&workflow=major.v1", q="筛选乙") == {major.number}
    assert numbers(site, "唐监管", "&workflow=major.v99", q="筛选乙") == set()


def test_by_source_and_colour(site: Site):
    city = site.city
    [alarmed] = city.apply([city.alarm_report()])
    red = city.report("筛选丙：逾期")
    # the site runs at the real time: the notice is put where a week's waiting would have put it
    with site.database.transaction(SYSTEM) as session, door_open(session):
        session.execute(sa.update(Hazard).where(Hazard.id == red.id).values(colour="red"))
    assert alarmed.hazard is not None

    assert numbers(site, "何安全", "&colour=red", q="筛选丙") == {red.number}
    assert alarmed.hazard.number in numbers(site, "何安全", "&source=telemetry")
    assert red.number not in numbers(site, "何安全", "&source=telemetry")


def test_only_the_regulator_asks_for_what_was_reported_in_confidence(site: Site):
    city = site.city
    hidden = city.report_protected("越级样本：带压作业不办票")
    city.report("越级样本：普通上报")

    assert numbers(site, "唐监管", "&protected=1", q="越级样本") == {hidden.number}
    for name in ("何安全", "李巡检", "韩总", "周调度"):
        answer = site.client(name).get("/api/v1/hazards?protected=1")
        assert (answer.status, answer.json["code"]) == (403, "not_allowed"), name


def test_what_no_list_knows_is_refused_by_name(site: Site):
    wrong = site.client("唐监管").get(
        "/api/v1/hazards?flag=coffee&colour=pink&source=dream&state=No%20State&workflow=general.v0&protected=x"
    )

    assert wrong.status == 400
    assert wrong.wrong == {
        ("flag", "unknown_choice"),
        ("colour", "unknown_choice"),
        ("source", "unknown_choice"),
        ("state", "unknown_choice"),
        ("workflow", "unknown_choice"),
        ("protected", "not_a_flag"),
    }
