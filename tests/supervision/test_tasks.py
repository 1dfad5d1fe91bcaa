"""A task from the order to its end: who may do what, the clocks of both sides, cycles, files."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.supervision import files
from hazard_flow.supervision.files import Given
from hazard_flow.supervision.tasks import cycles, queries
from hazard_flow.supervision.tasks.models import SupervisionTask
from hazard_flow.supervision.tasks.operations import TaskMovedOn
from hazard_flow.supervision.tasks.queries import Wanted
from tests.harness.cast import ANPING
from tests.harness.city import City
from tests.harness.oversight import asked, heard, limits_of, task_does
from tests.harness.photos import tiny_jpeg

ZONE = ZoneInfo("Asia/Shanghai")
EAST_OFFICE = "城东区燃气管理局"


def wrong(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in refused.value.fields}


def state(city: City, task: SupervisionTask) -> SupervisionTask:
    with city.database.reading(SYSTEM) as session:
        return session.get_one(SupervisionTask, task.id)


def test_a_task_is_received_reported_on_fed_back_and_accepted(city: City):
    task = asked(city, days=5)
    assert task.number.startswith("DB-990102-20261102-")
    assert city.name(task.responsible_id) == "韩总"
    task_does(city, "receive", task, by="何安全", responsible_id=city.person("赵经理"))
    assert city.name(limits_of(city, task.id)["supervision_task"].responsible_id) == "赵经理"
    task_does(city, "progress", task, by="赵经理", words="已检测 12 座，余 8 座")
    task_does(city, "feed_back", task, by="赵经理", words="20 座全部检测完毕，未见异常")
    owed = limits_of(city, task.id)
    assert owed["supervision_task"].outcome == "met"
    assert city.name(owed["supervision_review"].responsible_id) == "唐监管"
    task_does(city, "accept", task, by="唐监管", words="同意")
    assert state(city, task).state == "closed"
    assert limits_of(city, task.id)["supervision_review"].outcome == "met"


def test_what_is_late_climbs_to_the_city(city: City):
    task = asked(city, days=1)
    city.fast_forward(days=9)
    told = heard(city, task.id, "supervision_task")
    assert told[0] == (1, {"韩总"})
    assert "唐监管" in {one for _, people in told for one in people}
    assert {"陈处长", "梁处长"} <= {one for _, people in told for one in people}
    task_does(city, "feed_back", task, by="何安全", words="补报结果如下")
    assert limits_of(city, task.id)["supervision_task"].outcome == "met_late"


def test_an_answer_nobody_judges_climbs_too(city: City):
    task = asked(city)
    task_does(city, "feed_back", task, by="何安全", words="已完成，请审核")
    city.fast_forward(days=13)
    assert "陈处长" in {one for _, people in heard(city, task.id, "supervision_review") for one in people}


def test_an_answer_sent_back_is_owed_anew(city: City):
    task = asked(city, days=2)
    task_does(city, "feed_back", task, by="何安全", words="已完成")
    with pytest.raises(Refused) as refused:
        task_does(city, "send_back", task, by="唐监管", words="", due_on="2020-01-01")
    assert wrong(refused) == {("words", "required"), ("due_on", "must_lie_ahead")}
    task_does(city, "send_back", task, by="唐监管", words="缺检测记录", due_on="2026-11-10")
    limit = limits_of(city, task.id)["supervision_task"]
    assert limit.is_open
    assert limit.due_at == datetime(2026, 11, 10, 16, tzinfo=UTC)


def test_a_task_that_comes_again_is_issued_anew_until_it_is_cancelled(city: City):
    task = asked(city, due_on="", rule="FREQ=MONTHLY;BYMONTHDAY=5", starts_on="2026-11-01")
    assert task.due_at == cycles.end_of(date(2026, 11, 5), ZONE)
    for month in (12, 1):
        task_does(city, "feed_back", task, by="何安全", words="本期已完成")
        task_does(city, "accept", task, by="唐监管", words="")
        stands = state(city, task)
        assert (stands.state, cycles.last_day(stands.due_at, ZONE).month) == ("issued", month)
        city.fast_forward(days=29)
    assert state(city, task).cycle == 3
    task_does(city, "cancel", task, by="唐监管", words="专项行动结束")
    assert state(city, task).state == "cancelled"
    assert all(not one.is_open for one in limits_of(city, task.id).values())


def test_cycles_that_went_by_while_an_answer_waited_are_not_asked_for_again():
    due = cycles.first_due("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 2), ZONE)
    assert due == cycles.end_of(date(2026, 11, 2), ZONE)
    later = datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert cycles.next_due("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 2), due, later, ZONE) == cycles.end_of(
        date(2026, 11, 30), ZONE
    )
    assert cycles.next_due("FREQ=WEEKLY;COUNT=1", date(2026, 11, 2), due, later, ZONE) is None


def test_everything_wrong_with_an_order_is_told_at_once(city: City):
    with pytest.raises(Refused) as refused:
        asked(
            city,
            title="",
            content=" ",
            line="gardening",
            asset="nowhere",
            due_on="",
            rule="FREQ=HOURLY",
            organisation="x",
        )
    assert wrong(refused) == {
        ("title", "required"), ("content", "required"), ("line", "unknown_choice"), ("asset", "unknown_asset"),
        ("rule", "not_a_rule"), ("organisation", "unknown_choice"),
    }  # fmt: skip


def test_a_regulator_asks_only_below_itself(city: City):
    below = asked(city, by="陈处长", to=EAST_OFFICE)
    assert city.name(below.responsible_id) == "唐监管"
    task_does(city, "feed_back", below, by="唐监管", words="辖区企业已全部督促到位")
    with pytest.raises(NotAllowed):
        task_does(city, "accept", below, by="唐监管", words="")
    task_does(city, "accept", below, by="梁处长", words="")
    for who, to, raised in (
        ("唐监管", ANPING, Refused), ("唐监管", EAST_OFFICE, Refused), ("唐监管", "云泽市燃气管理局", Refused),
        ("何安全", "恒川燃气", NotAllowed),
    ):  # fmt: skip
        with pytest.raises(raised):
            asked(city, by=who, to=to)


def test_only_whoever_owes_it_answers_and_only_whoever_set_it_judges(city: City):
    task = asked(city)
    for who in ("唐监管", "李巡检"):
        with pytest.raises((NotAllowed, NotFound)):
            task_does(city, "feed_back", task, by=who, words="不是我的")
    with pytest.raises(TaskMovedOn):
        task_does(city, "accept", task, by="唐监管", words="")
    with pytest.raises(NotAllowed):
        task_does(city, "cancel", task, by="何安全", words="不做了")
    with pytest.raises(NotFound):
        task_does(city, "receive", task, by="马安全")


def test_both_sides_have_their_list_and_the_neighbour_sees_nothing(city: City):
    task = asked(city)

    def listed(who: str, **wanted) -> list[uuid.UUID]:
        actor = city.actor(who)
        with city.database.reading(actor.scope) as session:
            page = queries.page(session, Wanted(**wanted), actor, city.now, cursor=None, limit=50)
        return [one.id for one in page.items]

    assert listed("唐监管", side="set") == [task.id]
    assert listed("唐监管", side="answer") == []
    assert listed("何安全", side="answer") == [task.id]
    assert listed("何安全", side="set") == []
    assert listed("陈处长") == [task.id]
    assert listed("马安全") == listed("方监管") == []
    city.fast_forward(days=7)
    assert listed("唐监管", overdue=True) == [task.id]


def test_files_come_with_the_answer_and_what_is_no_file_of_ours_stores_nothing(city: City):
    task = asked(city)
    with pytest.raises(Refused) as refused:
        task_does(city, "feed_back", task, by="何安全", words="见附件", attached=[Given("a.html", b"<html>")])
    assert {field for field, _ in wrong(refused)} == {"files"}
    assert state(city, task).state == "issued"
    picture = tiny_jpeg()
    task_does(city, "feed_back", task, by="何安全", words="见附件", attached=[Given("现场.jpg", picture)])
    with city.database.reading(city.actor("唐监管").scope) as session:
        [kept] = files.of(session, task.id)
        assert files.find(session, kept.id).filename == "现场.jpg"
    assert city.store.get(kept.sha256) == picture
    with city.database.reading(city.actor("马安全").scope) as session, pytest.raises(NotFound):
        files.find(session, kept.id)


def test_counts_say_what_waits_for_whom(city: City):
    task = asked(city)
    he, tang = city.actor("何安全"), city.actor("唐监管")

    def waits(actor) -> int:
        with city.database.reading(actor.scope) as session:
            return queries.waiting_for(session, actor)

    assert (waits(he), waits(tang)) == (1, 0)
    task_does(city, "feed_back", task, by="何安全", words="已完成，请审核")
    assert (waits(he), waits(tang)) == (0, 1)
    city.fast_forward(hours=1)
    with city.database.reading(tang.scope) as session:
        counts = queries.counts(session, tang, city.now)
    assert counts == {"issued": 0, "received": 0, "fed_back": 1, "returned": 0, "open": 1, "overdue": 0}
    assert limits_of(city, task.id)["supervision_review"].due_at - city.now > timedelta(days=4)
