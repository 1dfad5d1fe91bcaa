"""History against a changed file: differences worked out by hand, within scope, within the period, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.hazards.models import Hazard
from hazard_flow.rulebook.replay import Period, Replay
from hazard_flow.rulebook.replay import replay as run
from hazard_flow.storage.scope import SYSTEM, Scope
from hazard_flow.workflow.definition import Workflow
from tests.harness.cast import START
from tests.harness.city import City
from tests.harness.versions import changed, stricter
from tests.rulebook.lives import live


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def against(
    city: City,
    file: Workflow,
    *,
    since: datetime = START,
    until: datetime | None = None,
    scope: Scope = SYSTEM,
    limit: int | None = None,
) -> Replay:
    with city.database.reading(scope) as session:
        return run(session, file, Period(since, until or city.now), limit=limit)


def lines(city: City, found: Replay, hazard: Hazard) -> list[tuple[Any, ...]]:
    """What is different for one hazard: outcome, timer, level, hours after the report then and now, who is told now."""
    (one,) = (h for h in found.hazards if h.id == hazard.id)

    def after(side: Any) -> float | None:
        return None if side is None else round((side.at - hazard.reported_at) / hours(1), 2)

    return [
        (
            d.outcome, d.shown.timer, d.shown.level, after(d.was), after(d.replayed),
            tuple(sorted(city.name(p) for p in d.shown.people)),
        )
        for d in one.differences if d.outcome != "same"
    ]  # fmt: skip


def controlled(city: City) -> Hazard:
    """A reported A at 09:00 on a Monday whose make-safe clock has ended."""
    hazard = city.report()
    city.control(hazard)
    return hazard


def test_the_file_in_force_changes_nothing(city: City):
    live(city, 7)
    v1 = changed().version - 1

    found = against(city, changed(version=v1))

    assert {d.outcome for h in found.hazards for d in h.differences} == {"same"}
    assert found.unexplained == 0
    assert not any(h.is_changed for h in found.hazards)
    assert found.totals.missed == 0
    assert found.totals.told[0] == found.totals.told[1] > 0


def test_a_shorter_limit_fires_earlier(city: City):
    """Reported Monday 09:00. In force: 4 h, then one working day after 13:00: Tuesday 24:00, 39 h after the report.
    Changed: 2 h, then 6 h: 17:00, 8 h after. Reminders half way: 2 h and 1 h. Rung 2 stays: three working days, Thursday 24:00."""
    hazard = controlled(city)
    city.fast_forward(days=4)

    found = against(city, changed(stricter))

    assert lines(city, found, hazard) == [
        ("earlier", "classify", -1, 2.0, 1.0, ("何安全",)),
        ("earlier", "classify", 0, 4.0, 2.0, ("何安全",)),
        ("earlier", "classify", 1, 39.0, 8.0, ("何安全", "韩总")),
    ]
    totals = found.totals
    assert totals.counts == {"earlier": 3, "same": 1}
    assert totals.median_earlier == hours(2)


def test_a_longer_limit_is_gone_where_somebody_acted_in_between(city: City):
    """Classified after 5 h. In force rung 0 spoke at 4 h; with 6 h nobody would have heard but the reminder at 3 h."""
    hazard = controlled(city)
    city.fast_forward(hours=5)
    city.assign(hazard, urgency="A", due_at=city.day(5))

    def six(file: dict[str, Any]) -> None:
        file["states"]["reported"]["timers"]["classify"]["within"]["A"] = "6 h"

    assert lines(city, against(city, changed(six)), hazard) == [
        ("later", "classify", -1, 2.0, 3.0, ("何安全",)),
        ("gone", "classify", 0, 4.0, None, ("何安全",)),
    ]


def test_another_addressee_and_another_rung(city: City):
    """Rung 2 of `idle` tells the principal instead of the director; a rung at 2 working days is put in: all above it move up one."""
    hazard = controlled(city)
    city.fast_forward(days=4)

    def told(file: dict[str, Any]) -> None:
        file["ladders"]["idle"][2]["tell"] = ["enterprise_principal"]

    # three working days after 13:00 on Monday: Thursday 24:00, 87 h after 09:00 on Monday
    assert lines(city, against(city, changed(told)), hazard) == [
        ("readdressed", "classify", 2, 87.0, 87.0, ("韩总",))
    ]

    def inserted(file: dict[str, Any]) -> None:
        rungs = file["ladders"]["idle"]
        rungs.insert(2, {**rungs[2], "after": "2 workdays", "tell": ["enterprise_principal"]})

    # the one put in asks to be acknowledged within a working day: nobody did, so rung 3 comes at Thursday 24:00 either way
    assert lines(city, against(city, changed(inserted)), hazard) == [
        ("earlier", "classify", 2, 87.0, 63.0, ("韩总",)),
        ("new", "classify", 3, None, 87.0, ("何安全",)),
    ]


def test_one_raised_to_major_is_tried_up_to_the_raising_and_from_it_on(city: City):
    hazard = controlled(city)
    city.fast_forward(hours=3)
    city.escalate_to_major(hazard)
    city.fast_forward(hours=20)

    general = against(city, changed(stricter))
    assert [line[:5] for line in lines(city, general, hazard)] == [
        ("earlier", "classify", -1, 2.0, 1.0),
        (
            "earlier",
            "classify",
            0,
            4.0,
            2.0,
        ),  # under `major` rung 0 comes two hours after its limit of two hours
    ]

    def slower(file: dict[str, Any]) -> None:
        file["states"]["reported"]["timers"]["classify"]["within"] = "8 h"

    major = against(city, changed(slower, key="major"))
    assert {line[0] for line in lines(city, major, hazard)} <= {"later", "gone"}
    assert lines(city, major, hazard) != []


def test_only_what_touches_the_period_counts(city: City):
    """Closed before it, or not yet reported: not walked. Open through it: only its firings of the period."""
    over = city.bring_to(city.report(), "closed")
    through = controlled(city)
    city.fast_forward(days=2)
    since = city.now
    city.fast_forward(days=3)
    until = city.now
    city.fast_forward(minutes=1)
    city.report()

    found = against(city, changed(stricter), since=since, until=until)

    assert [h.id for h in found.hazards] == [through.id]
    assert lines(city, found, through) == []
    assert {d.shown.at >= since for h in found.hazards for d in h.differences} == {True}
    assert over.id not in {h.id for h in found.hazards}


def test_the_newest_first_where_there_are_too_many(city: City):
    hazards = []
    for _ in range(4):
        hazards.append(controlled(city))
        city.fast_forward(minutes=5)

    found = against(city, changed(stricter), limit=2)

    assert [h.id for h in found.hazards] == [hazards[3].id, hazards[2].id]
    assert (len(found.hazards), found.found) == (2, 4)


def test_each_sees_their_own(city: City):
    """A director walks the own enterprise, an officer the district, an administrator nothing."""
    controlled(city)
    city.report(by="孙巡检")
    seen = {
        who: len(against(city, changed(stricter), scope=city.actor(who).scope).hazards)
        for who in ("何安全", "马安全", "陈处长", "唐监管", "钱管理")
    }
    assert seen == {"何安全": 1, "马安全": 1, "陈处长": 2, "唐监管": 1, "钱管理": 0}


def test_an_outage_is_told_apart_from_the_change(city: City):
    hazard = controlled(city)
    city.outage(hours=45)  # 4 h and 39 h pass unheard; the rung of 39 h speaks late
    city.fast_forward(hours=1)

    same = against(city, changed(version=changed().version - 1))

    assert lines(city, same, hazard) == []
    assert same.totals.missed == 2  # the reminder and rung 0
    assert same.unexplained == 0


def test_progress_is_told(city: City):
    for _ in range(3):
        controlled(city)
    heard: list[tuple[int, int]] = []
    with city.database.reading(SYSTEM) as session:
        run(session, changed(stricter), Period(START, city.now), tell=lambda n, of: heard.append((n, of)))

    assert heard == [(3, 3)]


def test_a_workflow_nobody_ran_has_no_history(city: City):
    controlled(city)
    other = replace(changed(stricter), key="household")

    found = against(city, other)

    assert (found.hazards, found.found) == ((), 0)


def test_what_cannot_be_followed_is_in_the_result(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.act("王班长", hazard, "progress", percent="40", note="材料已到场")

    def without(file: dict[str, Any]) -> None:
        del file["actions"]["progress"]
        del file["states"]["rectifying"]["timers"]["progress"]

    (one,) = against(city, changed(without)).hazards

    assert [(n.action, n.reason) for n in one.not_followed] == [("progress", "no_action")]
    assert one.is_changed
