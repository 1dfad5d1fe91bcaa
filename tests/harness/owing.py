"""What is owed beside hazards, in the city's words: a limit is opened for somebody, met, moved, acknowledged; who was told of it."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders import operations, queries
from hazard_flow.ladders.models import TimeLimit, TimeLimitStep
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City

TEAM = "运行一班"


def owe(
    city: City,
    subject: uuid.UUID,
    *,
    hours: float = 48,
    who: str | None = "李巡检",
    ladder: str = "round_overdue",
    unit: str = TEAM,
    by: str = "王班长",
) -> TimeLimit:
    """Something is owed in so many hours."""
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        organisation = session.scalars(sa.select(Organisation).where(Organisation.name_zh == unit)).one()
        return operations.open_limit(
            session,
            operations.LimitOf(
                kind="trial",
                subject_id=subject,
                name="trial",
                ladder=ladder,
                due_at=city.now + timedelta(hours=hours),
                title=Label(zh="东风路管线巡查", en="Patrol of Dongfeng Road"),
                href="/limits",
                organisation=organisation,
                responsible_id=city.person(who) if who else None,
            ),
            actor=actor,
            now=city.now,
        )


def met(city: City, subject: uuid.UUID, *, by: str = "李巡检") -> TimeLimit | None:
    """It is done."""
    with city.database.transaction(SYSTEM) as session:
        return operations.meet(session, "trial", subject, "trial", actor=city.actor(by), now=city.now)


def limit(city: City, subject: uuid.UUID) -> TimeLimit:
    """How its newest limit stands."""
    with city.database.reading(SYSTEM) as session:
        return queries.of_subject(session, "trial", [subject])[subject][-1]


def told(city: City, subject: uuid.UUID) -> list[tuple[int, list[str]]]:
    """Rungs told so far, and who heard each, by name."""
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(TimeLimitStep.data)
            .join(TimeLimit, TimeLimit.id == TimeLimitStep.limit_id)
            .where(TimeLimit.subject_id == subject, TimeLimitStep.act == "told")
            .order_by(TimeLimit.opened_at, TimeLimitStep.seq)
        )
        return [(data["rung"], sorted(city.name(one) for one in data["to"])) for (data,) in rows]


def messages(city: City, subject: uuid.UUID) -> list[tuple[str, str, str]]:
    """Messages about it: to whom, over what, in which words."""
    with city.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(Outbox.person_id, Outbox.channel, Outbox.template)
            .join(TimeLimit, TimeLimit.id == Outbox.subject_id)
            .where(TimeLimit.subject_id == subject)
            .order_by(Outbox.created_at, Outbox.id)
        )
        return [(city.name(person), channel, template) for person, channel, template in rows]
