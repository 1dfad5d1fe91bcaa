"""Every signal fires on the story that should trip it, and stays silent on an honest one."""

from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.assessment.radar.signals import last_day_closing
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk.models import AlertDuty
from hazard_flow.telemetry.models import Alert
from tests.assessment.radar.looking import found, honestly, look, numbers, quickly
from tests.harness.cast import START
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.inspecting import examine, take
from tests.harness.photos import tiny_jpeg
from tests.harness.risks import falls_silent, fires

LEAK = {"catalogue_code": "VLV-G01", "asset": "VW-1"}


def test_a_hazard_closed_within_a_moment_was_closed_too_fast(city: City):
    fast, honest = quickly(city), honestly(city)
    [finding] = found(city, "closed_too_fast")
    assert numbers([finding]) == {fast.number}
    assert (finding.expected, finding.seen, finding.variant) == ({"least": 60}, {"minutes": 0}, "seen")
    assert honest.number not in numbers([finding])


def test_what_was_mended_on_the_spot_is_held_to_its_own_least_minutes(city: City):
    said = {"suspected_urgency": "C", "catalogue_code": "VLV-G03"}
    spot, slow = city.report(**said), city.report(**said)
    city.fast_forward(minutes=2)
    city.fix_on_site(spot)
    city.confirm_fix(spot)
    city.fast_forward(minutes=10)
    city.fix_on_site(slow)
    city.confirm_fix(slow)
    [finding] = found(city, "closed_too_fast")
    assert numbers([finding]) == {spot.number}
    assert (finding.expected, finding.seen, finding.variant) == ({"least": 5}, {"minutes": 2}, "on_spot")


def test_a_batch_on_the_last_day_of_a_month_is_told_with_its_hazards(city: City):
    before = honestly(city)
    city.fast_forward(days=27)
    batch = {quickly(city).number for _ in range(4)}
    assert found(city, "last_day_closing") == [], "four are too few to say anything"
    batch.add(quickly(city).number)
    [finding] = found(city, "last_day_closing")
    assert numbers([finding]) == batch
    assert finding.seen == {"month": "2026-11", "n": 5, "closed": 6, "percent": 83}
    assert before.number not in numbers([finding])


def test_closings_of_any_other_day_are_no_batch(city: City):
    for _ in range(5):
        quickly(city)
    assert found(city, "last_day_closing") == []


def test_a_share_as_large_as_the_rest_of_the_month_explains_is_no_batch():
    limits = {"weight": 30, "percent": 30, "least": 5}
    assert last_day_closing.judge(17, 5, limits) is None
    assert last_day_closing.judge(16, 5, limits) is not None
    assert last_day_closing.judge(4, 4, limits) is None


def test_a_picture_of_another_hazard_is_told_with_both(city: City):
    photo = tiny_jpeg()
    first = city.report(evidence=[take(city, photo)])
    second = city.report("井盖破损，行人有坠落风险", evidence=[take(city, photo)])
    honest = city.report("标志桩缺失")
    examine(city)
    [finding] = found(city, "reused_photos")
    assert finding.subject_id == second.id
    assert finding.seen == {"n": 1, "doubts": ("reused_exact",), "others": 1}
    assert numbers([finding]) == {first.number, second.number}
    assert honest.number not in numbers([finding])


def test_a_team_that_says_nothing_while_the_other_does_is_silent(city: City):
    city.fast_forward(days=31)
    for _ in range(2):
        city.report(by="李巡检")
    assert found(city, "silent_teams") == [], "the others said little as well"
    city.report(by="李巡检")
    [finding] = found(city, "silent_teams")
    assert finding.name is not None
    assert finding.name.zh == "运行二班"
    assert finding.expected == {"days": 30, "median": "3", "peers": 1}
    city.report(by="郑巡检")
    assert found(city, "silent_teams") == []


def test_a_team_that_was_founded_lately_is_left_alone(city: City):
    city.fast_forward(days=31)
    city.report(by="郑巡检")
    city.found_unit("运行三班", "990102")
    for _ in range(7):
        city.report(by="李巡检")
    assert found(city, "silent_teams") == []


