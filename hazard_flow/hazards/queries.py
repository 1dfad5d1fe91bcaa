"""Reads: lists with filters, one hazard, its events, what waits for a person. Every one starts from the session's scope."""

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.evidence.models import Evidence, EvidenceArrival
from hazard_flow.hazards import narrowing
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.narrowing import NONE
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow.definition import COLOURS, STAGES, URGENCIES
from hazard_flow.workflow.vocabulary import default_vocabulary

#: A capped count says "10 000+" rather than reading a million rows.
COUNT_CAP = 10_000
SEARCH_LENGTH_MAX = 100
#: names of states and workflows as files write them; a workflow in all its versions, or one: `general`, `general.v2`
_NAMES = {
    "state": re.compile(r"[a-z][a-z0-9_]{0,39}"),
    "workflow": re.compile(r"[a-z][a-z0-9_]{0,39}(\.v[1-9][0-9]{0,5})?"),
}


@dataclass(frozen=True)
class Filter(narrowing.Further):
    """What a list is narrowed to; empty fields narrow nothing."""

    stage: str = ""
    level: str = ""
    urgency: str = ""
    organisation: uuid.UUID | None = None
    division: str = ""
    overdue: bool = False
    open_only: bool = False
    mine: bool = False
    q: str = ""
    asset: uuid.UUID | None = None
    #: a state of its workflow; a workflow, `general` or one version of it, `general.v2`
    state: str = ""
    workflow: str = ""
    #: a request or measure that stands open
    flag: str = ""
    colour: str = ""
    source: str = ""
    #: reported past a manager; asked only by the regulator's officers
    protected: bool = False


def read_filter(raw: Mapping[str, str]) -> Filter:
    """A filter from query parameters; every wrong value is listed, none is ignored."""
    problems = [
        FieldError(name, "unknown_choice", {"value": raw[name]})
        for name, allowed in (
            ("stage", STAGES),
            ("level", ("general", "major")),
            ("urgency", (*URGENCIES, NONE)),
        )
        if raw.get(name) and raw[name] not in allowed
    ]
    book = default_vocabulary().book
    problems += [
        FieldError(name, "unknown_choice", {"value": raw[name]})
        for name, known in (("flag", book.flags), ("colour", COLOURS), ("source", book.sources))
        if raw.get(name) and raw[name] not in known
    ]
    problems += [
        FieldError(name, "unknown_choice", {"value": raw[name]})
        for name, pattern in _NAMES.items()
        if raw.get(name) and not pattern.fullmatch(raw[name])
    ]
    flags = {}
    for name in ("overdue", "mine", "open", "protected"):
        value = raw.get(name, "").lower()
        if value not in ("", "1", "true", "yes", "0", "false", "no"):
            problems.append(FieldError(name, "not_a_flag"))
        flags[name] = value in ("1", "true", "yes")
    ids: dict[str, uuid.UUID | None] = {}
    for name in ("organisation", "asset"):
        try:
            ids[name] = uuid.UUID(raw[name]) if raw.get(name) else None
        except ValueError:
            problems.append(FieldError(name, "not_an_id"))
    division = raw.get("division", "")
    if division and not (division.isdigit() and 2 <= len(division) <= 12):
        problems.append(FieldError("division", "not_a_division"))
    further = narrowing.read(raw, problems)
    if len(raw.get("q", "")) > SEARCH_LENGTH_MAX:
        problems.append(FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX}))
    if problems:
        raise BadRequest("bad filter", fields=problems)
    return Filter(
        stage=raw.get("stage", ""),
        level=raw.get("level", ""),
        urgency=raw.get("urgency", ""),
        organisation=ids["organisation"],
        division=division,
        overdue=flags["overdue"],
        open_only=flags["open"],
        mine=flags["mine"],
        q=raw.get("q", "").strip(),
        asset=ids["asset"],
        state=raw.get("state", ""),
        workflow=raw.get("workflow", ""),
        flag=raw.get("flag", ""),
        colour=raw.get("colour", ""),
        source=raw.get("source", ""),
        protected=flags["protected"],
        **further,
    )


