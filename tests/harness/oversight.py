"""Accidents, supervision tasks, unannounced checks and re-checks in the city's words."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.accidents import lessons, sending
from hazard_flow.accidents import operations as accidents
from hazard_flow.accidents.models import Accident
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.ladders.models import TimeLimit, TimeLimitStep
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.supervision.checks import operations as checks
from hazard_flow.supervision.checks.models import UnannouncedCheck
from hazard_flow.supervision.checks.operations import Signing
from hazard_flow.supervision.checks.planning import Plan
from hazard_flow.supervision.files import Given
from hazard_flow.supervision.spots import operations as spots
from hazard_flow.supervision.spots.models import SpotCheck
from hazard_flow.supervision.spots.operations import Found
from hazard_flow.supervision.spots.records import HAZARDS, Records
from hazard_flow.supervision.tasks import operations as tasks
from hazard_flow.supervision.tasks.models import SupervisionTask
from hazard_flow.supervision.tasks.orders import Order
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.photos import tiny_jpeg

RECORDS = Records({"hazard": HAZARDS})


def key() -> str:
    """A request key nobody used."""
    return uuid.uuid4().hex


# accidents


def happened(
    city: City,
    *,
    by: str = "周调度",
    minutes_ago: float = 10,
    hazard: str = "",
    request_key: str = "",
    **given: Any,
) -> Accident:
    """An accident is entered; it was known when it happened unless told otherwise."""
    at = (city.now - timedelta(minutes=minutes_ago)).isoformat()
    said = {
        "kind": "accident",
        "category": "explosion",
        "title": "阀井爆燃",
        "description": "青梧路阀井内燃气积聚，遇明火爆燃",
        "place": "青梧路 12 号",
        "occurred_at": at,
        "known_at": at,
    }
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return accidents.register(
            session,
            actor=actor,
            given=said | given,
            request_key=request_key or key(),
            now=city.now,
            hazard=hazard,
        )


def reported(city: City, accident: Accident, *, by: str, to: str, at: datetime | None = None) -> Accident:
    """Somebody reports what is known one level up."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return sending.report(
            session, actor=actor, accident_id=accident.id, to=to, request_key=key(), now=city.now, at=at
        )


def received(city: City, accident: Accident, *, by: str) -> Accident:
    """An officer has read it."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return sending.receive(session, actor=actor, accident_id=accident.id, request_key=key(), now=city.now)


def accident_does(city: City, what: str, accident: Accident, *, by: str, **given: Any) -> Accident:
    """Any other writer of `accidents.operations` by its name."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return getattr(accidents, what)(
            session, actor=actor, accident_id=accident.id, request_key=key(), now=city.now, **given
        )  # type: ignore[no-any-return]


# tasks


def asked(
    city: City, *, by: str = "唐监管", to: str = HENGCHUAN, days: int = 5, **given: Any
) -> SupervisionTask:
    """A task is set, due at the end of a day so many days ahead."""
    actor = city.actor(by)
    order = {
        "organisation": str(city.founded.units[to]),
        "title": "开展阀井专项排查",
        "reach": "辖区内全部阀井",
        "content": "逐井检测可燃气体浓度，填报结果",
        "due_on": (city.now + timedelta(days=days, hours=8)).date().isoformat(),
    }
    with city.database.transaction(actor.scope) as session:
        return tasks.assign(
            session, actor=actor, order=Order(**(order | given)), request_key=key(), now=city.now
        )


def task_does(
    city: City, what: str, task: SupervisionTask, *, by: str, attached: Sequence[Given] = (), **given: Any
) -> SupervisionTask:
    """Any writer of `tasks.operations` by its name."""
    actor = city.actor(by)
    if what in ("progress", "feed_back"):
        given |= {"attached": attached, "store": city.store}
    with city.database.transaction(actor.scope) as session:
        return getattr(tasks, what)(  # type: ignore[no-any-return]
            session, actor=actor, task_id=task.id, request_key=key(), now=city.now, **given
        )


# unannounced checks


def planned(
    city: City,
    *,
    by: str = "唐监管",
    officers: Sequence[str] = ("陈处长",),
    to: str | None = HENGCHUAN,
    **given: Any,
) -> UnannouncedCheck:
    """A check is planned; `to` None draws the enterprise."""
    actor = city.actor(by)
    plan = {
        "purpose": "阀井与值守突击检查",
        "items": ("阀井可燃气体浓度", "值班人员在岗"),
        "planned_on": (city.now + timedelta(hours=8)).date().isoformat(),
        "organisation": str(city.founded.units[to]) if to else "",
        "officers": tuple(str(city.person(one)) for one in officers),
    }
    with city.database.transaction(actor.scope) as session:
        return checks.plan(
            session, actor=actor, given=Plan(**(plan | given)), request_key=key(), now=city.now
        )


def check_does(city: City, what: str, check: UnannouncedCheck, *, by: str, **given: Any) -> UnannouncedCheck:
    """Any writer of `checks.operations` by its name."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return getattr(checks, what)(  # type: ignore[no-any-return]
            session, actor=actor, check_id=check.id, request_key=key(), now=city.now, **given
        )


def carried_out(
    city: City, check: UnannouncedCheck, *, by: str = "唐监管", second: str = "陈处长"
) -> UnannouncedCheck:
    """A check goes through without a finding, up to both officers' signatures."""
    check_does(city, "begin", check, by=by)
    check_does(city, "record", check, by=by, answers=dict.fromkeys(range(len(check.items)), ("fine", "")))
    check_does(city, "sign", check, by=by)
    return check_does(city, "sign", check, by=second)


SIGNED = Signing(opinion="现场未发现问题", representative="何安全")


# re-checks


