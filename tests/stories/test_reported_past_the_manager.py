"""Reported past one's manager: the enterprise sees nothing before the regulator hands it on, and never learns who it was."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotAllowed, NotFound, Refused
from hazard_flow.hazards import queries
from hazard_flow.hazards.actions import allowed
from hazard_flow.hazards.case import Reader, case
from hazard_flow.hazards.desk import board
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import Filter
from hazard_flow.hazards.representing import detail, event_view, evidence_views
from hazard_flow.hazards.views import HazardPage
from hazard_flow.identity.models import Personal
from hazard_flow.notifications.panels import delivery_rows
from hazard_flow.reports import gather
from hazard_flow.reports.compose import compose, record_of
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import on_postgres_only
from tests.harness.refusals import said

WHO = "李巡检"
ENTERPRISE = ["韩总", "何安全", "赵经理", "王班长", "周调度", "徐复查", "孟安全"]
ZONE = ZoneInfo("Asia/Shanghai")


def traces(city: City, shown: Any) -> list[str]:
    """How the reporter shows in something."""
    text = shown if isinstance(shown, str) else repr(shown)
    person = city.person(WHO)
    return [mark for mark in (WHO, str(person), person.hex) if mark in text]


def page_of(city: City, session: Session, hazard: Hazard, who: str, *, locale: str = "zh") -> HazardPage:
    """The hazard's page as somebody reads it."""
    actor = city.actor(who)
    judged = allowed(session, hazard, actor, now=city.now)
    return case(session, hazard, Reader(actor, locale, city.now), judged).page


def everything(city: City, hazard: Hazard, who: str) -> str:
    """All that somebody of the enterprise can read of a hazard, in one text."""
    actor = city.actor(who)
    with city.database.reading(actor.scope) as session:
        found = queries.by_number(session, hazard.number)
        parts: list[Any] = [
            detail(session, found, actor, now=city.now, asset=None).model_dump_json(),
            *(event_view(e).model_dump_json() for e in queries.events(session, found)),
            *(v.model_dump_json() for v in evidence_views(found, queries.evidence(session, found))),
            delivery_rows(session, found, "zh", reader=actor, zone=ZONE, now=city.now),
        ]
        parts += [repr(page_of(city, session, found, who, locale=locale)) for locale in ("zh", "en")]
        return "\n".join(map(str, parts))


def test_before_it_is_handed_on_the_enterprise_sees_nothing(city: City):
    hazard = city.report_protected()

    assert (hazard.state, hazard.stage) == ("received", "reported")
    for who in ENTERPRISE:
        with city.database.reading(city.actor(who).scope) as session:
            with pytest.raises(NotFound):
                queries.by_number(session, hazard.number)
            listed = queries.page(session, Filter(), now=city.now, cursor=None, limit=50)
            assert listed.items == [], who
            drawn = board(session, city.actor(who), Filter(), locale="zh", now=city.now)
            assert sum(column.count for column in drawn.columns) == 0, who
        assert city.inbox(who) == []
    with pytest.raises(NotFound):
        city.act("何安全", hazard, "start_control", control="GUARD")


def test_the_regulator_hears_at_once_and_sees_who(city: City):
    hazard = city.report_protected()

    assert {m.who for m in city.told(hazard)} == {"唐监管"}
    actor = city.actor("唐监管")
    with city.database.reading(actor.scope) as session:
        found = queries.by_number(session, hazard.number)
        assert detail(session, found, actor, now=city.now, asset=None).reporter.name == WHO
        page = page_of(city, session, found, "唐监管")
        digest = found.details["protected_reporter"]["sha256"]
        kept = session.scalar(sa.select(Personal).where(Personal.digest == digest))
    assert (page.organisation, page.state_label) == ("恒川燃气", "监管部门受理中")
    assert [f.value for f in page.facts if f.label == "上报人"] == [WHO]
    assert kept.value == str(city.person(WHO))


def test_the_regulator_finds_it_under_the_enterprise_s_name(city: City):
    hazard = city.report_protected()
    wanted = Filter(organisation=city.founded.units["恒川燃气"])

    with city.database.reading(city.actor("唐监管").scope) as session:
        found = queries.page(session, wanted, now=city.now, cursor=None, limit=50)
    assert [h.number for h in found.items] == [hazard.number]
    with city.database.reading(city.actor("方监管").scope) as session:  # another district's
        assert queries.page(session, Filter(), now=city.now, cursor=None, limit=50).items == []


