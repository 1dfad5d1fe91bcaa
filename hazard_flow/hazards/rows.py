"""From hazards to the rows of lists, boards and "my work": names, countdowns and pictures looked up set-based."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.hazards import queries
from hazard_flow.hazards.matters import marks
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.views import HazardRow, countdown
from hazard_flow.identity import queries as identity
from hazard_flow.schedule.queries import next_by_subject

MARKS_SHOWN = 3


@dataclass(frozen=True)
class Selectable:
    """What the reader may do to a hazard together with others; why not where there is nothing."""

    actions: tuple[str, ...] = ()
    why_not: str = ""


NOTHING = Selectable()


def rows(
    session: Session,
    hazards: Sequence[Hazard],
    *,
    locale: str,
    now: datetime,
    owed: Mapping[uuid.UUID, str] | None = None,
    bulk: Mapping[uuid.UUID, Selectable] | None = None,
) -> tuple[HazardRow, ...]:
    """One row for each hazard, in order; `owed` says what is waited for, `bulk` what may be done to many of them at once."""
    if not hazards:
        return ()
    words = Words(rules_of(session), locale)
    people = identity.names(session, {h.responsible_id for h in hazards if h.responsible_id})
    units = identity.organisation_labels(session, {h.home_id for h in hazards})
    photos = queries.photo_counts(session, hazards)
    pending = next_by_subject(session, [h.id for h in hazards if h.is_open and h.due_at is None])
    found = []
    for hazard in hazards:
        root = units.get(hazard.home_id)
        count, display = photos.get(hazard.id, (0, None))
        due_at = hazard.due_at or pending.get(hazard.id)
        found.append(
            HazardRow(
                number=hazard.number,
                title=hazard.title,
                level=hazard.level,
                urgency=hazard.urgency,
                stage=hazard.stage,
                state_label=state_label(session, hazard, locale),
                organisation=root.label.in_(locale) if root else "",
                place=hazard.place,
                found_at=hazard.found_at,
                responsible=people.get(hazard.responsible_id, "") if hazard.responsible_id else "",
                clock=countdown(due_at, started_at=hazard.reported_at, now=now)
                if due_at and hazard.is_open
                else None,
                closed_at=hazard.closed_at,
                ahead=_ahead(hazard),
                photo_count=count,
                thumbnail_url=f"/evidence/{hazard.number}/{display}/thumb" if display else None,
                colour=hazard.colour,
                is_blind=hazard.blind,
                is_incomplete=hazard.incomplete,
                alarm_level=hazard.alarm_level,
                marks=marks(words, hazard)[:MARKS_SHOWN],
                owed=owed.get(hazard.id, "") if owed else "",
                bulk=(bulk or {}).get(hazard.id, NOTHING).actions,
                why_not=(bulk or {}).get(hazard.id, NOTHING).why_not,
            )
        )
    return tuple(found)


def state_label(session: Session, hazard: Hazard, locale: str) -> str:
    """What people call the hazard's state; a closed one is named by its resolution."""
    rules = rules_of(session)
    if hazard.resolution and hazard.resolution in rules.fields.resolutions:
        return rules.fields.resolutions[hazard.resolution].in_(locale)
    return rules.pinned(hazard.workflow, hazard.workflow_version).states[hazard.state].label.in_(locale)


def _ahead(hazard: Hazard) -> timedelta | None:
    if hazard.closed_at is None or hazard.original_due_at is None:
        return None
    return hazard.original_due_at - hazard.closed_at
