"""Reads about senders: whose they are, how long ago each was heard, what of theirs is in quarantine."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.roles import division_prefix
from hazard_flow.schedule.models import Upkeep
from hazard_flow.telemetry.models import Inbox, Source
from hazard_flow.telemetry.senders.models import SparkplugNode

ACTS_SHOWN = 10


@dataclass(frozen=True)
class Sender:
    """A sender in the list."""

    source: Source
    owner: Organisation
    pending: int
    dead: int


def looked_after(actor: Actor) -> sa.ColumnElement[bool]:
    """The sources a person may know of: those of the own organisation; a regulator those of its division, its administrator all."""
    if actor.is_system or any(h.regulator and h.role == "administrator" for h in actor.holdings):
        return sa.true()
    homes = sorted({uuid.UUID(hex=h.path.split("/", 1)[0]) for h in actor.holdings if not h.regulator})
    reach: list[sa.ColumnElement[bool]] = [Source.home_id.in_(homes)]
    for prefix in sorted({division_prefix(h.division) for h in actor.holdings if h.regulator}):
        inside = Organisation.division.startswith(prefix, autoescape=True)
        reach.append(Source.organisation_id.in_(sa.select(Organisation.id).where(inside).correlate(None)))
    return sa.or_(*reach)


def owners(session: Session, actor: Actor) -> Sequence[Organisation]:
    """The whole organisations a person may enter a sender for."""
    roots = sa.select(Organisation).where(Organisation.parent_id.is_(None)).order_by(Organisation.path)
    if not (actor.is_system or any(h.regulator and h.role == "administrator" for h in actor.holdings)):
        homes = {uuid.UUID(hex=h.path.split("/", 1)[0]) for h in actor.holdings if h.role == "administrator"}
        roots = roots.where(Organisation.id.in_(sorted(homes)))
    else:
        # Its alarms become hazards, and hazards are an enterprise's.
        roots = roots.where(Organisation.kind == "enterprise")
    return session.scalars(roots).all()


def senders(session: Session, actor: Actor) -> list[Sender]:
    """The senders a person looks after, by name."""
    waiting = (
        sa.select(Inbox.source_id, Inbox.state, sa.func.count())
        .where(Inbox.state != "done")
        .group_by(Inbox.source_id, Inbox.state)
    )
    counts = {(row[0], row[1]): int(row[2]) for row in session.execute(waiting)}
    rows = session.execute(
        sa.select(Source, Organisation)
        .join(Organisation, Organisation.id == Source.organisation_id)
        .where(looked_after(actor))
        .order_by(Source.name, Source.id)
    )
    return [
        Sender(source, owner, counts.get((source.id, "pending"), 0), counts.get((source.id, "dead"), 0))
        for source, owner in rows
    ]


def sender(session: Session, actor: Actor, source_id: uuid.UUID) -> Sender:
    """One of them; raises `NotFound`."""
    found = next((one for one in senders(session, actor) if one.source.id == source_id), None)
    if found is None:
        raise NotFound(f"source {source_id}")
    return found


def nodes(session: Session, source_id: uuid.UUID) -> Sequence[SparkplugNode]:
    """The Sparkplug edge nodes heard through a broker."""
    mine = sa.select(SparkplugNode).where(SparkplugNode.source_id == source_id)
    return session.scalars(mine.order_by(SparkplugNode.edge).limit(200)).all()


def acts(session: Session, source_id: uuid.UUID) -> Sequence[Upkeep]:
    """What people did to a sender last, newest first."""
    mine = sa.select(Upkeep).where(Upkeep.subject_kind == "source", Upkeep.subject_id == source_id)
    return session.scalars(mine.order_by(Upkeep.at.desc(), Upkeep.id.desc()).limit(ACTS_SHOWN)).all()