def test_the_reporter_sees_their_own_report_and_may_add_to_it(city: City):
    hazard = city.report_protected()
    actor = city.actor(WHO)

    city.act(WHO, hazard, "attach", evidence=[city.photo(stage="control")], note="补充照片")
    with city.database.reading(actor.scope) as session:
        found = queries.by_number(session, hazard.number)
        shown = detail(session, found, actor, now=city.now, asset=None)
        mine = queries.page(session, Filter(mine=True), now=city.now, cursor=None, limit=50)
        page = page_of(city, session, found, WHO)

    assert shown.reporter.name == WHO
    assert [h.id for h in mine.items] == [hazard.id]
    assert [e.who for e in city.events(hazard)] == ["protected", "protected"]
    assert [entry.actor for entry in page.timeline] == ["受保护的上报人", "受保护的上报人"]


def test_handed_on_it_is_classified_as_usual_and_nobody_learns_who(city: City):
    hazard = city.report_protected(reporter_phone="13800000000")
    city.act(WHO, hazard, "attach", evidence=[city.photo(stage="control")])

    city.take_up(hazard)

    handed = city.look(hazard)
    assert (handed.state, handed.path) == ("reported", city.founded.paths["运行一班"])
    assert "何安全" in {m.who for m in city.told(hazard, template="task")}
    assert "classify" in city.timers(hazard)
    city.control(hazard)
    for who in ("韩总", "何安全", "赵经理", "王班长"):
        assert traces(city, everything(city, hazard, who)) == [], who