def conditions(wanted: Filter, scope: Scope, now: datetime) -> list[ColumnElement[bool]]:
    """The filter and the scope as conditions on the hazard table."""
    found = [scope.where(Hazard.path, Hazard.division, Hazard.parties), *_plain(wanted)]
    if wanted.organisation is not None:
        # one reported past its manager lies on no path of the enterprise; the regulator finds it under its name all the same
        found.append(
            sa.or_(
                Hazard.path.contains(wanted.organisation.hex + "/", autoescape=True),
                sa.and_(Hazard.path == CONCEALED_PATH, Hazard.home_id == wanted.organisation),
            )
        )
    if wanted.division:
        found.append(Hazard.division.startswith(wanted.division, autoescape=True))
    if wanted.overdue:
        found += [Hazard.closed_at.is_(None), Hazard.due_at < now]
    if wanted.open_only:
        found.append(Hazard.closed_at.is_(None))
    if wanted.mine and scope.person_id is not None:
        found.append(Hazard.parties.contains(f",{scope.person_id.hex},"))
    if wanted.q:
        found.append(_matches(wanted.q))
    return [*found, *_standing(wanted), *narrowing.conditions(wanted)]


def _plain(wanted: Filter) -> list[ColumnElement[bool]]:
    """Columns that must have a value."""
    columns = (
        (Hazard.stage, wanted.stage),
        (Hazard.level, wanted.level),
        (Hazard.urgency, wanted.urgency if wanted.urgency != NONE else ""),
        (Hazard.state, wanted.state),
        (Hazard.source, wanted.source),
        (Hazard.asset_id, wanted.asset),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in columns if value]
    if wanted.urgency == NONE:
        found.append(Hazard.urgency.is_(None))
    key, _, version = wanted.workflow.partition(".v")
    if key:
        found.append(Hazard.workflow == key)
    if version:
        found.append(Hazard.workflow_version == int(version))
    return found


def _standing(wanted: Filter) -> list[ColumnElement[bool]]:
    """What stands open, the notice that went out, who reported."""
    found: list[ColumnElement[bool]] = []
    if wanted.flag:
        # only open hazards have anything open; saying so lets the database use its index of those
        standing = Hazard.proceedings["open", wanted.flag].as_string()
        found += [Hazard.closed_at.is_(None), standing.is_not(None)]
    if wanted.colour:
        found += [Hazard.closed_at.is_(None), Hazard.colour == wanted.colour]
    if wanted.protected:
        found.append(Hazard.protected_reporter_id.is_not(None))
    return found


def _matches(q: str) -> ColumnElement[bool]:
    columns = (Hazard.number, Hazard.title, Hazard.place)
    return sa.or_(*[c.icontains(q, autoescape=True) for c in columns])


def page(session: Session, wanted: Filter, *, now: datetime, cursor: str | None, limit: int) -> Page[Hazard]:
    """One page of hazards, newest first."""
    statement = sa.select(Hazard).where(*conditions(wanted, scope_of_session(session), now))
    return keyset(session, statement, instant=Hazard.reported_at, id_=Hazard.id, cursor=cursor, limit=limit)


def capped_count(session: Session, wanted: Filter, *, now: datetime) -> int:
    """How many there are, counted no further than 10 001."""
    inner = (
        sa.select(Hazard.id).where(*conditions(wanted, scope_of_session(session), now)).limit(COUNT_CAP + 1)
    )
    return int(session.execute(sa.select(sa.func.count()).select_from(inner.subquery())).scalar_one())


def grouped(session: Session, wanted: Filter, *, now: datetime) -> list[tuple[str, str, str | None, int]]:
    """Counts by (stage, level, urgency) of what the filter leaves."""
    rows = session.execute(
        sa.select(Hazard.stage, Hazard.level, Hazard.urgency, sa.func.count())
        .where(*conditions(wanted, scope_of_session(session), now))
        .group_by(Hazard.stage, Hazard.level, Hazard.urgency)
    )
    return [(stage, level, urgency, int(count)) for stage, level, urgency, count in rows]


def by_number(session: Session, number: str) -> Hazard:
    """One hazard; `NotFound` when it is absent or out of scope, never saying which."""
    scope = scope_of_session(session)
    hazard = session.scalar(
        sa.select(Hazard).where(
            Hazard.number == number, scope.where(Hazard.path, Hazard.division, Hazard.parties)
        )
    )
    if hazard is None:
        raise NotFound(f"hazard {number}")
    return hazard


def by_numbers(session: Session, numbers: Sequence[str]) -> dict[str, Hazard]:
    """Those of these hazards that are within scope, by number."""
    scope = scope_of_session(session)
    rows = session.scalars(
        sa.select(Hazard).where(
            Hazard.number.in_(numbers), scope.where(Hazard.path, Hazard.division, Hazard.parties)
        )
    )
    return {row.number: row for row in rows}


def by_ids(session: Session, ids: Collection[uuid.UUID]) -> list[Hazard]:
    """Those of these hazards that are within scope."""
    if not ids:
        return []
    scope = scope_of_session(session)
    seen = scope.where(Hazard.path, Hazard.division, Hazard.parties)
    return list(session.scalars(sa.select(Hazard).where(Hazard.id.in_(list(ids)), seen)))


