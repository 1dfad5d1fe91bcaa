"""Limits and their steps as the pages show them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names, organisation_labels
from hazard_flow.ladders import queries
from hazard_flow.ladders.models import TimeLimit, TimeLimitStep
from hazard_flow.ladders.rules import ladders
from hazard_flow.ladders.wording import limit_name

#: the right to see what is owed; who may see the subject sees its limits
READ = "hazards.read"
#: lines of the tile at home
AT_HOME = 5


@dataclass(frozen=True)
class Row:
    """One limit."""

    id: uuid.UUID
    name: str
    ladder: str
    title: str
    href: str
    unit: str
    responsible: str
    due_at: datetime
    original_due_at: datetime
    colour: str | None
    is_late: bool
    is_mine: bool
    #: waits for this person's acknowledgement, until when
    asks: datetime | None
    outcome: str | None
    ended_at: datetime | None
    next_at: datetime | None
    next_to: tuple[str, ...]


@dataclass(frozen=True)
class StepLine:
    """One step."""

    at: datetime
    said: str
    #: who did it; empty for the system
    who: str
    #: whom it told
    to: tuple[str, ...] = ()
    late_s: int = 0


def rows(
    session: Session, limits: Sequence[TimeLimit], actor: Actor, *, locale: str, now: datetime
) -> list[Row]:
    """Limits with what comes next; those that wait for this person first, then by time."""
    following = queries.next_told(session, limits)
    people = {p for one in following.values() for p in one.people}
    who = names(session, people | {one.responsible_id for one in limits if one.responsible_id})
    units = organisation_labels(session, {one.organisation_id for one in limits})
    found = []
    for one in limits:
        then = following.get(one.id)
        is_party = actor.id is not None and f",{actor.id.hex}," in one.parties
        unit = units.get(one.organisation_id)
        found.append(
            Row(
                id=one.id,
                name=limit_name(one.name, locale),
                ladder=ladders()[one.ladder].label.in_(locale),
                title=one.title.in_(locale),
                href=one.href,
                unit=unit.label.in_(locale) if unit else "",
                responsible=who.get(one.responsible_id, "") if one.responsible_id else "",
                due_at=one.due_at,
                original_due_at=one.original_due_at,
                colour=one.colour,
                is_late=(one.ended_at or now) > one.due_at,
                is_mine=actor.id is not None and one.responsible_id == actor.id,
                asks=one.acknowledge_by if is_party else None,
                outcome=text(f"ladders.outcome.{one.outcome}", locale) if one.outcome else None,
                ended_at=one.ended_at,
                next_at=then.at if then else None,
                next_to=tuple(who[p] for p in then.people if p in who) if then else (),
            )
        )
    return sorted(found, key=lambda row: (row.asks is None, not row.is_mine, row.due_at))


def named(steps: Iterable[TimeLimitStep]) -> set[uuid.UUID]:
    """Everybody the steps name."""
    acted = {one.actor.removeprefix("person:") for one in steps if one.actor.startswith("person:")}
    return {uuid.UUID(one) for one in acted | {p for step in steps for p in _to(step.data)}}


def step(one: TimeLimitStep, who: Mapping[uuid.UUID, str], locale: str) -> StepLine:
    """A step in words."""
    person = one.actor.removeprefix("person:") if one.actor.startswith("person:") else ""
    return StepLine(
        at=one.at,
        said=text(f"ladders.step.{one.act}", locale),
        who=who.get(uuid.UUID(person), "") if person else "",
        to=tuple(who[uuid.UUID(p)] for p in _to(one.data) if uuid.UUID(p) in who),
        late_s=int(one.data.get("late_s") or 0),
    )


def _to(data: Mapping[str, Any]) -> list[str]:
    given = data.get("to")
    return [str(p) for p in given] if isinstance(given, list) else []
