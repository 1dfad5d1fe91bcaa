"""Everything the tasks of a tablet are made from, loaded for all of them at once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.assets.models import Asset
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.actions import people_to_name
from hazard_flow.hazards.disclosing import personal_values_of
from hazard_flow.hazards.door_limits import DoorLimits, door_limits
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.forecast import Forecast, foreseen
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.shown import Words, ids_in
from hazard_flow.identity import queries as identity
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.models import Timer

#: id, name, roles: who may be named on the hazards of one enterprise in one division
Nameable = Sequence[tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Gathered:
    """What is known of these hazards; everything by the hazard's id unless it says otherwise."""

    rules: Rules
    directory: Directory
    now: datetime
    stored: Mapping[uuid.UUID, Sequence[Evidence]]
    facts: Mapping[uuid.UUID, Mapping[str, Any]]
    ahead: Mapping[uuid.UUID, Sequence[Forecast]]
    personal: Mapping[uuid.UUID, Mapping[str, str]]
    #: by asset, organisation and person
    assets: Mapping[uuid.UUID, Asset]
    units: Mapping[uuid.UUID, Organisation]
    people: Mapping[uuid.UUID, str]
    #: by enterprise and division
    nameable: Mapping[tuple[uuid.UUID, str], Nameable]

    def words(self, hazard: Hazard, locale: str) -> Words:
        """What this hazard's values are told with in one language."""
        return Words(
            rules=self.rules,
            locale=locale,
            workflow_id=f"{hazard.workflow}.v{hazard.workflow_version}",
            people=self.people,
            personal=self.personal.get(hazard.id, {}),
        )

    def limits(self, hazard: Hazard) -> DoorLimits:
        """Local policy for this hazard's place and level; the same for thousands."""
        place = (hazard.division, hazard.level)
        if place not in self._limits:
            self._limits[place] = door_limits(
                self.rules, division=hazard.division, level=hazard.level, now=self.now
            )
        return self._limits[place]

    @cached_property
    def _limits(self) -> dict[tuple[str, str], DoorLimits]:
        return {}


def gather(session: Session, found: Sequence[Hazard], *, now: datetime) -> Gathered:
    """Load it: the number of statements does not depend on the number of hazards, only on that of enterprises."""
    rules, ids = rules_of(session), [h.id for h in found]
    directory = Directory.load(
        session, paths={h.path for h in found}, people={p for h in found for _, p in parts(h)}
    )
    pending = _pending(session, ids)
    ahead = {h.id: foreseen(rules, h, pending.get(h.id, ()), directory) for h in found}
    named = {p for h in found for _, p in parts(h)}
    named |= {p for h in found for p in ids_in(rules, h.details)}
    named |= {p for firings in ahead.values() for f in firings for p in f.people}
    facts: dict[uuid.UUID, dict[str, Any]] = {}
    for provider in rules.facts:
        for id_, values in provider(session, found).items():
            facts.setdefault(id_, {}).update(values)
    places = {(h.home_id, h.division): h for h in found}
    return Gathered(
        rules=rules,
        directory=directory,
        now=now,
        stored=hazards.evidence_of(session, ids),
        facts=facts,
        ahead=ahead,
        personal=personal_values_of(session, ids),
        assets=assets.labels(session, [h.asset_id for h in found if h.asset_id]),
        units=identity.organisation_labels(
            session, [id_ for h in found for id_ in (h.home_id, h.organisation_id)]
        ),
        people=identity.names(session, named),
        nameable={place: people_to_name(session, one) for place, one in places.items()},
    )


def _pending(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Timer]]:
    found: dict[uuid.UUID, list[Timer]] = {}
    rows = session.scalars(
        sa.select(Timer)
        .where(Timer.subject_kind == "hazard", Timer.subject_id.in_(ids))
        .order_by(Timer.due_at)
    )
    for timer in rows:
        found.setdefault(timer.subject_id, []).append(timer)
    return found