def test_a_deadline_moved_by_weeks_is_told_and_one_moved_by_days_is_not(city: City):
    far, near = city.report(), city.report()
    for hazard, days in ((far, 40), (near, 25)):
        city.assign(hazard, due_at=city.day(20))
        city.accept(hazard)
        city.request_extension(hazard, days=days)
        city.decide_extension(hazard)
    [finding] = found(city, "moved_deadlines")
    assert numbers([finding]) == {far.number}
    moved = city.look(far)
    assert finding.expected == {"first": moved.original_due_at}
    assert finding.seen == {"due": moved.due_at, "days": 20, "times": 1}


def test_the_same_item_three_times_at_one_place_recurs(city: City):
    for _ in range(2):
        city.report(**LEAK)
    city.report(catalogue_code="VLV-G03", asset="VW-1")
    city.report(catalogue_code="VLV-G01", asset="VW-9")
    city.dismiss(city.report(**LEAK))
    assert found(city, "recurring_assets") == []
    last = city.report(**LEAK)
    [finding] = found(city, "recurring_assets")
    assert len(finding.cases) == 3
    assert last.number in numbers([finding])
    assert finding.seen == {"n": 3, "code": "VLV-G01", "days": 180}


def test_an_alarm_that_fires_again_after_the_closing_contradicts_it(city: City):
    closed = honestly(city, code="VLV-G01", asset="VW-1")
    elsewhere = honestly(city, code="VLV-G01", asset="VW-9")
    of_other_kind = honestly(city, asset="VW-1")
    city.fast_forward(days=1)
    fires(city, "VW-1")
    [finding] = found(city, "contradicted_closings")
    assert numbers([finding]) == {closed.number}
    assert finding.variant == "again"
    assert not {elsewhere.number, of_other_kind.number} & numbers([finding])


def test_an_alarm_long_after_the_closing_is_another_matter(city: City):
    honestly(city, code="VLV-G01", asset="VW-1")
    city.fast_forward(days=8)
    fires(city, "VW-1")
    assert found(city, "contradicted_closings") == []


def test_an_alarm_that_stood_at_the_closing_contradicts_it_though_it_ended_later(city: City):
    fires(city, "VW-1")
    standing = honestly(city, code="VLV-G01", asset="VW-1")
    city.fast_forward(hours=1)
    falls_silent(city)
    [finding] = found(city, "contradicted_closings")
    assert (numbers([finding]), finding.variant) == ({standing.number}, "still")


def test_an_alarm_that_ended_before_the_closing_is_what_closing_is_for(city: City):
    fires(city, "VW-1")
    city.fast_forward(hours=2)
    falls_silent(city)
    honestly(city, code="VLV-G01", asset="VW-1")
    assert found(city, "contradicted_closings") == []


def test_alarms_of_a_faulty_detector_and_those_judged_false_contradict_nothing(city: City):
    honestly(city, code="VLV-G01", asset="VW-1")
    city.fast_forward(days=1)
    fires(city, "VW-1", name="G-102", klass="sensor_fault")
    fires(city, "VW-1", name="G-103")
    with city.database.transaction(SYSTEM) as session:
        alert = session.scalars(sa.select(Alert).where(Alert.fingerprint == "G-103")).one()
        session.add(
            AlertDuty(
                alert_id=alert.id, home_id=city.founded.units["恒川燃气"], stage="fed_back", asked_at=None, due_at=None,
                acknowledged_at=city.now, acknowledged_by=None, cause="sensor_fault", verdict="false_alarm", judged_at=city.now,
                judged_by=None, seq=1,
            )
        )  # fmt: skip
    assert found(city, "contradicted_closings") == []


def test_an_honest_month_trips_nothing(city: City):
    for by in ("李巡检", "郑巡检"):
        honestly(city, by=by)
    examine(city)
    assert look(city).count == 0


def test_what_lies_before_the_days_asked_for_is_not_told(city: City):
    quickly(city)
    city.fast_forward(days=31)
    assert found(city, "closed_too_fast", days=30) == []
    assert len(found(city, "closed_too_fast", days=90)) == 1


def test_the_months_looked_at_are_those_whose_last_day_has_begun():
    names = [one.name for one in last_day_closing.periods(START, START + timedelta(days=60), ZONE)]
    assert names == ["2026-11", "2026-12"]
