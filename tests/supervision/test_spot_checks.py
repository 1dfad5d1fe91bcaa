"""The regulator looks again at what the enterprise recorded: what holds, what does not, and what follows."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed, NotFound, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.supervision.spots import queries
from hazard_flow.supervision.spots.daily_records import ROUNDS
from hazard_flow.supervision.spots.models import SpotCheck
from hazard_flow.supervision.spots.queries import Rate
from hazard_flow.supervision.spots.records import HAZARDS, Records
from hazard_flow.supervision.tasks.models import SupervisionTask
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.oversight import RECORDS, key, limits_of, looked_again
from tests.harness.rounds import hand_in, of_today, plan, work

GAS = "井内可燃气体浓度 18%LEL，井盖周边有明显气味"


def wrong(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in refused.value.fields}


def closed_at(city: City, asset: str = "VW-1") -> Hazard:
    return city.bring_to(city.report("阀井漏气，读数偏高", asset=asset), "closed")


def test_the_record_says_the_well_is_fine_and_the_regulator_finds_gas(city: City):
    record = closed_at(city)
    city.fast_forward(days=2)
    spot = looked_again(
        city, record_kind="hazard", record_id=str(record.id), found=GAS, hazard="阀井可燃气体浓度 18%LEL", evidence=(city.photo(),),
        task_due_on="2026-12-01",
    )  # fmt: skip
    with city.database.reading(SYSTEM) as session:
        hazard = session.get_one(Hazard, spot.hazard_id)
        task = session.get_one(SupervisionTask, spot.task_id)
    assert (hazard.source, hazard.asset_id, hazard.reopen_of_id) == (
        "regulator_inspection",
        record.asset_id,
        record.id,
    )
    assert record.number in task.content
    assert GAS in task.content
    assert limits_of(city, task.id)["supervision_task"].is_open
    # both pages can tell of it: the record's and the new hazard's, to the enterprise as well
    for who in ("何安全", "唐监管", "陈处长"):
        with city.database.reading(city.actor(who).scope) as session:
            assert [one.id for one in queries.of_record(session, "hazard", record.id)] == [spot.id]
            assert [one.id for one in queries.opened_by(session, hazard.id)] == [spot.id]
            assert [one.id for one in queries.of_asset(session, record.asset_id)] == [spot.id]
    for who in ("马安全", "方监管"):
        with city.database.reading(city.actor(who).scope) as session, pytest.raises(NotFound):
            queries.one(session, spot.id)


def test_a_round_found_nothing_at_the_well_and_the_regulator_finds_gas(city: City):
    plan(city)
    work(city)
    made = of_today(city)
    hand_in(city, made)
    city.fast_forward(hours=20)
    records = Records({one.kind: one for one in (HAZARDS, ROUNDS)})
    with city.database.reading(city.actor("唐监管").scope) as session:
        assert [one.id for one in records.newest(session, city.founded.units[HENGCHUAN])] == [made.id]
    spot = looked_again(
        city, records=records, record_kind="round", record_id=str(made.id), asset="VW-1", found=GAS,
        hazard="阀井可燃气体浓度 18%LEL", evidence=(city.photo(),), task_due_on="2026-12-01",
    )  # fmt: skip
    with city.database.reading(city.actor("何安全").scope) as session:
        hazard = session.get_one(Hazard, spot.hazard_id)
        assert [one.id for one in queries.of_record(session, "round", made.id)] == [spot.id]
    assert (hazard.source, hazard.reopen_of_id) == ("regulator_inspection", None)
    with city.database.reading(city.actor("唐监管").scope) as session:
        rates = queries.rates(
            session, [made.home_id], city.now - timedelta(days=1), city.now + timedelta(days=1)
        )
    assert rates == {(made.home_id, made.line): Rate(1, 1)}
    with city.database.reading(city.actor("方监管").scope) as session:
        assert records.one(session, "round", made.id) is None


def test_how_often_records_do_not_hold_is_counted_by_enterprise_and_line(city: City):
    home = city.founded.units[HENGCHUAN]
    record = closed_at(city)
    city.fast_forward(hours=1)
    looked_again(
        city, record_kind="hazard", record_id=str(record.id), outcome="agrees", found="井内未检出可燃气体"
    )
    looked_again(city, record_kind="hazard", record_id=str(record.id), outcome="contradicts", found=GAS)
    told = {
        "organisation": str(home),
        "line": "valves",
        "record_says": "阀井完好，无泄漏",
        "recorded_at": city.now.isoformat(),
        "asset": "VW-9",
    }
    looked_again(city, outcome="contradicts", found=GAS, **told)
    with city.database.reading(city.actor("唐监管").scope) as session:
        found = queries.rates(session, [home], city.now - timedelta(days=1), city.now + timedelta(days=1))
    assert found == {(home, "hazards"): Rate(2, 1), (home, "valves"): Rate(1, 1)}
    assert found[home, "hazards"].percent == 50.0


def test_a_contradiction_whose_hazard_the_door_refuses_leaves_nothing_behind(city: City):
    record = closed_at(city)
    city.fast_forward(hours=1)
    with pytest.raises(Refused):
        looked_again(
            city,
            record_kind="hazard",
            record_id=str(record.id),
            hazard="无照片的隐患描述",
            task_due_on="2026-12-01",
        )
    with city.database.reading(SYSTEM) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SpotCheck)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(SupervisionTask)) == 0


def test_everything_wrong_is_told_at_once(city: City):
    with pytest.raises(Refused) as refused:
        looked_again(
            city, outcome="maybe", found="", checked_at="2099-01-01T00:00", line="gardening", asset="nowhere"
        )
    assert wrong(refused) == {
        ("outcome", "unknown_choice"), ("found", "required"), ("checked_at", "in_the_future"), ("line", "unknown_choice"),
        ("record_says", "required"), ("recorded_at", "required"), ("organisation", "required"), ("asset", "unknown_asset"),
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        looked_again(city, record_kind="hazard", record_id=str(uuid.uuid4()))
    assert wrong(refused) == {("record_id", "record_out_of_reach")}


def test_nothing_follows_from_a_record_that_holds(city: City):
    record = closed_at(city)
    city.fast_forward(hours=1)
    with pytest.raises(Refused) as refused:
        looked_again(
            city, record_kind="hazard", record_id=str(record.id), outcome="agrees", task_due_on="2026-12-01"
        )
    assert wrong(refused) == {("outcome", "nothing_follows")}


def test_nobody_looks_again_before_there_was_a_record(city: City):
    early = (city.now - timedelta(hours=5)).isoformat()
    record = closed_at(city)
    with pytest.raises(Refused) as refused:
        looked_again(city, record_kind="hazard", record_id=str(record.id), checked_at=early)
    assert wrong(refused) == {("checked_at", "before_the_record")}


def test_the_enterprise_does_not_re_check_itself_and_the_same_request_twice_is_one(city: City):
    record = closed_at(city)
    city.fast_forward(hours=1)
    with pytest.raises(NotAllowed):
        looked_again(city, by="何安全", record_kind="hazard", record_id=str(record.id))
    same = key()
    given = {
        "record_kind": "hazard",
        "record_id": str(record.id),
        "checked_at": city.now.isoformat(),
        "request_key": same,
    }
    assert looked_again(city, **given).id == looked_again(city, **given).id


def test_a_re_check_is_never_changed(city: City):
    record = closed_at(city)
    city.fast_forward(hours=1)
    looked_again(city, record_kind="hazard", record_id=str(record.id))
    with pytest.raises(sa.exc.DBAPIError), city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(SpotCheck).values(outcome="agrees"))


def test_the_records_offered_are_the_enterprises_own_newest_first(city: City):
    first = closed_at(city)
    city.fast_forward(days=1)
    second = closed_at(city, "VW-9")
    with city.database.reading(city.actor("唐监管").scope) as session:
        home = city.founded.units[HENGCHUAN]
        assert [one.id for one in RECORDS.newest(session, home)] == [second.id, first.id]
        assert [one.id for one in RECORDS.newest(session, home, asset_id=city.founded.assets["VW-1"])] == [
            first.id
        ]
        assert RECORDS.one(session, "round", first.id) is None
