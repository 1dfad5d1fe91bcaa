"""Reports from level to level, and their receipts."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents import clocks
from hazard_flow.accidents.models import Accident, AccidentStep
from hazard_flow.accidents.particulars import TEXT_MAX
from hazard_flow.accidents.reporting import ENTERPRISE
from hazard_flow.accidents.steps import REPORT, demand, note, on
from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import OFFICERS
from hazard_flow.storage.journal import digest_of
from hazard_flow.storage.unit import beyond_scope


class NothingOwed(Conflict):
    """Everything known has been reported to that level."""

    code = "nothing_to_report"


def report(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, to: str, request_key: str, now: datetime,
    words: str = "", at: datetime | None = None,
) -> Accident:  # fmt: skip
    """What is known goes up one level; `at` where it was said by telephone before it was entered.

    The enterprise's principal or safety director reports to the first regulator, each regulator's officers to the next. Raises NotAllowed,
    NothingOwed, AccidentClosed.
    """
    demand(actor, REPORT)
    digest = digest_of("report", accident_id, to, words, at)

    def work(accident: Accident) -> None:
        with beyond_scope(session):
            stands = clocks.standing(session, accident)
        hop = next((one for one in stands.way if one.receiver == to), None)
        if hop is None:
            raise Refused(fields=[FieldError("to", "unknown_choice", {"value": to[:40]})])
        _demand_station(actor, accident, hop.sender)
        if all(one.hop != hop for one in stands.owed):
            raise NothingOwed(f"{accident.number}: {to} knows everything", level=to)
        said = min(at or now, now)
        if said < accident.known_at:
            raise Refused(fields=[FieldError("at", "before_it_happened")])
        data = {
            "to": to,
            "from": hop.sender,
            "figures": accident.figures,
            "at": said.isoformat(),
            "note": words[:TEXT_MAX],
        }
        note(
            session, accident, "reported", data, actor=actor, request_key=request_key, digest=digest, now=now
        )
        clocks.settle(session, accident, actor=actor, now=now)

    return on(session, actor, accident_id, request_key, digest, work)


def receive(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, request_key: str, now: datetime
) -> Accident:
    """An officer has read what was reported to their level; raises NotAllowed, and NothingOwed when there is nothing unread."""
    demand(actor, REPORT)
    digest = digest_of("receive", accident_id)

    def work(accident: Accident) -> None:
        waiting = unread(session, accident)
        level = next((one for one in waiting if stands_at(actor, accident, one)), None)
        if level is None:
            if any(stands_at(actor, accident, one) for one in clocks.codes(accident.division)):
                raise NothingOwed(f"{accident.number}: nothing unread")
            raise NotAllowed("only the level it was reported to receives it", right=REPORT)
        data = {"level": level, "figures": waiting[level]}
        note(
            session, accident, "received", data, actor=actor, request_key=request_key, digest=digest, now=now
        )

    return on(session, actor, accident_id, request_key, digest, work)


def unread(session: Session, accident: Accident) -> dict[str, int]:
    """Levels that were told something nobody there has received, with the newest version told."""
    told, read = {}, {}
    rows = session.scalars(
        sa.select(AccidentStep)
        .where(AccidentStep.subject_id == accident.id, AccidentStep.act.in_(("reported", "received")))
        .order_by(AccidentStep.seq)
    )
    for step in rows:
        if step.act == "reported" and step.data["to"] != "state":
            told[step.data["to"]] = step.data["figures"]
        elif step.act == "received":
            read[step.data["level"]] = step.data["figures"]
    return {level: version for level, version in told.items() if read.get(level, 0) < version}


def may_send(actor: Actor, accident: Accident, station: str) -> bool:
    """Whether this person reports for a station: the enterprise's heads, or an officer of that level's regulator."""
    if station == ENTERPRISE:
        roles = actor.roles_at(path=accident.path, division="")
        return bool(roles & {"enterprise_principal", "safety_director"})
    return stands_at(actor, accident, station)


def _demand_station(actor: Actor, accident: Accident, station: str) -> None:
    if not may_send(actor, accident, station):
        raise NotAllowed(f"{station} reports this", right=REPORT)


def stands_at(actor: Actor, accident: Accident, level: str) -> bool:
    """Whether this person is an officer of the regulator at that level above the place."""
    code = clocks.codes(accident.division).get(level)
    return any(h.regulator and h.role in OFFICERS and h.division == code for h in actor.holdings)
