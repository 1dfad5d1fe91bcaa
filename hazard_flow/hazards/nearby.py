"""One finding from many sources: open hazards near enough in place and time to be the same thing, and undoing a merge that was wrong.

A citizen, an inspector and a detector may all speak of one leak. Nothing is ever joined by itself: near ones are offered to a person, who
joins them through the door by the ordinary `merge`.
"""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.places import Place
from hazard_flow.errors import FieldError, NotAllowed, NotFound, Refused
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.changes import Outcome, Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.linking import again
from hazard_flow.hazards.models import Hazard, RequestKey
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.unit import scope_of_session

SHOWN_MAX = 5
#: rows looked at for those few; the box around the place is small
_READ_MAX = 200
_DEGREE_M = math.pi * 6_371_000 / 180
#: reasons are as long as that of the merge they undo
REASON_MIN = 5
#: of a hazard that was merged, what its successor begins with
_SAID = ("title", "description", "place", "lon", "lat", "crs", "accuracy_m", "catalogue_code")


@dataclass(frozen=True)
class Sought:
    """What somebody speaks of: where and when it was found. `but`: a hazard that is not to be offered to itself."""

    at: datetime
    division: str
    place: Place | None = None
    asset_id: uuid.UUID | None = None
    home_id: uuid.UUID | None = None
    but: uuid.UUID | None = None

    @classmethod
    def of(cls, hazard: Hazard) -> "Sought":
        """What a hazard speaks of."""
        return cls(
            at=hazard.found_at,
            division=hazard.division,
            place=Place.of(hazard),
            asset_id=hazard.asset_id,
            home_id=hazard.home_id,
            but=hazard.id,
        )


@dataclass(frozen=True)
class Near:
    """An open hazard that may be the same thing."""

    hazard: Hazard
    #: along the ground, None where one of the two has no place
    metres: int | None
    #: between the two findings
    minutes: int
    is_same_asset: bool


def find(session: Session, sought: Sought, *, now: datetime) -> list[Near]:
    """Open hazards in scope at the same asset, or within the metres and minutes policy gives, the nearest first."""
    rules, scope = rules_of(session), scope_of_session(session)
    metres, span = reach(rules, sought.division, now)
    here: list[sa.ColumnElement[bool]] = []
    if sought.asset_id is not None:
        here.append(Hazard.asset_id == sought.asset_id)
    if sought.place is not None:
        here.append(_box(sought.place, metres + sought.place.accuracy_m))
    if not here:
        return []
    where = [
        Hazard.closed_at.is_(None),
        Hazard.found_at.between(sought.at - span, sought.at + span),
        sa.or_(*here),
        scope.where(Hazard.path, Hazard.division, Hazard.parties),
    ]
    if sought.home_id is not None:
        where.append(Hazard.home_id == sought.home_id)
    if sought.but is not None:
        where.append(Hazard.id != sought.but)
    rows = session.scalars(sa.select(Hazard).where(*where).limit(_READ_MAX)).all()
    found = [_near(row, sought) for row in rows]
    kept = [one for one in found if one.is_same_asset or (one.metres is not None and one.metres <= metres)]
    kept.sort(key=lambda one: (not one.is_same_asset, one.metres or 0, one.minutes))
    return kept[:SHOWN_MAX]


def reach(rules: Rules, division: str, now: datetime) -> tuple[int, timedelta]:
    """How near counts as the same finding in a division: metres, and time between the two."""
    policy = rules.book.policy(division, rules.day_of(now))
    return policy.count("same_finding_within_m"), timedelta(minutes=policy.count("same_finding_within_min"))


