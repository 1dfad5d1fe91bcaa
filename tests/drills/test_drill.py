"""A drill climbs every ladder with the real people and touches nothing; what it finds missing is really missing."""

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.drills import operations, queries
from hazard_flow.drills.holding import hold, newest_workflows
from hazard_flow.drills.models import DrillRung
from hazard_flow.drills.record import enterprises, findings, words_of
from hazard_flow.drills.routes import rules as limits_of
from hazard_flow.identity.actor import system_actor
from hazard_flow.identity.models import Contact, Person
from hazard_flow.notifications.dispatch import drain, post_of
from hazard_flow.schedule.models import Outbox
from hazard_flow.settings import Settings
from hazard_flow.storage.base import Base
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import opened, rules
from tests.harness.local_rules import local_rules
from tests.notifications.test_city import address_everybody

#: units with assets: both teams of one enterprise, the other enterprise's patrol
UNITS = {"运行一班", "运行二班", "安平巡检班"}


@pytest.fixture
def post(mail):
    return post_of(Settings(SMTP_URL=mail.url, PUBLIC_URL="https://hf.city.example"))


def held(city: City, post, *, unit: str | None = None, send: bool = False):
    """A drill held and filed: (the record, its rungs as they were judged)."""
    within = city.founded.paths[unit] if unit else None
    rungs = hold(city.database, post, city.now, within=within)
    with city.database.transaction(SYSTEM) as session:
        filed = operations.file_record(
            session, rungs, actor="operator:root", started_at=city.now, finished_at=city.now, sent=send,
            zone=post.zone, organisation_id=city.founded.units[unit] if unit else None,
        )  # fmt: skip
        if send:
            operations.send_out(session, filed, rungs, city.now)
    return filed, rungs


def names(city: City, rung) -> list[str]:
    return sorted(city.name(person) for person in rung.people)


def rows_of(city: City) -> dict[str, str]:
    """A fingerprint of every live table but the record itself."""
    found = {}
    with city.database.reading(SYSTEM) as session:
        for table in Base.metadata.sorted_tables:
            if not table.name.startswith("drill"):
                rows = sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_every_rung_of_every_limit_of_every_workflow_is_climbed_on_time_with_named_people(city: City, post):
    filed, rungs = held(city, post)

    expected = sum(
        len(workflow.ladders[rule.ladder])
        for workflow in newest_workflows(rules())
        for _, _, rule in limits_of(workflow)
    )
    assert len(rungs) == expected * len(UNITS) == filed.rungs
    assert {one.result for one in rungs} == {"fired"}
    assert not [
        one for one in rungs if {"not_on_time", "others_told", "not_fired", "parked"} & set(one.findings)
    ]
    assert filed.unreached == 0
    units = {city.founded.units[unit] for unit in UNITS}
    assert {one.place.organisation_id for one in rungs} == units
    assert all(one.told for one in rungs)


def test_it_tells_whom_the_ladder_means_at_each_unit(city: City, post):
    _, rungs = held(city, post, unit=HENGCHUAN)
    first = city.founded.units["运行一班"]
    control = {
        one.level: names(city, one)
        for one in rungs
        if one.place.organisation_id == first and one.workflow.key == "general" and one.rule.name == "control"
    }
    assert control == {
        0: ["周调度", "王班长"],
        1: ["何安全"],
        2: ["唐监管"],
        3: ["梁处长", "陈处长"],
    }
    early = [one for one in rungs if one.rule.name == "control" and one.level == 1]
    assert {one.unacknowledged for one in early} == {True}
    assert {one.planned_at - one.expired_at for one in early} == {timedelta(minutes=10)}


def test_it_changes_nothing_but_its_own_record(city: City, mail, post, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # other drills may run beside this one
    city.bring_to(city.report("阀井漏气，在办"), "rectifying")
    city.report("管线上方违章建筑占压", major=True)
    before, folders = rows_of(city), set(Path(tempfile.gettempdir()).glob("hazard-flow-drill-*"))

    held(city, post)

    assert rows_of(city) == before
    assert mail.got == [], "its messages go no further than the copy"
    assert set(Path(tempfile.gettempdir()).glob("hazard-flow-drill-*")) == folders, "the copy is gone"


def test_it_counts_by_the_limits_the_place_has_set_for_itself(city: City, post):
    local_rules(city.database)
    database = opened(city.database.engine.url.render_as_string(hide_password=False))

    rungs = hold(database, post, city.now, within=city.founded.paths["运行一班"])

    database.dispose()
    expired = {
        one.expired_at for one in rungs if (one.workflow.key, one.rule.name) == ("general", "classify")
    }
    assert expired == {city.now + timedelta(hours=2)}


def leave(city: City, *people: str) -> None:
    with city.database.transaction(SYSTEM) as session:
        for name in people:
            session.execute(sa.update(Person).where(Person.id == city.person(name)).values(active=False))


def test_a_vacant_post_is_found_with_the_post_above_told_instead(city: City, post):
    leave(city, "周调度")
    _, rungs = held(city, post, unit=HENGCHUAN)
    lowest = [one for one in rungs if one.rule.name == "control" and one.level == 0]
    assert lowest
    assert all("vacant" in one.findings and "duty_desk" in one.unreachable for one in lowest)
    assert all("何安全" in names(city, one) for one in lowest)


def test_an_enterprise_with_nobody_above_it_fails_the_drill(city: City, post):
    leave(city, "方监管", "陈处长", "梁处长", "卢主任")
    filed, rungs = held(city, post, unit=ANPING)
    nobody = [one for one in rungs if one.result == "nobody"]
    assert filed.unreached == len(nobody) > 0
    assert {one.level for one in nobody} >= {3}, "the ladder has no upper end"
    assert all("nobody" in one.findings for one in nobody)
    leave_back(city)


def leave_back(city: City) -> None:
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).values(active=True))


