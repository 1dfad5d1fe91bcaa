"""The warning chain: told, heard, gone, judged, put away; who may do what when, and what happens when nobody comes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import KeyReused, NotAllowed, NotFound, Refused, VersionConflict
from hazard_flow.identity.actor import system_actor
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk import operations
from hazard_flow.telemetry.desk.operations import AlertMovedOn
from tests.telemetry.desk_city import DeskCity


def test_every_alert_is_told_and_asked_for_by_its_level(desk: DeskCity) -> None:
    low, high, fault = (
        desk.alarm("G-101"),
        desk.alarm("G-900", 60, 60, 60),
        desk.alarm("G-102"),
    )
    assert desk.steps(low) == ["published"]
    limits = [desk.row(one).duty.due_at - desk.row(one).duty.asked_at for one in (low, high, fault)]
    assert limits == [timedelta(minutes=15), timedelta(minutes=5), timedelta(minutes=15)]
    assert desk.listed() == [high.id, low.id, fault.id]  # the soonest due first


def test_the_chain_goes_from_hand_to_hand_with_person_and_clock(desk: DeskCity) -> None:
    alert = desk.alarm()
    for act, given in (
        ("acknowledge", {}),
        ("respond", {"note": "北片班已出发"}),
        ("feed_back", {"cause": "biogas", "reading": "1.2", "unit": "%LEL", "note": "井内沼气"}),
    ):
        desk.city.pass_time(minutes=2)
        desk.do(act, alert, **given)
    with pytest.raises(AlertMovedOn) as still:
        desk.do("archive", alert)
    assert [one.code for one in still.value.fields] == ["alert_firing"]
    desk.city.measure("G-101", *[2] * 12)
    desk.city.drain()
    assert desk.listed("open") == [alert.id]
    desk.do("archive", alert)

    assert desk.steps(alert) == ["published", "acknowledged", "responded", "fed_back", "archived"]
    row = desk.row(alert)
    assert (row.duty.stage, row.duty.verdict, row.duty.cause) == ("archived", "false_alarm", "biogas")
    assert row.duty.judged_by == desk.people["duty_desk"].id
    assert row.duty.acknowledged_by == desk.people["duty_desk"].id
    assert (desk.listed(), desk.listed("archived")) == ([], [alert.id])
    assert desk.city.hazard().closed_at is None  # a verdict closes nothing


@pytest.mark.parametrize(
    ("act", "given", "why"),
    [
        ("respond", {"note": "去了"}, "alert_not_received"),
        ("feed_back", {"cause": "test", "reading": "1", "unit": "%LEL"}, "alert_not_responded"),
        ("archive", {}, "alert_not_fed_back"),
        ("show", {}, "alert_not_hidden"),
    ],
)
def test_no_link_of_the_chain_is_skipped(small_desk: DeskCity, act: str, given: dict, why: str) -> None:
    alert = small_desk.alarm()
    with pytest.raises(AlertMovedOn) as refused:
        small_desk.do(act, alert, **given)
    assert why in {one.code for one in refused.value.fields}
    assert small_desk.steps(alert) == ["published"]


def test_a_verdict_takes_a_person_and_a_reading_on_site(small_desk: DeskCity) -> None:
    alert = small_desk.alarm()
    small_desk.do("acknowledge", alert)
    small_desk.do("respond", alert, note="北片班已出发")
    for given, wrong in (
        ({"cause": "test"}, {("reading", "alert_needs_reading")}),
        ({"cause": "test", "reading": "dry", "unit": "%LEL"}, {("reading", "not_a_number")}),
        ({"cause": "test", "reading": "1", "unit": "furlong"}, {("unit", "unknown_choice")}),
        ({"cause": "ghosts", "reading": "1", "unit": "%LEL"}, {("cause", "unknown_choice")}),
    ):
        with pytest.raises(Refused) as refused:
            small_desk.do("feed_back", alert, **given)
        assert {(one.field, one.code) for one in refused.value.fields} == wrong
    with small_desk.city.database.transaction(SYSTEM) as session, pytest.raises(NotAllowed):
        operations.feed_back(
            session, actor=system_actor("telemetry"), alert_id=alert.id, cause="test", reading="1", unit="%LEL",
            request_key="k", now=small_desk.now,
        )  # fmt: skip
    assert small_desk.row(alert).duty.verdict is None


def test_an_unknown_cause_leaves_it_open_and_a_later_verdict_counts(small_desk: DeskCity) -> None:
    alert = small_desk.alarm()
    small_desk.to_the_end(alert, cause="unknown")
    small_desk.city.measure("G-101", *[2] * 12)
    small_desk.city.drain()
    with pytest.raises(AlertMovedOn) as refused:
        small_desk.do("archive", alert)
    assert [one.code for one in refused.value.fields] == ["alert_undecided"]
    small_desk.do("feed_back", alert, cause="leak", reading="22", unit="%LEL")
    assert small_desk.do("archive", alert).verdict == "true_alarm"
    assert small_desk.steps(alert).count("fed_back") == 2  # both stay


def test_the_same_request_twice_is_one_step(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("acknowledge", alert, key="once")
    assert desk.do("acknowledge", alert, key="once").acknowledged_by == desk.people["duty_desk"].id
    assert desk.steps(alert) == ["published", "acknowledged"]
    with pytest.raises(KeyReused):
        desk.do("acknowledge", alert, key="once", note="another")
    with pytest.raises(AlertMovedOn):
        desk.do("acknowledge", alert)
    with pytest.raises(VersionConflict):
        desk.do("respond", alert, note="北片班", expected_version=1)


def test_strangers_find_nothing_and_the_powerless_may_not(desk: DeskCity) -> None:
    alert = desk.alarm()
    assert desk.listed(who="stranger") == []
    with pytest.raises(NotFound):
        desk.do("acknowledge", alert, "stranger")
    for who in ("inspector", "administrator"):
        with pytest.raises(NotAllowed):
            desk.do("acknowledge", alert, who)
    with pytest.raises(NotAllowed):
        desk.do("hide", alert, kind="suppressed", reason="设计如此", hours=2)
    assert desk.steps(alert) == ["published"]


def test_an_alert_nobody_acknowledges_becomes_the_operators_hazard_once(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.tick(minutes=14)
    assert desk.missed() == []
    desk.tick(minutes=2)
    [hazard] = desk.missed()
    assert (hazard.catalogue_code, hazard.organisation_id) == ("MON-G01", desk.city.enterprise_id)
    assert desk.steps(alert) == ["published", "missed"]
    desk.tick(hours=1)
    assert len(desk.missed()) == 1
    assert desk.row(alert).duty.misses == 1
    assert desk.listed() == [alert.id]  # it still waits
    desk.do("acknowledge", alert)
    assert desk.steps(alert)[-1] == "acknowledged"


def test_a_storm_nobody_hears_is_one_hazard_and_not_three(desk: DeskCity) -> None:
    for device in ("G-101", "G-102", "G-103"):
        desk.alarm(device)
    desk.tick(minutes=30)
    assert len(desk.missed()) == 1
    desk.alarm("G-900", 60, 60, 60)
    desk.tick(minutes=6)
    [hazard] = desk.missed()
    assert desk.city.events(hazard) == ["report", "alarm"]


def test_acknowledged_in_time_there_is_no_hazard_and_no_timer(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("acknowledge", alert)
    assert desk.city._all(sa.select(Timer).where(Timer.subject_kind == "alert")) == []
    desk.tick(hours=2)
    assert desk.missed() == []


def test_a_rise_to_level_2_is_asked_for_again_and_sooner(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("acknowledge", alert)
    assert desk.alarm("G-101", 60, 60, 60).id == alert.id
    duty = desk.row(alert).duty
    assert (duty.acknowledged_at, duty.due_at - duty.asked_at) == (None, timedelta(minutes=5))
    assert desk.steps(alert) == ["published", "acknowledged", "rose"]
    desk.tick(minutes=6)
    assert len(desk.missed()) == 1


def test_many_are_acknowledged_at_once_but_each_of_level_2_by_itself(desk: DeskCity) -> None:
    alerts = [desk.alarm("G-101"), desk.alarm("G-102"), desk.alarm("G-900", 60, 60, 60)]
    actor = desk.people["duty_desk"]
    for _ in range(2):
        with desk.city.database.transaction(actor.scope) as session:
            done = operations.acknowledge_many(
                session, actor=actor, alert_ids=[one.id for one in alerts], request_key="storm", now=desk.now
            )
    assert done == 0  # the second time
    heard = [desk.row(one).standing.is_acknowledged for one in alerts]
    assert heard == [True, True, False]
