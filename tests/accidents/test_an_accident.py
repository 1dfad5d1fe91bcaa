"""An accident from the first call to its end: clocks, reports, supplements, judgement, lessons, erasure."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.accidents import casualties, lessons, queries, sending
from hazard_flow.accidents.models import Accident, AccidentStep
from hazard_flow.accidents.steps import AccidentClosed, find
from hazard_flow.assets.operations import add_asset
from hazard_flow.errors import KeyReused, NotAllowed, NotFound, Refused
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation, Personal
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.oversight import accident_does, happened, heard, key, limits_of, received, reported


def now_of(city: City, accident: Accident) -> Accident:
    with city.database.reading(SYSTEM) as session:
        return session.get_one(Accident, accident.id)


def wrong(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in refused.value.fields}


def test_the_principal_owes_the_first_report_within_the_hour_and_the_ladder_climbs(city: City):
    accident = happened(city, minutes_ago=0, dead="1")
    limit = limits_of(city, accident.id)["accident_report_enterprise"]

    assert limit.due_at == accident.known_at + timedelta(hours=1)
    assert city.name(limit.responsible_id) == "韩总"
    city.fast_forward(hours=2)
    told = heard(city, accident.id, "accident_report_enterprise")
    assert told[0] == (1, {"韩总", "何安全"})
    assert "唐监管" in told[2][1]
    assert {"陈处长", "梁处长"} <= told[3][1]
    assert limits_of(city, accident.id)["accident_report_enterprise"].colour == "red"


def test_each_level_has_two_hours_and_the_receipt_is_written_down(city: City):
    accident = happened(city, minutes_ago=0, dead="1")
    city.fast_forward(minutes=40)
    reported(city, accident, by="韩总", to="county")
    told = limits_of(city, accident.id)
    assert told["accident_report_enterprise"].outcome == "met"
    assert told["accident_report_county"].due_at == city.now + timedelta(hours=2)
    with city.database.reading(city.actor("唐监管").scope) as session:
        assert sending.unread(session, find(session, accident.id)) == {"county": 1}
    received(city, accident, by="唐监管")
    city.fast_forward(hours=3)
    reported(city, accident, by="唐监管", to="city")
    assert limits_of(city, accident.id)["accident_report_county"].outcome == "met_late"


def test_a_report_by_telephone_counts_when_it_was_said(city: City):
    accident = happened(city, minutes_ago=0)
    said_at = city.now + timedelta(minutes=30)
    city.fast_forward(hours=2)
    reported(city, accident, by="何安全", to="county", at=said_at)
    limits = limits_of(city, accident.id)
    assert limits["accident_report_enterprise"].outcome == "met"
    # and the next level's clock runs from then too
    assert limits["accident_report_county"].due_at == said_at + timedelta(hours=2)


def test_only_the_level_that_owes_a_report_makes_it(city: City):
    accident = happened(city)
    for who, to in (("赵经理", "county"), ("唐监管", "county"), ("何安全", "city"), ("陈处长", "city")):
        with pytest.raises(NotAllowed):
            reported(city, accident, by=who, to=to)
    reported(city, accident, by="何安全", to="county")
    with pytest.raises(sending.NothingOwed):
        reported(city, accident, by="何安全", to="county")
    with pytest.raises(NotAllowed):
        received(city, accident, by="何安全")


def test_another_enterprise_and_another_district_do_not_know_of_it(city: City):
    accident = happened(city)
    for who in ("马安全", "方监管"):
        with city.database.reading(city.actor(who).scope) as session, pytest.raises(NotFound):
            find(session, accident.id)
        if city.on_postgres:
            with city.database.reading(city.actor(who).scope) as session:
                for table in ("accident", "accident_step", "accident_link"):
                    assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0, (who, table)


def test_casualties_that_change_are_a_new_version_every_level_is_told_and_the_class_follows(city: City):
    accident = happened(city, minutes_ago=0, dead="2", seriously_injured="9")
    assert accident.accident_class == "ordinary"
    reported(city, accident, by="韩总", to="county")
    reported(city, accident, by="唐监管", to="city")
    assert {one.outcome for one in limits_of(city, accident.id).values()} == {"met"}
    city.fast_forward(hours=20)
    accident_does(
        city,
        "supplement",
        accident,
        by="何安全",
        given={"dead": "3", "seriously_injured": "8", "reason": "一名伤员抢救无效"},
    )

    stands = now_of(city, accident)
    assert (stands.accident_class, stands.figures, stands.dead) == ("larger", 2, 3)
    limit = limits_of(city, accident.id)["accident_report_enterprise"]
    assert limit.is_open
    assert limit.due_at == city.now + timedelta(hours=1)
    reported(city, accident, by="何安全", to="county")
    reported(city, accident, by="唐监管", to="city")
    assert all(not one.is_open for one in limits_of(city, accident.id).values())


def test_what_did_not_change_is_no_supplement(city: City):
    accident = happened(city, dead="1")
    with pytest.raises(Refused) as refused:
        accident_does(city, "supplement", accident, by="何安全", given={"dead": "1"})
    assert wrong(refused) == {("dead", "nothing_changed"), ("reason", "required")}


def test_a_near_miss_owes_no_report_and_hurt_nobody(city: City):
    near = happened(
        city, by="王班长", kind="near_miss", category="third_party_damage", title="挖掘机擦碰管线"
    )
    assert near.number.startswith("WS-")
    assert near.accident_class is None
    assert limits_of(city, near.id) == {}
    with pytest.raises(Refused) as refused:
        happened(city, kind="near_miss", dead="1")
    assert wrong(refused) == {("kind", "no_near_miss")}


def test_everything_wrong_is_told_at_once_and_nothing_is_kept(city: City):
    with pytest.raises(Refused) as refused:
        happened(
            city, category="quake", title="", place="", dead="-1", loss_yuan="viel", known_at="2020-01-01T00:00",
            occurred_at="2099-01-01T00:00", asset="nowhere",
        )  # fmt: skip
    assert wrong(refused) == {
        ("category", "unknown_choice"), ("title", "required"), ("dead", "out_of_range"),
        ("loss_yuan", "out_of_range"), ("occurred_at", "in_the_future"), ("asset", "unknown_asset"),
    }  # fmt: skip
    with city.database.reading(SYSTEM) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Accident)) == 0


def test_the_same_request_twice_is_one_accident_and_another_under_its_key_is_refused(city: City):
    same = key()
    first = happened(city, request_key=same)
    assert happened(city, request_key=same).id == first.id
    with pytest.raises(KeyReused):
        happened(city, request_key=same, title="另一起")


def test_a_hazard_that_turned_into_it_is_linked_from_both_and_goes_its_own_way(city: City):
    hazard = city.report("阀井漏气，读数偏高", asset="VW-1")
    accident = happened(city, hazard=hazard.number, place="")
    assert accident.asset_id == city.founded.assets["VW-1"]
    with city.database.reading(city.actor("何安全").scope) as session:
        [(found, link)] = queries.of_target(session, "hazard", hazard.id)
        assert (found.id, link.is_origin) == (accident.id, True)
        kinds = {one.kind for one in queries.links(session, found)}
    assert kinds == {"hazard", "asset"}
    assert city.bring_to(hazard, "closed").stage == "closed"


def test_a_lower_team_cannot_enter_for_a_place_it_does_not_see_so_it_is_its_own(city: City):
    accident = happened(city, by="王班长", asset="VW-9")
    assert accident.organisation_id == city.founded.units["运行一班"]
    assert accident.asset_id == city.founded.assets["VW-9"]


def test_responsibility_and_concealment_are_the_regulators_and_feed_the_veto(city: City):
    accident = happened(city, dead="1")
    for who in ("何安全", "韩总"):
        with pytest.raises(NotAllowed):
            accident_does(
                city, "judge", accident, by=who, responsibility="responsible", concealment="", reason="调查"
            )
    home, other = city.founded.units["恒川燃气"], city.founded.units["安平燃气"]
    since, until = city.now - timedelta(days=1), city.now + timedelta(days=1)

    def vetoes() -> list[str]:
        with city.database.reading(city.actor("唐监管").scope) as session:
            found = queries.veto_facts(session, [home, other], since, until)
        assert set(found) <= {home}
        return [one.kind for one in found.get(home, [])]

    assert vetoes() == []
    accident_does(
        city, "judge", accident, by="唐监管", responsibility="responsible", concealment="late", reason="迟报"
    )
    assert vetoes() == ["responsible_death"]
    accident_does(
        city,
        "judge",
        accident,
        by="陈处长",
        responsibility="responsible",
        concealment="concealed",
        reason="瞒报",
    )
    assert vetoes() == ["responsible_death", "concealed_accident"]


def test_it_closes_only_with_cause_responsibility_and_every_report_made(city: City):
    accident = happened(city, dead="1")
    with pytest.raises(Refused) as refused:
        accident_does(city, "close", accident, by="唐监管")
    assert wrong(refused) == {
        ("cause_direct", "accident_needs_cause"), ("responsibility", "accident_needs_responsibility"), ("to", "accident_owes_reports"),
    }  # fmt: skip
    reported(city, accident, by="韩总", to="county")
    reported(city, accident, by="唐监管", to="city")
    accident_does(
        city,
        "explain",
        accident,
        by="何安全",
        given={"cause_direct": "法兰泄漏", "lesson": "同类阀井全面检测"},
    )
    accident_does(
        city,
        "judge",
        accident,
        by="唐监管",
        responsibility="not_responsible",
        concealment="",
        reason="第三方",
    )
    accident_does(city, "close", accident, by="唐监管")
    with pytest.raises(AccidentClosed):
        accident_does(city, "explain", accident, by="何安全", given={"cause_direct": "另一个"})


def test_steps_can_never_be_changed(city: City):
    accident = happened(city)
    for statement in (sa.update(AccidentStep).values(act="forged"), sa.delete(AccidentStep)):
        with pytest.raises(sa.exc.DBAPIError), city.database.transaction(SYSTEM) as session:
            session.execute(statement.where(AccidentStep.subject_id == accident.id))


def test_who_was_hurt_is_in_no_step_and_can_be_erased_for_ever(city: City):
    accident = happened(city, seriously_injured="1")
    he, tang = city.actor("何安全"), city.actor("唐监管")
    with city.database.transaction(he.scope) as session:
        casualties.enter(
            session, actor=he, accident_id=accident.id, outcome="seriously_injured", name="周某某", words="面部烧伤",
            request_key=key(), now=city.now,
        )  # fmt: skip
    with city.database.reading(he.scope) as session:
        [known] = casualties.known(session, find(session, accident.id))
        assert (known.name, known.note) == ("周某某", "面部烧伤")
        said = [(one.act, one.data) for one in queries.steps(session, find(session, accident.id))]
    assert "周某某" not in str(said)
    with city.database.transaction(he.scope) as session, pytest.raises(NotAllowed):
        casualties.erase(
            session,
            actor=he,
            accident=find(session, accident.id),
            casualty_id=known.id,
            request_key=key(),
            now=city.now,
        )
    with city.database.transaction(tang.scope) as session:
        casualties.erase(
            session,
            actor=tang,
            accident=find(session, accident.id),
            casualty_id=known.id,
            request_key=key(),
            now=city.now,
        )
    with city.database.reading(SYSTEM) as session:
        [gone] = casualties.known(session, session.get_one(Accident, accident.id))
        assert gone.is_erased
        assert gone.outcome == "seriously_injured"
        values = session.scalars(sa.select(Personal.value).where(Personal.subject_id == accident.id)).all()
    assert values == [None, None]


def test_similar_places_are_offered_and_what_is_accepted_becomes_a_task(city: City):
    accident = happened(city, asset="VW-1")
    he, made = city.actor("何安全"), []

    def make(session, followed):
        made.append([one.code for one in followed.assets])
        return {one.id: f"/trial/{one.code}" for one in followed.assets}

    with city.database.transaction(he.scope) as session:
        lessons.propose(session, actor=he, accident_id=accident.id, request_key=key(), now=city.now)
    with city.database.transaction(he.scope) as session:
        lessons.decide(
            session, actor=he, accident_id=accident.id, asset_ids=[city.founded.assets["VW-9"]], accept=True,
            due_at=city.now + timedelta(days=7), follow_up=lessons.FollowUp(make), request_key=key(), now=city.now,
        )  # fmt: skip
    assert made == [["VW-9"]]
    with city.database.reading(he.scope) as session:
        [lesson] = lessons.of(session, find(session, accident.id))
        assert (lesson.state, lesson.href) == ("accepted", "/trial/VW-9")
        # the other enterprise's well is not the safety director's to see
        assert lesson.asset_id == city.founded.assets["VW-9"]


def test_the_nearest_places_of_the_same_kind_come_first(city: City):
    with city.database.transaction(SYSTEM) as session:
        team = session.get_one(Organisation, city.founded.units["运行一班"])
        for code, kind, lon in (
            ("VW-FAR", "valve_well", 119.9),
            ("VW-NEAR", "valve_well", 119.41),
            ("RG-1", "regulator", 119.4),
        ):
            add_asset(
                session, organisation=team, code=code, kind=kind, label=Label(zh=code, en=code), now=city.now,
                address="路 1 号", lon=lon, lat=32.4,
            )  # fmt: skip
    accident = happened(city, asset="VW-1")
    with city.database.reading(city.actor("何安全").scope) as session:
        found = [one.code for one in lessons.similar(session, find(session, accident.id))]
    assert found == ["VW-9", "VW-NEAR", "VW-FAR"]


def test_an_alert_nobody_here_sees_cannot_be_linked(city: City):
    accident = happened(city)
    with pytest.raises(Refused) as refused:
        accident_does(city, "link", accident, by="何安全", kind="alert", target=str(uuid.uuid4()))
    assert wrong(refused) == {("target", "unknown_alert")}