def test_where_too_few_people_are_left_to_move_a_hazard_it_is_said_and_the_ladders_are_looked_up(
    city: City, post
):
    """安平 has one inspector, one director and a principal: nobody to mend, on the spot or later, once two of them are gone."""
    leave(city, "孙巡检", "邓总")
    _, rungs = held(city, post, unit=ANPING)
    general = [one for one in rungs if one.workflow.key == "general"]
    looked_up = [one for one in general if one.stuck]
    assert {one.state for one in looked_up} - {None} == {
        "assigned", "rectifying", "submitted", "verified", "blocked", "fixed",
    }  # fmt: skip
    assert {one.result for one in looked_up} == {"resolved"}
    assert all("not_staged" in one.findings for one in looked_up)
    steps = {one.state: one.stuck.split(":")[0] for one in looked_up}
    assert steps.pop("fixed") == "fix_on_site"
    assert set(steps.values()) == {"assign"}
    leave_back(city)


def test_people_without_an_address_are_found_where_mail_is_set_up(city: City, post):
    address_everybody(city)
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Contact).where(Contact.person_id == city.person("何安全")).values(email=None)
        )
    _, rungs = held(city, post, unit="运行一班")
    flagged = {name for one in rungs if "no_address" in one.findings for name in names(city, one)}
    assert "何安全" in flagged
    without = [
        told.ways["message"]
        for one in rungs
        for told in one.told
        if told.person == city.person("唐监管") and "message" in told.ways
    ]
    assert set(without) == {"email"}


def test_calls_and_letters_are_seen_to_go_by_the_desk(city: City, post):
    _, rungs = held(city, post, unit="运行一班")
    by_word = {
        (word, way)
        for one in rungs
        for told in one.told
        for word, way in told.ways.items()
        if word in ("phone", "letter")
    }
    assert by_word == {("phone", "desk"), ("letter", "desk")}


def test_sending_tells_everybody_once_and_the_record_shows_who_acknowledged(city: City, mail, post):
    address_everybody(city)
    filed, rungs = held(city, post, unit="运行一班", send=True)
    drain(city.database, city.now, post)

    people = {person for one in rungs for person in one.people}
    assert len(mail.got) == len(people) == filed.people
    assert all("【演练】" in message["Subject"] or "[DRILL]" in message["Subject"] for _, message in mail.got)
    assert all("没有真实隐患" in message.get_content() for _, message in mail.got)
    assert {r.subject_kind for r in city.all(sa.select(Outbox))} == {"drill"}
    with city.database.reading(SYSTEM) as session:
        sent, acknowledged = queries.deliveries(session, filed)
    assert set(sent) == people
    assert {row.delivered_by for rows in sent.values() for row in rows} == {"inbox", "email"}
    assert acknowledged == {}


def test_records_are_numbered_by_day_and_can_not_be_changed(city: City, post):
    first, _ = held(city, post, unit="安平巡检班")
    second, _ = held(city, post, unit="安平巡检班")
    assert (first.number, second.number) == ("YL-20261102-01", "YL-20261102-02")
    for statement in (sa.update(DrillRung).values(result="fired"), sa.delete(DrillRung)):
        with pytest.raises(sa.exc.DBAPIError), city.database.transaction(SYSTEM) as session:
            session.execute(statement)


def test_everybody_reads_their_own_part_of_a_record(city: City, post):
    filed, _ = held(city, post)
    with city.database.reading(SYSTEM) as session:
        for who, units in (
            ("何安全", {"运行一班", "运行二班"}),
            ("马安全", {"安平巡检班"}),
            ("唐监管", {"运行一班", "运行二班"}),
            ("陈处长", UNITS),
        ):
            rows = queries.rungs_of(session, filed, city.actor(who))
            assert {one.organisation_id for one in rows} == {city.founded.units[unit] for unit in units}, who
    if city.on_postgres:
        with city.database.reading(city.actor("马安全").scope) as session:
            seen = set(session.scalars(sa.select(DrillRung.organisation_id)))
            assert seen == {city.founded.units["安平巡检班"]}, "row-level security says the same"


def test_the_record_tells_alike_ladders_once_in_both_languages(city: City, post):
    filed, judged = held(city, post)
    with city.database.reading(SYSTEM) as session:
        rows = queries.rungs_of(session, filed, system_actor("test"))
        for locale in ("zh", "en"):
            words = words_of(session, rows, locale)
            told = enterprises(rows, words)
            assert len(told) == 2
            shown = [
                rung for one in told for w in one.workflows for ladder in w.ladders for rung in ladder.rungs
            ]
            assert len(shown) < len(judged) * 0.7
            assert all(rung.who and rung.at and rung.ways for rung in shown)
            codes = [block.code for block in findings(rows, words)]
            assert "nobody_new" in codes, "the safety director is told twice where he is the holder"
            assert "nobody" not in codes
            silent = {
                ladder.note for one in told for w in one.workflows for ladder in w.ladders if ladder.note
            }
            lapses = {
                rule.if_silent: workflow.actions[rule.if_silent].label.in_(locale)
                for workflow in rules().workflows.values()
                for rule in workflow.rules
                if rule.if_silent
            }
            assert lapses
            assert all(any(label in note for note in silent) for label in lapses.values()), silent
