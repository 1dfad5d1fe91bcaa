"""What daily work owes climbs until somebody has done it; what goes wrong in it becomes a hazard."""

from datetime import date, timedelta

import pytest

from hazard_flow.daily_work import planning, queries
from hazard_flow.errors import Conflict, KeyReused, NotAllowed, NotFound, Refused
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.daily_work import (
    certificate,
    close,
    complaint,
    correct,
    cylinder,
    day,
    drill,
    hazard,
    items,
    limit,
    make_items,
    move,
    record,
    told,
    withdraw,
)


def test_every_enterprise_owes_a_drill_each_half_year_whether_it_adopted_that_or_not(city: City):
    assert make_items(city) == 2  # one for each enterprise
    assert make_items(city) == 0
    [owed] = items(city, "drills")
    assert (owed.begins_on, owed.due_on) == (date(2026, 7, 1), date(2026, 12, 31))
    city.fast_forward(days=35)
    assert make_items(city) == 2
    assert [one.begins_on for one in items(city, "drills")] == [date(2026, 7, 1), date(2027, 1, 1)]


def test_a_half_year_without_a_drill_climbs_to_the_regulator(city: City):
    make_items(city)
    [owed] = items(city, "drills")
    city.fast_forward(days=55)  # 27 December
    assert told(city, owed.id) == [(1, ["何安全"])]
    city.fast_forward(days=6)
    assert told(city, owed.id)[-1][0] == 2
    city.fast_forward(days=9)
    assert [rung for rung, _ in told(city, owed.id)] == [1, 2, 3, 4]
    assert told(city, owed.id)[-1] == (4, ["唐监管", "韩总"])
    assert limit(city, owed.id, "work_due").colour == "orange"


def test_a_drill_that_was_held_and_told_to_the_regulator_is_done(city: City):
    make_items(city)
    held = drill(city)
    [owed] = items(city, "drills")
    assert (owed.outcome, owed.record_id) == ("done", held.id)
    assert limit(city, owed.id, "work_due").outcome == "met"
    city.fast_forward(days=90)
    assert told(city, owed.id) == []


def test_a_drill_nobody_told_the_regulator_of_does_not_count_yet(city: City):
    make_items(city)
    held = drill(city, reported_on="")
    assert items(city, "drills")[0].outcome is None
    correct(city, held, reported_on=day(city))
    assert items(city, "drills")[0].outcome == "done"


def test_a_missed_half_year_is_made_good_late_and_says_so(city: City):
    make_items(city)
    [owed] = items(city, "drills")
    city.fast_forward(days=80)
    make_items(city)
    by_its_day = drill(city)
    assert by_its_day.item_id != owed.id  # it falls into the new half-year
    late = drill(city, item=owed.id)
    assert (late.item_id, items(city, "drills")[0].outcome) == (owed.id, "done_late")
    assert limit(city, owed.id, "work_due").outcome == "met_late"


def test_a_drill_entered_long_after_its_day_is_credited_with_the_day_it_came_in(city: City):
    make_items(city)
    [owed] = items(city, "drills")
    city.fast_forward(days=70)  # 11 January
    held = drill(city, ahead=-15, reported_on=day(city))
    assert (held.item_id, items(city, "drills")[0].outcome) == (owed.id, "done_late")


def test_what_was_recorded_by_mistake_is_owed_again(city: City):
    make_items(city)
    held = drill(city)
    withdraw(city, held)
    [owed] = items(city, "drills")
    assert (owed.outcome, owed.record_id) == (None, None)
    assert limit(city, owed.id, "work_due").is_open


def test_a_certificate_that_runs_out_is_told_to_its_holder_and_climbs(city: City):
    paper = certificate(city, days=30)
    city.fast_forward(days=24)
    assert told(city, paper.id) == [(1, ["李巡检"])]
    city.fast_forward(days=9)
    assert told(city, paper.id)[-1][0] == 2
    correct(city, paper, why="已换证", valid_until=day(city, 1000))
    assert not told(city, paper.id)[2:]
    city.fast_forward(days=60)
    assert len(told(city, paper.id)) == 2


def test_special_equipment_is_announced_a_month_before(city: City):
    vessel = record(
        city,
        "equipment",
        registration_number="容3MS苏A0001",
        designation="LNG 储罐",
        category="vessel",
        registered_on=day(city, -900),
        inspected_on=day(city, -700),
        valid_until="2027-03-31",
    )
    assert limit(city, vessel.id, "inspection_request").due_at.isoformat() == "2027-02-28T16:00:00+00:00"
    correct(city, vessel, why="已报检", requested_on=day(city))
    assert limit(city, vessel.id, "inspection_request").outcome == "met"
    assert limit(city, vessel.id, "inspection_expiry").is_open
    # inspected anew: what was requested for the last time is not a request for the next
    city.fast_forward(days=20)
    correct(city, vessel, why="检验合格", inspected_on=day(city), valid_until="2030-03-31")
    assert limit(city, vessel.id, "inspection_request").is_open
    assert limit(city, vessel.id, "inspection_expiry").due_at.isoformat() == "2030-03-31T16:00:00+00:00"


