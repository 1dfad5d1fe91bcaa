"""The reporting clocks of an accident as time limits: opened, moved and met from what its steps say is owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents.models import Accident, AccidentStep
from hazard_flow.accidents.reporting import ENTERPRISE, Hop, Owed, Sent, hops, owed
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.ladders import operations as limits
from hazard_flow.ladders.heads import head_of
from hazard_flow.storage.unit import beyond_scope

SUBJECT, LADDER = "accident", "accident_report"
STATIONS = (ENTERPRISE, "county", "city", "province")


@dataclass(frozen=True)
class Standing:
    """The way up of one accident: its hops, who stands at each station, what was sent, what is owed."""

    way: tuple[Hop, ...]
    stations: Mapping[str, Organisation]
    sent: tuple[Sent, ...]
    owed: tuple[Owed, ...]


def codes(division: str) -> Mapping[str, str]:
    """The division codes of the levels above a place (GB/T 2260): district, city, province."""
    return {"county": division[:6], "city": division[:4] + "00", "province": division[:2] + "0000"}


def standing(session: Session, accident: Accident) -> Standing:
    """What is owed now; nothing for a near miss, nor after closing."""
    stations = regulators(session, accident.division)
    enterprise = session.get(Organisation, accident.home_id)
    if enterprise is not None:
        stations = {ENTERPRISE: enterprise, **stations}
    if accident.accident_class is None:
        return Standing((), stations, (), ())
    way = hops(accident.accident_class, [level for level in stations if level != ENTERPRISE])
    known, sent = told(session, accident)
    return Standing(way, stations, sent, () if accident.closed_at else owed(way, known, sent))


def regulators(session: Session, division: str) -> dict[str, Organisation]:
    """The regulators that work above a place, by level."""
    by_code = {code: level for level, code in reversed(list(codes(division).items()))}
    rows = session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == "regulator", Organisation.division.in_(list(by_code)))
        .order_by(Organisation.created_at.desc())
    )
    return {by_code[row.division]: row for row in rows}


def told(session: Session, accident: Accident) -> tuple[dict[int, datetime], tuple[Sent, ...]]:
    """When the enterprise knew each version of the figures, and the reports that were made."""
    known = {1: accident.known_at}
    sent = []
    rows = session.scalars(
        sa.select(AccidentStep)
        .where(
            AccidentStep.subject_id == accident.id,
            AccidentStep.act.in_(("reported", "supplemented", "reclassified")),
        )
        .order_by(AccidentStep.seq)
    )
    for step in rows:
        if step.act == "reported":
            sent.append(Sent(step.data["to"], step.data["figures"], datetime.fromisoformat(step.data["at"])))
        else:
            known[step.data["figures"]] = datetime.fromisoformat(step.data["known_at"])
    return known, tuple(sent)


def settle(session: Session, accident: Accident, *, actor: Actor, now: datetime) -> None:
    """Bring the limits in line with what is owed. A limit belongs to whoever owes it, so others' scopes do not reach it."""
    session.flush()
    with beyond_scope(session):
        stands = standing(session, accident)
        by_sender = {one.hop.sender: one for one in stands.owed}
        for sender, organisation in stands.stations.items():
            name = Hop(sender, "").limit
            one = by_sender.get(sender)
            if one is None and all(hop.sender != sender for hop in stands.way):
                limits.drop(session, SUBJECT, accident.id, name, actor=actor, now=now, why="class")
                continue
            if one is None:
                at = max((s.at for s in stands.sent if _sender(stands.way, s) == sender), default=now)
                limits.meet(session, SUBJECT, accident.id, name, actor=actor, now=now, at=at)
                continue
            limits.open_limit(
                session,
                limits.LimitOf(
                    kind=SUBJECT,
                    subject_id=accident.id,
                    name=name,
                    ladder=LADDER,
                    due_at=one.due_at,
                    title=Label(
                        zh=f"{accident.number} {accident.title}", en=f"{accident.number} {accident.title}"
                    ),
                    href=f"/accidents/{accident.id}",
                    organisation=organisation,
                    responsible_id=head_of(session, organisation),
                    division=accident.division if sender == ENTERPRISE else None,
                ),
                actor=actor,
                now=now,
            )
        session.flush()


def let_go(session: Session, accident: Accident, *, actor: Actor, now: datetime, why: str) -> None:
    """Nothing is owed any more."""
    session.flush()
    with beyond_scope(session):
        for level in STATIONS:
            limits.drop(session, SUBJECT, accident.id, Hop(level, "").limit, actor=actor, now=now, why=why)
        session.flush()


def _sender(way: Sequence[Hop], sent: Sent) -> str:
    return next((hop.sender for hop in way if hop.receiver == sent.receiver), "")
