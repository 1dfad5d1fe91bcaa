"""Daily work in the city's words: somebody records a drill, a certificate, a cylinder; time passes; what is owed is asked."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.daily_work import operations, planning, queries
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkItem, WorkRecord
from hazard_flow.daily_work.operations import Order
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders import queries as limits
from hazard_flow.ladders.models import TimeLimit, TimeLimitStep
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City

ZONE_HOURS = 8


def today(city: City) -> date:
    """The city's day."""
    return (city.now + timedelta(hours=ZONE_HOURS)).date()


def day(city: City, ahead: int = 0) -> str:
    """A day so many days ahead, as a form says it."""
    return (today(city) + timedelta(days=ahead)).isoformat()


def order(city: City, who: str, key: str | None = None) -> Order:
    """Somebody asks, now."""
    return Order(actor=city.actor(who), now=city.now, request_key=key or uuid.uuid4().hex)


def record(
    city: City,
    kind: str,
    *,
    by: str = "何安全",
    unit: str = HENGCHUAN,
    files: Sequence[EvidenceItem] | None = None,
    item: uuid.UUID | None = None,
    key: str | None = None,
    **given: Any,
) -> WorkRecord:
    """Somebody records something, with a photo unless told otherwise."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.record(
            session,
            line_book().kinds[kind],
            given,
            order(city, by, key),
            organisation=session.get_one(Organisation, city.founded.units[unit]),
            files=[city.photo()] if files is None else files,
            item_id=item,
        )


def correct(
    city: City, row: WorkRecord, *, by: str = "何安全", why: str = "补充登记", **given: Any
) -> WorkRecord:
    """Somebody corrects it."""
    with city.database.transaction(city.actor(by).scope) as session:
        return operations.correct(session, row.id, given, order(city, by), why=why)


def close(city: City, row: WorkRecord, *, by: str = "何安全", **given: Any) -> WorkRecord:
    """Somebody brings it to its end."""
    with city.database.transaction(city.actor(by).scope) as session:
        return operations.close(session, row.id, given, order(city, by))


def withdraw(city: City, row: WorkRecord, *, by: str = "何安全") -> WorkRecord:
    """It should not have been recorded."""
    with city.database.transaction(city.actor(by).scope) as session:
        return operations.withdraw(session, row.id, order(city, by), why="重复登记")


def drill(city: City, ahead: int = 0, **given: Any) -> WorkRecord:
    """A drill that was held, judged and reported."""
    return record(
        city,
        "drill",
        **{
            "held_on": day(city, ahead),
            "scenario": "中压管线挖断抢修",
            "form": "field",
            "location": "青梧路",
            "people": "32",
            "script": "接报、警戒、关阀、抢修、恢复",
            "evaluation": "处置得当，通讯有延误",
            "reported_on": day(city, ahead),
            **given,
        },
    )


def certificate(city: City, *, person: str = "李巡检", days: int = 30, number: str = "T-1") -> WorkRecord:
    """A person's certificate that is good for so many days."""
    return record(
        city,
        "certificate",
        person=str(city.person(person)),
        certificate_kind="operation",
        certificate_number=number,
        issuer="省燃气协会",
        issued_on=day(city, -700),
        valid_until=day(city, days),
    )


def cylinder(city: City, number: str = "YQ-1", *, test_in: int = 100, **given: Any) -> WorkRecord:
    """A cylinder in circulation whose next test is so many days ahead."""
    return record(
        city,
        "cylinder",
        **{
            "cylinder_number": number,
            "registered_on": day(city, -300),
            "owner": "own",
            "capacity": "ysp35",
            "made_on": day(city, -2000),
            "next_test_on": day(city, test_in),
            "use": "circulating",
            **given,
        },
    )


def move(
    city: City, number: str, step: str, *, by: str = "李巡检", files: Any = (), **given: Any
) -> WorkRecord:
    """A cylinder goes its way."""
    return record(
        city,
        "movement",
        by=by,
        unit="运行一班" if by == "李巡检" else HENGCHUAN,
        files=files,
        cylinder=number,
        moved_at=city.now.isoformat(),
        step=step,
        **given,
    )


def complaint(city: City, *, handler: str = "operator", person: str | None = "李巡检") -> WorkRecord:
    """A complaint comes in."""
    given = {"person": str(city.person(person))} if person else {}
    return record(
        city,
        "complaint",
        received_at=city.now.isoformat(),
        handler=handler,
        channel="hotline",
        subject="灶前压力偏低",
        category="supply",
        detail="晚高峰火焰偏小",
        **given,
    )


def make_items(city: City) -> int:
    """The worker looks at the plans."""
    with city.database.transaction(SYSTEM) as session:
        return planning.make_items(session, city.now)


def items(city: City, line: str, *, of: str = HENGCHUAN) -> list[WorkItem]:
    """What the plans of a line ask of an enterprise, in time."""
    with city.database.reading(SYSTEM) as session:
        found = queries.items(session, line, home_id=city.founded.units[of])
        return sorted(found, key=lambda one: one.begins_on)


def limit(city: City, subject: uuid.UUID, name: str) -> TimeLimit:
    """The newest limit of a name of a record or item."""
    with city.database.reading(SYSTEM) as session:
        [*_, kind] = session.scalars(
            sa.select(TimeLimit.subject_kind).where(TimeLimit.subject_id == subject).distinct()
        )
        found = limits.of_subject(session, kind, [subject])[subject]
        return [one for one in found if one.name == name][-1]


def told(city: City, subject: uuid.UUID) -> list[tuple[int, list[str]]]:
    """Rungs told about it so far, and who heard each."""
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(TimeLimitStep.data)
            .join(TimeLimit, TimeLimit.id == TimeLimitStep.limit_id)
            .where(TimeLimit.subject_id == subject, TimeLimitStep.act == "told")
            .order_by(TimeLimitStep.at, TimeLimitStep.seq)
        )
        return [(data["rung"], sorted(city.name(one) for one in data["to"])) for (data,) in rows]


def hazard(city: City, row: WorkRecord) -> Hazard | None:
    """The hazard it opened."""
    with city.database.reading(SYSTEM) as session:
        return session.get(Hazard, row.hazard_id) if row.hazard_id else None