def test_to_the_very_end_nothing_shows_who_it_was(city: City):
    hazard = city.report_protected()
    city.take_up(hazard)
    city.assign(hazard)
    city.accept(hazard)
    city.request_lowering(hazard, by="赵经理")
    city.decide_lowering(hazard, decision="rejected", opinion="依据不足，不同意")
    city.submit(hazard)
    city.fail(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.fast_forward(days=4)
    city.close(hazard)

    # told that it is over, and nobody else sees that they were
    assert [(m.template, m.channel) for m in city.inbox(WHO)] == [("closed", "inbox")]
    for who in ("韩总", "何安全", "王班长"):
        assert traces(city, everything(city, hazard, who)) == [], who
    with city.database.reading(SYSTEM) as session:
        sources = gather.read(session, hazard.id)
    record = record_of(sources)
    assert traces(city, record.decode()) == []
    assert json.loads(record)["events"][0]["actor"] == "protected"
    file = compose(sources, record_bytes=record, version=1, verify_url="", qr_asset="", prints={})
    assert traces(city, file) == []
    assert "受保护的上报人" in repr(file)


def test_evidence_names_no_uploader(city: City):
    hazard = city.report_protected()
    city.act(WHO, hazard, "attach", evidence=[city.photo(stage="control")])

    assert {e.uploaded_by for e in city.evidence(hazard)} == {None}


def test_work_of_their_own_is_done_under_their_name_like_everybody_s(city: City):
    hazard = city.report_protected()
    city.take_up(hazard)

    city.control(hazard, by=WHO)  # as the inspector of this team
    city.assign(hazard, responsible=city._id(WHO))
    city.accept(hazard)

    by = {e.action: e.who for e in city.events(hazard)}
    assert (by["report_protected"], by["start_control"], by["accept"]) == ("protected", WHO, WHO)
    assert city.look(hazard).proceedings["controls"][0]["by"] == str(city.person(WHO))
    # a gap where everybody else stands by name would say who reported
    actor = city.actor("何安全")
    with city.database.reading(actor.scope) as session:
        found = queries.by_number(session, hazard.number)
        shown = detail(session, found, actor, now=city.now, asset=None)
        page = page_of(city, session, found, "何安全")
    assert shown.reporter is None
    assert (shown.responsible_person.name, shown.controls_open[0].by.name) == (WHO, WHO)
    assert [entry.actor for entry in page.timeline if entry.actor == WHO] == [WHO, WHO]
    assert [f.value for f in page.facts if f.label == "上报人"] == ["受保护的上报人"]


def test_naming_them_as_the_only_rechecker_tells_nothing(city: City):
    """Of an open report the form says that its reporter must not re-check alone: the same words would say who it was."""
    hazard = city.report_protected()
    city.take_up(hazard)

    city.assign(hazard, verifiers=[city._id(WHO)])

    assert city.look(hazard).state == "assigned"


def test_the_enterprise_does_not_make_it_go_away(city: City):
    hazard = city.report_protected()
    city.take_up(hazard)

    with pytest.raises(Refused) as refusal:
        city.dismiss(hazard, by="何安全")
    assert said(refusal) == {("guard", "finder_side_dismisses")}

    city.dismiss(hazard, by="唐监管")
    assert {m.who for m in city.told(hazard, template="closed")} == {WHO}


def test_dismissed_before_it_was_handed_on_it_stays_with_the_regulator(city: City):
    hazard = city.report_protected()

    city.dismiss(hazard, by="唐监管")

    assert city.look(hazard).resolution == "dismissed"
    for who in ENTERPRISE:
        with city.database.reading(city.actor(who).scope) as session, pytest.raises(NotFound):
            queries.by_number(session, hazard.number)
    assert [m.template for m in city.inbox(WHO)] == ["closed"]
    with city.database.reading(SYSTEM) as session:
        assert gather.read(session, hazard.id).enterprise.name_zh == "恒川燃气"  # its file can be made


def test_nobody_merges_into_what_they_cannot_know_of(city: City):
    hidden = city.report_protected(by="赵经理")
    seen = city.report(by=WHO)

    with pytest.raises(Refused) as refusal:
        city.merge(seen, hidden, by="赵经理")  # who reported it sees it, but a merge would tell all

    assert said(refusal) == {("merge_into", "hazard_unknown")}


def test_nobody_takes_it_up_and_that_climbs_inside_the_regulator(city: City):
    hazard = city.report_protected()

    city.fast_forward(days=8)

    told = [f.told for f in city.firings(hazard, "receive")]
    assert told[:3] == [("唐监管",), ("梁处长", "陈处长"), ("梁处长", "陈处长")]
    everybody = {m.who for m in city.told(hazard)}
    assert everybody == {"唐监管", "梁处长", "陈处长"}  # its make-safe clock stays there, too


@pytest.mark.parametrize("who", ["何安全", "韩总", WHO, "卢主任", "方监管"])
def test_only_its_own_officers_take_it_up(city: City, who: str):
    hazard = city.report_protected()

    with pytest.raises((NotAllowed, NotFound)):
        city.take_up(hazard, by=who)


def test_a_suspected_major_past_the_manager_has_two_hours(city: City):
    hazard = city.report_protected("违章建筑压在管线上", suspected_level="major")

    assert (hazard.level, hazard.state) == ("major", "received")
    assert city.timers(hazard)["receive"].expires_at - city.now == timedelta(hours=2)
    city.request_lowering(hazard, by="唐监管")
    city.lower_to_general(hazard, by="梁处长")
    assert (city.look(hazard).level, city.look(hazard).state) == ("general", "received")
    for who in ENTERPRISE:
        assert city.inbox(who) == []
    city.take_up(hazard)
    assert city.look(hazard).state == "reported"


def test_an_officer_has_no_manager_to_pass(city: City):
    with pytest.raises(NotAllowed):
        city.report_protected(by="唐监管", asset="VW-1")


def test_somebody_told_for_another_reason_is_told_openly(city: City):
    hazard = city.report_protected(by="何安全")
    city.take_up(hazard)

    tasks = [m for m in city.told(hazard, template="task") if m.params["state"] == "reported"]
    assert {m.who for m in tasks} == {"何安全"}  # a gap in the list would say who reported
    with city.database.reading(city.actor("韩总").scope) as session:
        found, reader = queries.by_number(session, hazard.number), city.actor("韩总")
        rows = delivery_rows(session, found, "zh", reader=reader, zone=ZONE, now=city.now)
    assert {row.who for row in rows} >= {"何安全"}


@on_postgres_only
def test_the_database_itself_gives_the_enterprise_nothing(city: City):
    hazard = city.report_protected(reporter_phone="13800000000", witness="赵大妈")
    city.act(WHO, hazard, "attach", evidence=[city.photo(stage="control")])
    tables = {
        "hazard": "id", "hazard_event": "hazard_id", "hazard_party": "hazard_id", "evidence": "hazard_id",
        "timer": "subject_id", "outbox": "subject_id", "personal": "subject_id", "request_key": "hazard_id",
    }  # fmt: skip

    def counts(who: str) -> dict[str, int]:
        with city.database.reading(city.actor(who).scope) as session:
            return {
                table: session.execute(
                    sa.text(f"SELECT count(*) FROM {table} WHERE {column} = :id"), {"id": hazard.id}
                ).scalar_one()
                for table, column in tables.items()
            }

    for who in ENTERPRISE:
        assert set(counts(who).values()) == {0}, who
    assert counts("唐监管")["personal"] == 3

    city.take_up(hazard)
    city.dismiss(hazard, by="唐监管")
    for who in ("韩总", "何安全", "王班长"):
        seen = counts(who)
        assert (seen["hazard"], seen["personal"], seen["request_key"]) == (1, 0, 0), who
        with city.database.reading(city.actor(who).scope) as session:
            people = session.scalars(
                sa.text("SELECT person_id FROM outbox WHERE subject_id = :id"), {"id": hazard.id}
            ).all()
        assert city.person(WHO) not in people, who