def events(session: Session, hazard: Hazard) -> list[HazardEvent]:
    """The whole chain of one hazard, in order."""
    return list(
        session.scalars(
            sa.select(HazardEvent).where(HazardEvent.hazard_id == hazard.id).order_by(HazardEvent.seq)
        )
    )


def evidence(session: Session, hazard: Hazard) -> list[Evidence]:
    """Everything attached to one hazard, in the order it came."""
    return list(
        session.scalars(
            sa.select(Evidence)
            .where(Evidence.hazard_id == hazard.id)
            .order_by(Evidence.event_seq, Evidence.sha256)
        )
    )


def evidence_of(session: Session, hazards: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Evidence]]:
    """The same for many hazards, by hazard; hazards without any are left out."""
    found: dict[uuid.UUID, list[Evidence]] = {}
    rows = session.scalars(
        sa.select(Evidence)
        .where(Evidence.hazard_id.in_(list(hazards)))
        .order_by(Evidence.event_seq, Evidence.sha256)
    )
    for one in rows:
        found.setdefault(one.hazard_id, []).append(one)
    return found


def evidence_item(session: Session, hazard: Hazard, sha256: str) -> Evidence:
    """One piece of a hazard by the hash of its original; `NotFound` when the hazard has none such."""
    found = session.scalars(
        sa.select(Evidence).where(Evidence.hazard_id == hazard.id, Evidence.sha256 == sha256).limit(1)
    ).first()
    if found is None:
        raise NotFound(f"evidence {sha256[:12]}")
    return found


def display_item(session: Session, hazard: Hazard, display_sha256: str) -> Evidence:
    """One piece of a hazard by the hash of its display copy."""
    found = session.scalars(
        sa.select(Evidence)
        .where(
            Evidence.hazard_id == hazard.id,
            sa.or_(
                Evidence.display_sha256 == display_sha256,
                Evidence.arrivals.any(EvidenceArrival.display_sha256 == display_sha256),
            ),
        )
        .limit(1)
    ).first()
    if found is None:
        raise NotFound(f"evidence {display_sha256[:12]}")
    return found


def photo_counts(session: Session, hazards: Sequence[Hazard]) -> dict[uuid.UUID, tuple[int, str | None]]:
    """For each hazard how many pictures there are, and the SHA-256 of the first display copy that is here."""
    here = sa.case((Evidence.is_declared, EvidenceArrival.display_sha256), else_=Evidence.display_sha256)
    rows = session.execute(
        sa.select(Evidence.hazard_id, sa.func.count(Evidence.id.distinct()), sa.func.min(here))
        .outerjoin(EvidenceArrival, EvidenceArrival.evidence_id == Evidence.id)
        .where(Evidence.hazard_id.in_([h.id for h in hazards]), Evidence.mime.startswith("image/"))
        .group_by(Evidence.hazard_id)
    )
    return {hazard_id: (int(count), display) for hazard_id, count, display in rows}


def by_stage(session: Session, wanted: Filter, *, now: datetime, limit: int) -> list[Hazard]:
    """The cards of one board column: open ones by deadline, closed ones newest first."""
    statement = sa.select(Hazard).where(*conditions(wanted, scope_of_session(session), now)).limit(limit)
    if wanted.stage == "closed":
        return list(session.scalars(statement.order_by(Hazard.closed_at.desc(), Hazard.id)))
    return list(
        session.scalars(statement.order_by(Hazard.due_at.is_(None), Hazard.due_at, Hazard.reported_at))
    )


def at_asset(session: Session, asset_id: uuid.UUID) -> list[Hazard]:
    """Open hazards at one asset."""
    scope = scope_of_session(session)
    return list(
        session.scalars(
            sa.select(Hazard)
            .where(
                Hazard.asset_id == asset_id,
                Hazard.closed_at.is_(None),
                scope.where(Hazard.path, Hazard.division, Hazard.parties),
            )
            .order_by(Hazard.reported_at.desc())
            .limit(20)
        )
    )


def closed_at_asset(session: Session, asset_id: uuid.UUID) -> int:
    """How many hazards at one asset are closed."""
    scope = scope_of_session(session)
    counted = sa.select(sa.func.count()).where(
        Hazard.asset_id == asset_id,
        Hazard.closed_at.is_not(None),
        scope.where(Hazard.path, Hazard.division, Hazard.parties),
    )
    return session.scalar(counted) or 0