def test_an_expired_cylinder_that_is_delivered_is_a_hazard(city: City):
    cylinder(city, "YQ-9", test_in=-1)
    delivered = move(city, "YQ-9", "delivery", user_number="U-1001", checked="yes")
    found = hazard(city, delivered)
    assert found is not None
    assert (found.catalogue_code, found.state, found.source) == ("LPG-G01", "reported", "telemetry")
    assert "YQ-9" in found.title


def test_with_a_photo_it_is_reported_by_whoever_delivered_it(city: City):
    cylinder(city, "YQ-9", test_in=-1)
    delivered = move(city, "YQ-9", "delivery", files=[city.photo()], user_number="U-1001")
    found = hazard(city, delivered)
    assert found is not None
    assert (found.source, found.reporter_id) == ("self_inspection", city.person("李巡检"))


def test_one_bad_cylinder_is_one_hazard_however_often_it_moves(city: City):
    cylinder(city, "YQ-9", test_in=-1)
    first, second = move(city, "YQ-9", "fill"), move(city, "YQ-9", "sale")
    assert first.hazard_id == second.hazard_id
    third = move(city, "YQ-9", "test")
    assert third.hazard_id is None


def test_a_cylinder_past_its_design_life_is_another_hazard(city: City):
    cylinder(city, "YQ-9", test_in=50, scrap_on=day(city, -1))
    found = hazard(city, move(city, "YQ-9", "fill"))
    assert found is not None
    assert found.catalogue_code == "LPG-G02"


def test_a_good_cylinder_is_none(city: City):
    cylinder(city, "YQ-1", test_in=0)
    assert move(city, "YQ-1", "delivery", checked="yes").hazard_id is None


@pytest.mark.parametrize(("handler", "due"), [("operator", "2026-11-09"), ("department", "2026-11-23")])
def test_a_complaint_has_its_working_days(city: City, handler: str, due: str):
    # Monday 2 November: the first day is not counted; no holiday lies in these weeks
    came = complaint(city, handler=handler)
    assert came.due_at is not None
    assert came.due_at.isoformat() == f"{due}T16:00:00+00:00"


def test_a_complaint_answered_in_time_is_quiet(city: City):
    came = complaint(city)
    city.fast_forward(days=2)
    done = close(city, came, replied_on=day(city), result="已更换调压器", satisfied="yes")
    assert (done.state, limit(city, came.id, "complaint").outcome) == ("done", "met")
    city.fast_forward(days=30)
    assert told(city, came.id) == []


def test_a_complaint_nobody_answers_climbs_and_is_answered_late(city: City):
    came = complaint(city)
    city.fast_forward(days=12)
    assert [rung for rung, _ in told(city, came.id)] == [1, 2, 3]
    assert told(city, came.id)[-1] == (3, ["唐监管", "韩总"])
    close(city, came, replied_on=day(city), result="已答复", satisfied="none")
    assert limit(city, came.id, "complaint").outcome == "met_late"


def test_a_call_nobody_answered_stays_open_until_it_is_explained(city: City):
    called = record(
        city, "call_test", person=str(city.person("周调度")), called_at=city.now.isoformat(), answered="no"
    )
    assert called.state == "open"
    assert limit(city, called.id, "unanswered_call").is_open
    answered = record(
        city,
        "call_test",
        person=str(city.person("周调度")),
        called_at=city.now.isoformat(),
        answered="yes",
        answer_s="8",
    )
    assert answered.state == "done"
    close(city, called, settled_on=day(city), reason="手机没电，已配备用电话")
    assert limit(city, called.id, "unanswered_call").outcome == "met"


def test_everything_wrong_is_said_at_once_and_nothing_is_kept(city: City):
    with pytest.raises(Refused) as refused:
        record(
            city,
            "drill",
            files=[],
            held_on=day(city, 1),
            scenario="x" * 121,
            form="party",
            people="0",
            nonsense="1",
        )
    assert {(one.field, one.code) for one in refused.value.fields} == {
        ("held_on", "in_the_future"),
        ("scenario", "too_long"),
        ("form", "not_a_choice"),
        ("location", "required"),
        ("people", "out_of_range"),
        ("script", "required"),
        ("nonsense", "unknown_field"),
        ("files", "work_files_needed"),
    }


def test_the_same_request_is_one_record_and_its_key_means_nothing_else(city: City):
    photo = city.photo()
    one = record(
        city,
        "voucher",
        key="k1",
        files=[photo],
        voucher_number="V1",
        paid_on=day(city),
        subject="training",
        what="教材",
        spent_cny="120.50",
    )
    two = record(
        city,
        "voucher",
        key="k1",
        files=[photo],
        voucher_number="V1",
        paid_on=day(city),
        subject="training",
        what="教材",
        spent_cny="120.50",
    )
    assert one.id == two.id
    with pytest.raises(KeyReused):
        record(
            city,
            "voucher",
            key="k1",
            files=[photo],
            voucher_number="V2",
            paid_on=day(city),
            subject="training",
            what="教材",
            spent_cny="120.50",
        )