def looked_again(
    city: City, *, by: str = "唐监管", evidence: tuple[EvidenceItem, ...] = (), request_key: str = "", records: Records = RECORDS,
    attached: Sequence[Given] = (), **given: Any,
) -> SpotCheck:  # fmt: skip
    """An officer looks at a place of which the enterprise has a record."""
    actor = city.actor(by)
    said = {"found": "井内可燃气体浓度 18%LEL", "outcome": "contradicts", "checked_at": city.now.isoformat()}
    with city.database.transaction(actor.scope) as session:
        return spots.check_again(
            session,
            actor=actor,
            given=Found(**(said | given)),
            records=records,
            request_key=request_key or key(),
            now=city.now,
            evidence=evidence,
            attached=attached,
            store=city.store,
        )


# limits


def limits_of(city: City, subject: uuid.UUID) -> dict[str, TimeLimit]:
    """The newest limit of each name."""
    with city.database.reading(SYSTEM) as session:
        rows = session.scalars(
            sa.select(TimeLimit)
            .where(TimeLimit.subject_id == subject)
            .order_by(TimeLimit.opened_at, TimeLimit.id)
        )
        return {row.name: row for row in rows}


def heard(city: City, subject: uuid.UUID, name: str) -> list[tuple[int, set[str]]]:
    """Rungs of a limit that were told, and who heard each."""
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(TimeLimitStep.data)
            .join(TimeLimit, TimeLimit.id == TimeLimitStep.limit_id)
            .where(TimeLimit.subject_id == subject, TimeLimit.name == name, TimeLimitStep.act == "told")
            .order_by(TimeLimitStep.seq)
        )
        return [(data["rung"], {city.name(one) for one in data["to"]}) for (data,) in rows]


def scene(city: City) -> dict[str, tuple[str, str]]:
    """A city in which accidents were reported and records looked at again: name of a view → (address, who looks)."""
    closed = city.bring_to(city.report("阀井漏气，读数偏高", asset="VW-1"), "closed")
    spot = looked_again(
        city, record_kind="hazard", record_id=str(closed.id), found="井内可燃气体浓度 18%LEL，井盖周边有明显气味",
        hazard="阀井可燃气体浓度 18%LEL，未设警戒", evidence=(city.photo(),), attached=(Given("现场.jpg", tiny_jpeg()),),
        task_due_on=(city.now + timedelta(days=20)).date().isoformat(),
    )  # fmt: skip
    told = {
        "organisation": str(city.founded.units[HENGCHUAN]),
        "line": "valves",
        "recorded_at": city.now.isoformat(),
    }
    looked_again(
        city, outcome="agrees", found="阀门启闭正常", record_says="阀门启闭试验合格", asset="VW-9", **told
    )
    hazard = city.report("青梧路阀井泄漏，浓度持续上升", asset="VW-1")
    accident = happened(
        city, hazard=hazard.number, dead="1", seriously_injured="2", loss_yuan="860000", users_affected="1240"
    )
    reported(city, accident, by="韩总", to="county")
    accident_does(
        city, "explain", accident, by="何安全",
        given={"cause_direct": "法兰垫片老化泄漏，遇火花爆燃", "cause_management": "泄漏检测流于形式", "lesson": "同型号法兰全部复检"},
    )  # fmt: skip
    he = city.actor("何安全")
    with city.database.transaction(he.scope) as session:
        lessons.propose(session, actor=he, accident_id=accident.id, request_key=key(), now=city.now)
    happened(
        city,
        by="王班长",
        kind="near_miss",
        category="third_party_damage",
        title="挖掘机擦碰中压管线",
        place="东风路",
    )
    task = asked(city, line="valves")
    answered = asked(city, title="报送入户安检进度", line="households")
    task_does(city, "feed_back", answered, by="何安全", words="本月入户安检 1 240 户，完成率 96%")
    check = planned(city, by="唐监管", officers=(), draw_officers=1, to=None)
    check_does(city, "begin", check, by="唐监管")
    done = planned(city, by="唐监管", officers=("陈处长",), asset="VW-1")
    carried_out(city, done)
    check_does(city, "finish", done, by="唐监管", given=SIGNED)
    home = city.founded.units[HENGCHUAN]
    return {
        "accidents": ("/accidents", "唐监管"),
        "accident-new": (f"/accidents/new?hazard={hazard.number}", "何安全"),
        "accident": (f"/accidents/{accident.id}", "唐监管"),
        "accident-enterprise": (f"/accidents/{accident.id}", "何安全"),
        "accident-paper": (f"/accidents/{accident.id}/paper", "何安全"),
        "supervision": ("/supervision", "陈处长"),
        "supervision-enterprise": (f"/supervision/enterprises/{home}", "唐监管"),
        "supervision-tasks": ("/supervision/tasks", "何安全"),
        "supervision-task-new": (f"/supervision/tasks/new?organisation={home}", "唐监管"),
        "supervision-task": (f"/supervision/tasks/{task.id}", "何安全"),
        "supervision-task-judge": (f"/supervision/tasks/{answered.id}", "唐监管"),
        "supervision-notice": (f"/supervision/tasks/{task.id}/notice", "何安全"),
        "supervision-checks": ("/supervision/checks", "唐监管"),
        "supervision-check-new": ("/supervision/checks/new", "唐监管"),
        "supervision-check": (f"/supervision/checks/{check.id}", "唐监管"),
        "supervision-check-done": (f"/supervision/checks/{done.id}", "何安全"),
        "supervision-spots": ("/supervision/spots", "何安全"),
        "supervision-spot-new": (
            f"/supervision/spots/new?record_kind=hazard&record_id={closed.id}",
            "唐监管",
        ),
        "supervision-spot": (f"/supervision/spots/{spot.id}", "何安全"),
        "hazard-contradicted": (f"/hazards/{closed.number}", "何安全"),
    }
