"""Hiding an alert: a person, a reason, an end; never level 2, never the evaluation, never the hazard; back at once when it is over."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hazard_flow.errors import NotAllowed, Refused
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk.models import AlertStep
from hazard_flow.telemetry.desk.operations import AlertMovedOn
from hazard_flow.telemetry.desk.rules import HIDINGS
from tests.telemetry.desk_city import DeskCity

WORK = {"kind": "out_of_service", "reason": "更换探头", "work_order": "WO-77", "hours": 24}
SHELF = {"kind": "shelved", "reason": "井内沼气，已派修", "hours": 8}


def test_a_shelved_alert_is_off_the_list_and_back_at_once(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("hide", alert, **SHELF)
    assert (desk.listed(), desk.listed("hidden")) == ([], [alert.id])
    desk.tick(hours=7, minutes=59)
    assert desk.listed() == []
    assert desk.missed() == []  # whoever shelved it has seen it
    desk.tick(minutes=2)
    assert desk.listed() == [alert.id]
    assert desk.steps(alert) == ["published", "shelved", "surfaced"]
    assert desk.row(alert).duty.due_at == desk.now + timedelta(minutes=15)  # asked for anew
    desk.tick(minutes=16)
    assert len(desk.missed()) == 1


def test_the_list_does_not_wait_for_the_worker(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("hide", alert, **SHELF)
    desk.city.pass_time(hours=8, seconds=1)
    assert desk.listed() == [alert.id]


def test_every_hiding_has_its_person_its_reason_and_its_end(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("hide", alert, "dept_manager", **WORK)
    [hiding] = desk.hidings()
    assert (hiding.kind, hiding.work_order, hiding.person_id) == (
        "out_of_service",
        "WO-77",
        desk.people["dept_manager"].id,
    )
    assert hiding.until_at - hiding.since_at == timedelta(hours=24)
    [step] = [one for one in desk.city._all(sa.select(AlertStep)) if one.kind == "out_of_service"]
    assert (step.person_id, step.data["reason"]) == (desk.people["dept_manager"].id, "更换探头")
    with pytest.raises(DBAPIError), desk.city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(AlertStep).values(kind="shown"))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"hours": 9}, ("until", "alert_hidden_too_long")),
        ({"hours": 0}, ("until", "alert_hidden_too_long")),
        ({"reason": "吵"}, ("reason", "too_short")),
        ({"kind": "forgotten"}, ("kind", "unknown_choice")),
    ],
)
def test_a_wish_without_reason_or_end_is_refused(
    small_desk: DeskCity, change: dict, wrong: tuple[str, str]
) -> None:
    alert = small_desk.alarm()
    with pytest.raises(Refused) as refused:
        small_desk.do("hide", alert, "dept_manager", **{**SHELF, **change})
    assert [(one.field, one.code) for one in refused.value.fields] == [wrong]
    assert small_desk.hidings() == []


def test_repairs_name_their_work_order_and_take_somebody_above_the_desk(small_desk: DeskCity) -> None:
    alert = small_desk.alarm()
    with pytest.raises(Refused) as refused:
        small_desk.do("hide", alert, "dept_manager", **{**WORK, "work_order": ""})
    assert [(one.field, one.code) for one in refused.value.fields] == [("work_order", "required")]
    with pytest.raises(NotAllowed):
        small_desk.do("hide", alert, "duty_desk", **WORK)


@pytest.mark.parametrize("kind", HIDINGS)
def test_level_2_is_never_hidden(small_desk: DeskCity, kind: str) -> None:
    alert = small_desk.alarm("G-101", 60, 60, 60)
    with pytest.raises(AlertMovedOn) as refused:
        small_desk.do("hide", alert, "dept_manager", **{**WORK, "kind": kind, "hours": 2})
    assert [one.code for one in refused.value.fields] == ["alert_too_loud"]
    assert small_desk.listed() == [alert.id]


def test_a_hidden_alert_that_rises_to_level_2_is_back_and_asked_for(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("hide", alert, **SHELF)
    desk.alarm("G-101", 60, 60, 60)
    assert desk.listed() == [alert.id]
    assert desk.city.hazard().alarm_level == 2  # its hazard knows
    assert desk.hidings()[0].ended_at == desk.now
    duty = desk.row(alert).duty
    assert duty.due_at - duty.asked_at == timedelta(minutes=5)
    desk.alarm("G-101", 30, 30, 30, 30)  # and does not hide again when it falls
    assert desk.listed() == [alert.id]


def test_hidden_is_not_deaf_evaluation_and_hazards_go_on(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("hide", alert, "dept_manager", **WORK)
    hazard = desk.city.hazard()
    desk.city.move(hazard, "closed")
    desk.city.measure("G-101", *[2] * 12)
    later = desk.alarm("G-101", 30, 30, 30)
    assert later.id != alert.id
    assert later.hazard_id not in (None, hazard.id)  # a new episode opened its hazard all the same
    assert (desk.listed(), desk.listed("hidden")) == ([], [later.id, alert.id])
    assert desk.row(later).duty.due_at is None
    desk.tick(hours=24)
    assert desk.listed() == [later.id]  # still firing; the first one is normal
    assert desk.row(later).duty.is_asked


def test_one_hiding_at_a_time_and_it_can_be_taken_back(desk: DeskCity) -> None:
    alert = desk.alarm()
    desk.do("hide", alert, **SHELF)
    with pytest.raises(AlertMovedOn):
        desk.do("hide", alert, **SHELF)
    desk.do("show", alert)
    assert desk.listed() == [alert.id]
    assert desk.row(alert).duty.is_asked
    assert desk.steps(alert) == ["published", "shelved", "shown"]
    desk.tick(hours=9)
    assert desk.steps(alert) == [
        "published",
        "shelved",
        "shown",
        "missed",
    ]  # the old end means nothing any more


def test_what_a_manager_hid_the_desk_does_not_show(small_desk: DeskCity) -> None:
    alert = small_desk.alarm()
    small_desk.do("hide", alert, "dept_manager", **WORK)
    with pytest.raises(NotAllowed):
        small_desk.do("show", alert, "duty_desk")
    small_desk.do("show", alert, "dept_manager")
