"""Reads: the register, one accident with what belongs to it, and what assessment and scorecards ask."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents.models import CATEGORIES, KINDS, Accident, AccidentLink, AccidentStep
from hazard_flow.accidents.rules import CLASSES
from hazard_flow.accidents.steps import reach
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.storage.paging import Page, keyset

SEARCH_LENGTH_MAX = 100
#: kinds of veto facts (domain 6.2): an accident with dead for which the enterprise answers; one that was concealed or not reported
VETOES = ("responsible_death", "concealed_accident")
_CONCEALING = ("omitted", "false", "concealed")


@dataclass(frozen=True)
class Wanted:
    """What the register is narrowed to; empty narrows nothing."""

    kind: str = ""
    category: str = ""
    accident_class: str = ""
    open_only: bool = False
    q: str = ""
    organisation: uuid.UUID | None = None


@dataclass(frozen=True)
class VetoFact:
    """Something that caps a scorecard by itself."""

    kind: str
    accident_id: uuid.UUID
    number: str
    accident_class: str
    at: datetime


def read_wanted(raw: Mapping[str, str]) -> Wanted:
    """The register's filter; every wrong value is listed."""
    faults = [
        FieldError(name, "unknown_choice", {"value": raw[name][:40]})
        for name, allowed in (
            ("kind", KINDS),
            ("category", CATEGORIES),
            ("class", CLASSES),
            ("open", ("0", "1")),
        )
        if raw.get(name) and raw[name] not in allowed
    ]
    words, organisation = raw.get("q", "").strip(), None
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        faults.append(FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX}))
    try:
        organisation = uuid.UUID(raw["organisation"]) if raw.get("organisation") else None
    except ValueError:
        faults.append(FieldError("organisation", "not_an_id"))
    if faults:
        raise BadRequest("bad filter", fields=faults)
    return Wanted(
        raw.get("kind", ""),
        raw.get("category", ""),
        raw.get("class", ""),
        raw.get("open") == "1",
        words,
        organisation,
    )


def page(session: Session, wanted: Wanted, *, cursor: str | None, limit: int) -> Page[Accident]:
    """Accidents within the scope, the newest first."""
    statement = sa.select(Accident).where(reach(session), *_conditions(wanted))
    return keyset(
        session, statement, instant=Accident.occurred_at, id_=Accident.id, cursor=cursor, limit=limit
    )


def counts(session: Session, since: datetime) -> Mapping[str, int]:
    """Figures of the register within the scope: accidents and near misses since an instant, people, what is open."""
    row = session.execute(
        sa.select(
            _count(Accident.kind == "accident"),
            _count(Accident.kind == "near_miss"),
            sa.func.coalesce(sa.func.sum(Accident.dead), 0),
            sa.func.coalesce(sa.func.sum(Accident.seriously_injured), 0),
        ).where(reach(session), Accident.occurred_at >= since)
    ).one()
    still = session.scalar(sa.select(sa.func.count()).where(reach(session), Accident.closed_at.is_(None)))
    return dict(
        zip(("accidents", "near_misses", "dead", "seriously_injured"), map(int, row), strict=True)
    ) | {"open": int(still or 0)}


def steps(session: Session, accident: Accident) -> Sequence[AccidentStep]:
    """What happened, in order."""
    return session.scalars(
        sa.select(AccidentStep).where(AccidentStep.subject_id == accident.id).order_by(AccidentStep.seq)
    ).all()


def links(session: Session, accident: Accident) -> Sequence[AccidentLink]:
    """What belongs to it."""
    return session.scalars(
        sa.select(AccidentLink)
        .where(AccidentLink.accident_id == accident.id)
        .order_by(AccidentLink.linked_at, AccidentLink.target_id)
    ).all()


def of_target(session: Session, kind: str, target_id: uuid.UUID) -> Sequence[tuple[Accident, AccidentLink]]:
    """The accidents a hazard, an alert or an asset belongs to, within the scope, the newest first."""
    rows = session.execute(
        sa.select(Accident, AccidentLink)
        .join(AccidentLink, AccidentLink.accident_id == Accident.id)
        .where(AccidentLink.kind == kind, AccidentLink.target_id == target_id, reach(session))
        .order_by(Accident.occurred_at.desc())
    )
    return [(row[0], row[1]) for row in rows]


def veto_facts(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: datetime, until: datetime
) -> Mapping[uuid.UUID, Sequence[VetoFact]]:
    """What caps the scorecard of an enterprise, by enterprise: accidents from `since` on, before `until`, by when they happened."""
    found: dict[uuid.UUID, list[VetoFact]] = {}
    rows = session.scalars(
        sa.select(Accident)
        .where(
            reach(session),
            Accident.home_id.in_(list(organisation_ids)),
            Accident.kind == "accident",
            Accident.occurred_at >= since,
            Accident.occurred_at < until,
        )
        .order_by(Accident.occurred_at, Accident.id)
    )
    for one in rows:
        kinds = []
        if one.responsibility == "responsible" and one.dead:
            kinds.append("responsible_death")
        if one.concealment in _CONCEALING:
            kinds.append("concealed_accident")
        for kind in kinds:
            fact = VetoFact(kind, one.id, one.number, one.accident_class or "", one.occurred_at)
            found.setdefault(one.home_id, []).append(fact)
    return found


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    columns = (
        (Accident.kind, wanted.kind),
        (Accident.category, wanted.category),
        (Accident.accident_class, wanted.accident_class),
        (Accident.home_id, wanted.organisation),
    )
    found: list[sa.ColumnElement[bool]] = [column == value for column, value in columns if value]
    if wanted.open_only:
        found.append(Accident.closed_at.is_(None))
    if wanted.q:
        words = wanted.q
        found.append(
            sa.or_(
                *(
                    column.contains(words, autoescape=True)
                    for column in (Accident.number, Accident.title, Accident.place)
                )
            )
        )
    return found


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
