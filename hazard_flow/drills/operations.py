"""Files what a drill has shown, and, where asked to, sends one message to everybody the ladders would tell."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

import hazard_flow
from hazard_flow.drills.models import Drill, DrillRung
from hazard_flow.drills.rungs import Climbed
from hazard_flow.hazards.chain import instant_text
from hazard_flow.identity.models import Person
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.operations import enqueue
from hazard_flow.storage.base import new_id

#: subject of the messages of a drill: never a hazard's
SUBJECT = "drill"
CHANNELS = ("inbox", "message")
#: a drill's message asks to be acknowledged within this [D]
ACKNOWLEDGE_WITHIN = timedelta(hours=24)


def file_record(
    session: Session,
    rungs: Sequence[Climbed],
    *,
    actor: str,
    started_at: datetime,
    finished_at: datetime,
    sent: bool,
    zone: ZoneInfo,
    organisation_id: uuid.UUID | None = None,
) -> Drill:
    """The record of one drill, with a number of its own; it can never be changed."""
    drill = Drill(
        id=new_id(),
        number=_number(session, started_at, zone),
        started_at=started_at,
        finished_at=finished_at,
        actor=actor,
        sent=sent,
        version=hazard_flow.__version__,
        workflows=sorted({one.workflow.id for one in rungs}),
        organisation_id=organisation_id,
        units=len({one.place for one in rungs}),
        rungs=len(rungs),
        people=len({person for one in rungs for person in one.people}),
        unreached=sum(one.result == "nobody" for one in rungs),
        findings=sum(bool(one.findings) for one in rungs),
    )
    session.add(drill)
    session.flush()
    session.add_all(_row(drill, position, one) for position, one in enumerate(rungs))
    session.flush()
    return drill


def send_out(session: Session, drill: Drill, rungs: Sequence[Climbed], now: datetime) -> int:
    """One clearly marked message to everybody told, over the inbox and whatever channel carries messages; returns to how many people."""
    counts = Counter(person for one in rungs for person in one.people)
    homes = {
        id_: uuid.UUID(hex=path.split("/", 1)[0])
        for id_, path in session.execute(sa.select(Person.id, Person.path).where(Person.id.in_(list(counts))))
    }
    enqueue(
        session,
        [
            Outbox(
                id=new_id(),
                home_id=homes[person],
                subject_kind=SUBJECT,
                subject_id=drill.id,
                seq=1,
                person_id=person,
                channel=channel,
                template="drill",
                params={
                    "title": drill.number,
                    "count": number,
                    "acknowledge_by": instant_text(now + ACKNOWLEDGE_WITHIN),
                },
                created_at=now,
                due_at=now,
            )
            for person, number in sorted(counts.items())
            if person in homes
            for channel in CHANNELS
        ],
    )
    return len(homes)


def _number(session: Session, at: datetime, zone: ZoneInfo) -> str:
    prefix = f"YL-{at.astimezone(zone):%Y%m%d}-"
    taken = session.scalar(
        sa.select(sa.func.count()).select_from(Drill).where(Drill.number.startswith(prefix))
    )
    return f"{prefix}{(taken or 0) + 1:02d}"


def _row(drill: Drill, position: int, one: Climbed) -> DrillRung:
    return DrillRung(
        id=new_id(),
        drill_id=drill.id,
        position=position,
        organisation_id=one.place.organisation_id,
        path=one.place.path,
        division=one.place.division,
        workflow=one.workflow.id,
        state=one.state,
        timer=one.rule.name,
        ladder=one.rule.ladder,
        level=one.level,
        colour=one.rung.colour,
        after=one.after,
        unacknowledged=one.unacknowledged,
        planned_at=one.planned_at,
        fired_at=one.fired_at,
        expired_at=one.expired_at,
        addressees=list(one.rung.tell),
        told=[{"person": str(told.person), "ways": dict(told.ways)} for told in one.told],
        unreachable=list(one.unreachable),
        result=one.result,
        findings=list(one.findings),
    )