def test_an_own_number_is_given_once(city: City):
    cylinder(city, "YQ-1")
    with pytest.raises(Refused) as refused:
        cylinder(city, "YQ-1")
    assert [(one.field, one.code) for one in refused.value.fields] == [("cylinder_number", "taken")]


def test_the_whole_enterprise_sees_what_it_shares_and_nobody_else_does(city: City):
    bottle = cylinder(city)
    paper = certificate(city)
    for who, sees_bottle, sees_paper in (
        ("李巡检", True, True),  # his own certificate
        ("郑巡检", True, False),
        ("唐监管", True, True),
        ("孙巡检", False, False),
        ("方监管", False, False),
    ):
        with city.database.reading(city.actor(who).scope) as session:
            assert (queries.one(session, bottle.id) is not None) == sees_bottle, who
            assert (queries.one(session, paper.id) is not None) == sees_paper, who


def test_another_unit_does_not_change_what_it_only_sees(city: City):
    bottle = cylinder(city)
    with pytest.raises(NotAllowed):
        correct(city, bottle, by="郑巡检", use="stored")
    with pytest.raises(NotFound):
        correct(city, bottle, by="孙巡检", use="stored")
    with pytest.raises(NotAllowed):
        correct(city, bottle, by="唐监管", use="stored")


def test_what_it_said_before_stays(city: City):

    bottle = cylinder(city)
    correct(city, bottle, why="送检", use="testing")
    with city.database.reading(SYSTEM) as session:
        said = [(one.act, one.data["use"], one.why) for one in queries.steps(session, bottle)]
    assert said == [("corrected", "testing", "送检"), ("recorded", "circulating", "")]


def test_a_plan_the_law_asks_for_cannot_be_ended_and_another_can(city: City):
    make_items(city)
    with city.database.transaction(SYSTEM) as session:
        [law] = queries.plans(session, "drills", home_id=city.founded.units[HENGCHUAN])
        with pytest.raises(Refused):
            planning.end(session, law.id, actor=city.actor("何安全"), now=city.now, why="不想做了")
        own = planning.plan(
            session,
            planning.Wish(
                kind="leader_check",
                title="总经理每周检查",
                rule="FREQ=WEEKLY;BYDAY=MO",
                starts_on=date(2026, 11, 2),
            ),
            organisation=session.get_one(Organisation, city.founded.units[HENGCHUAN]),
            actor=city.actor("何安全"),
            now=city.now,
        )
        assert len(queries.items(session, "leaders")) == 5
        planning.end(session, own.id, actor=city.actor("何安全"), now=city.now, why="改为每月")
        assert {one.outcome for one in queries.items(session, "leaders")} == {"dropped"}
        with pytest.raises(Conflict):
            planning.end(session, own.id, actor=city.actor("何安全"), now=city.now, why="改为每月")


def test_a_team_that_drills_does_what_the_enterprise_owes(city: City):
    make_items(city)
    held = record(
        city,
        "drill",
        by="王班长",
        unit="运行一班",
        held_on=day(city),
        scenario="阀井泄漏处置",
        form="field",
        location="青梧路阀井",
        people="8",
        script="警戒、检测、通风、抢修",
        evaluation="到位",
        reported_on=day(city),
    )
    [owed] = items(city, "drills")
    assert (owed.record_id, owed.outcome) == (held.id, "done")
    assert limit(city, owed.id, "work_due").outcome == "met"


def test_a_plan_goes_on_for_years(city: City):
    with city.database.transaction(SYSTEM) as session:
        planning.plan(
            session,
            planning.Wish(
                kind="leader_check",
                title="每月检查",
                rule="FREQ=MONTHLY;BYMONTHDAY=1",
                starts_on=date(2026, 11, 1),
            ),
            organisation=session.get_one(Organisation, city.founded.units[HENGCHUAN]),
            actor=city.actor("何安全"),
            now=city.now,
        )
    city.clock.advance(timedelta(days=1_500))
    make_items(city)
    begun = [one.begins_on for one in items(city, "leaders")]
    assert begun[:2] == [date(2026, 11, 1), date(2026, 12, 1)]
    assert begun[-1] == date(2031, 1, 1)
    # the worker was away for four years: what is further back than a thousand days is nobody's any more
    assert begun[2] == date(2028, 4, 1)


def test_a_record_of_somebody_who_left_can_still_be_corrected(city: City):
    paper = certificate(city)
    with city.database.transaction(SYSTEM) as session:
        session.get_one(Person, city.person("李巡检")).active = False
    assert correct(city, paper, issuer="市燃气协会").data["issuer"] == "市燃气协会"


def test_whoever_has_no_right_records_nothing(city: City):
    with pytest.raises(NotAllowed):
        record(city, "drill", by="唐监管", held_on=day(city))