def undo_merge(
    session: Session, *, actor: Actor, hazard_id: uuid.UUID, reason: str, request_key: str, now: datetime
) -> Outcome:
    """Open anew what was merged by mistake: a new hazard with `reopen_of`, found when the first one was, with its photographs.

    The merged one's record has ended and stays as it is; what went over to the other hazard stays there as well. Raises NotFound out of
    scope, NotAllowed for whoever may not merge, Refused for a hazard that was not merged or was opened anew already.
    """
    hazard = session.get(Hazard, hazard_id)
    if hazard is None or not actor.scope.sees(
        path=hazard.path, division=hazard.division, parties=hazard.parties
    ):
        raise NotFound(f"hazard {hazard_id}")
    if not may_undo(session, actor, hazard):
        raise NotAllowed("undo a merge", right="merge")
    problems = []
    if hazard.resolution != "merged":
        problems.append(FieldError("reopen_of", "hazard_not_merged"))
    elif (known := successor(session, hazard)) is not None and not _is_this(
        session, known, actor, request_key
    ):
        problems.append(FieldError("reopen_of", "hazard_opened_anew", {"number": known.number}))
    if len(reason.strip()) < REASON_MIN:
        problems.append(
            FieldError("reason", "too_short", {"at_least": REASON_MIN, "length": len(reason.strip())})
        )
    if problems:
        raise Refused("undo a merge", fields=problems)
    said = {name: getattr(hazard, name) for name in _SAID}
    data = {name: value for name, value in said.items() if value not in (None, "")}
    data["found_at"] = hazard.found_at
    data["onsite_action"] = reason.strip()
    if hazard.urgency in ("A", "B", "C"):
        data["suspected_urgency"] = hazard.urgency
    return apply_one(
        session,
        Report(
            workflow=hazard.workflow,
            actor=actor,
            request_key=request_key,
            organisation_id=hazard.organisation_id,
            data=data,
            evidence=tuple(again(one) for one in _photographs(session, hazard)),
            source=hazard.source,
            asset_id=hazard.asset_id,
            reopen_of_id=hazard.id,
            undoes_merge=True,
        ),
        now,
    )


def may_undo(session: Session, actor: Actor, hazard: Hazard) -> bool:
    """Whether this person might have merged it: what is undone takes the same rank."""
    workflow = rules_of(session).pinned(hazard.workflow, hazard.workflow_version)
    action = workflow.actions.get("merge")
    roles = actor.roles_at(path=hazard.path, division=hazard.division)
    return action is not None and bool(roles & set(action.who))


def successor(session: Session, hazard: Hazard) -> Hazard | None:
    """The hazard a merged one was opened anew as."""
    return session.scalars(
        sa.select(Hazard).where(Hazard.reopen_of_id == hazard.id).order_by(Hazard.reported_at)
    ).first()


def _is_this(session: Session, known: Hazard, actor: Actor, request_key: str) -> bool:
    """Whether the very same request opened it: then the door answers with what it did."""
    row = session.get(RequestKey, (actor.key, request_key))
    return row is not None and row.hazard_id == known.id


def _photographs(session: Session, hazard: Hazard) -> Sequence[Evidence]:
    return session.scalars(
        sa.select(Evidence)
        .where(Evidence.hazard_id == hazard.id, Evidence.kind == "PHOTO_BEFORE")
        .order_by(Evidence.event_seq)
    ).all()


def _near(hazard: Hazard, sought: Sought) -> Near:
    there = Place.of(hazard)
    metres = round(there.metres_to(sought.place)) if there is not None and sought.place is not None else None
    minutes = round(abs((hazard.found_at - sought.at).total_seconds()) / 60)
    same = sought.asset_id is not None and hazard.asset_id == sought.asset_id
    return Near(hazard, metres, minutes, same)


def _box(place: Place, metres: float) -> sa.ColumnElement[bool]:
    """The box of that many metres around a place, widened for what hazards themselves are unsure of."""
    reach_lat = (metres + 200) / _DEGREE_M
    reach_lon = reach_lat / max(0.1, math.cos(math.radians(place.lat)))
    return sa.and_(
        Hazard.lon.between(place.lon - reach_lon, place.lon + reach_lon),
        Hazard.lat.between(place.lat - reach_lat, place.lat + reach_lat),
    )
