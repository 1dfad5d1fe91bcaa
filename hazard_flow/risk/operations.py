"""Writes of the register: a point is entered, corrected, rated, ended. What presses on it from outside comes through `set_dynamic`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict
from hazard_flow.risk import versions
from hazard_flow.risk.dynamic import Factor, dynamic
from hazard_flow.risk.entry import Ratings, judge, judge_ratings
from hazard_flow.risk.grading import Grading, grading
from hazard_flow.risk.models import RiskColour, RiskFactor, RiskPoint, RiskRating, RiskReview
from hazard_flow.risk.rating import Rated
from hazard_flow.schedule.bulk import append_rows
from hazard_flow.storage.base import new_id


@dataclass(frozen=True, kw_only=True)
class Press:
    """Something that presses on a point as it is from an instant on; `factor` None: it does not press any more."""

    at: datetime
    point_id: uuid.UUID
    #: `hazard` or `alarm`, and the hazard or the asset
    kind: str
    subject_id: uuid.UUID
    #: the hazard's number, the asset's code
    name: str
    factor: Factor | None
    #: what a colour that follows says of its cause beside kind and name
    detail: Mapping[str, Any] = field(default_factory=dict)
    #: as the colour's cause is told; the kind itself unless said otherwise
    cause: str = ""


def enter(
    session: Session, given: Mapping[str, str], *, now: datetime, by: uuid.UUID | None, zone: ZoneInfo
) -> RiskPoint:
    """A new point with its rating, from the fields of a form or of a row of a file; raises `Refused` with everything wrong."""
    rules = grading()
    entry = judge(session, given, rules, now=now, zone=zone, point=None)
    ratings = entry.ratings
    assert ratings is not None
    point = RiskPoint(
        id=new_id(),
        home_id=entry.organisation.root_id,
        organisation_id=entry.organisation.id,
        path=entry.organisation.path,
        division=entry.asset.division if entry.asset else entry.organisation.division,
        code=given["code"],
        inherent=ratings.inherent.colour,
        residual=ratings.residual.colour,
        dynamic=ratings.residual.colour,
        rated_at=now,
        next_review_on=ratings.next_review_on,
        colours=0,
        is_followed=entry.asset is None,
        version=0,
        created_at=now,
        changed_at=now,
        changed_by=by,
        **entry.columns,
    )
    session.add(point)
    session.flush()
    _keep_ratings(session, point, ratings, rules, now=now, by=by)
    keep_colour(session, point, at=now, cause="entered")
    versions.note(session, point, "entered", now=now, by=by)
    return point


def correct(
    session: Session,
    point: RiskPoint,
    given: Mapping[str, str],
    *,
    now: datetime,
    by: uuid.UUID | None,
    zone: ZoneInfo,
) -> None:
    """Other particulars. At another asset what presses there is gathered anew; the rating has a form of its own."""
    entry = judge(session, {**given, "code": point.code}, grading(), now=now, zone=zone, point=point)
    moved = entry.columns["asset_id"] != point.asset_id
    for name, value in entry.columns.items():
        setattr(point, name, value)
    point.organisation_id, point.path = entry.organisation.id, entry.organisation.path
    point.division = entry.asset.division if entry.asset else entry.organisation.division
    if moved:
        session.execute(sa.delete(RiskFactor).where(RiskFactor.point_id == point.id))
        point.is_followed = False
        _recolour(session, point, [], at=now, cause="entered")
    versions.note(session, point, "corrected", now=now, by=by)


def rate_again(
    session: Session,
    point: RiskPoint,
    given: Mapping[str, str],
    *,
    now: datetime,
    by: uuid.UUID | None,
    zone: ZoneInfo,
) -> Ratings:
    """A new rating of a point; its colour now follows from it and from what presses. Raises `Refused` with every wrong score.

    The very rating that stands, while nothing calls for another, is the same form sent twice and changes nothing.
    """
    if point.ended_at is not None:
        raise Conflict("out of use")
    rules = grading()
    ratings = judge_ratings(given, rules, now=now, zone=zone)
    if _stands(session, point, ratings):
        return ratings
    point.inherent, point.residual = ratings.inherent.colour, ratings.residual.colour
    point.rated_at, point.next_review_on = now, ratings.next_review_on
    _keep_ratings(session, point, ratings, rules, now=now, by=by)
    factors = session.scalars(sa.select(RiskFactor).where(RiskFactor.point_id == point.id)).all()
    _recolour(session, point, [factor_of(one) for one in factors], at=now, cause="rated", detail=_by(by))
    versions.note(session, point, "rated", now=now, by=by)
    return ratings


def end(session: Session, point: RiskPoint, *, now: datetime, by: uuid.UUID | None) -> None:
    """The point is out of use: it stays readable, counts nowhere, and nothing presses on it any more."""
    if point.ended_at is not None:
        return
    point.ended_at = now
    session.execute(sa.delete(RiskFactor).where(RiskFactor.point_id == point.id))
    _recolour(session, point, [], at=now, cause="entered", detail=_by(by))
    versions.note(session, point, "ended", now=now, by=by)


def set_dynamic(session: Session, presses: Sequence[Press], *, keeps_history: bool = True) -> int:
    """Take what presses, in the order it came, and give each point the colour that follows after each; how many colours changed.

    Set-based: some statements for any number. For the feed alone, which sees everything; nobody's own transaction waits for it. The same
    press twice changes nothing the second time. Without `keeps_history` the last colour counts and nothing is written down on the way.
    """
    ids = {one.point_id for one in presses}
    if not ids:
        return 0
    points = {
        point.id: point
        for point in session.scalars(
            sa.select(RiskPoint)
            .where(RiskPoint.id.in_(ids), RiskPoint.ended_at.is_(None))
            .order_by(RiskPoint.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    standing: dict[uuid.UUID, dict[tuple[str, uuid.UUID], RiskFactor]] = {id_: {} for id_ in points}
    for row in session.scalars(sa.select(RiskFactor).where(RiskFactor.point_id.in_(points))):
        standing[row.point_id][row.kind, row.subject_id] = row
    changed, history = 0, []
    for press in presses:
        point = points.get(press.point_id)
        if point is None:
            continue
        _take(session, standing[point.id], press)
        colour = dynamic(point.residual, [factor_of(one) for one in standing[point.id].values()])
        if colour != point.dynamic:
            changed += 1
            point.dynamic = colour
            if keeps_history:
                point.colours += 1
                history.append(_colour_row(point, press))
    append_rows(session, RiskColour.__table__, history)
    session.flush()
    return changed


def factor_of(row: RiskFactor) -> Factor:
    """The stored factor as the pure rule takes it."""
    return Factor(
        "alarm" if row.kind == "alarm" else "hazard", row.level, row.urgency, row.is_overdue, row.alarm_level
    )


def _stands(session: Session, point: RiskPoint, ratings: Ratings) -> bool:
    """Whether this is the rating that stands, and nothing calls for another."""
    called = sa.select(RiskReview.id).where(RiskReview.point_id == point.id, RiskReview.done_at.is_(None))
    if point.next_review_on != ratings.next_review_on or session.scalar(called.limit(1)) is not None:
        return False
    newest = sa.select(RiskRating).where(
        RiskRating.point_id == point.id, RiskRating.rated_at == point.rated_at
    )
    stored = {one.side: one for one in session.scalars(newest)}
    wanted = {"inherent": ratings.inherent} | (
        {"residual": ratings.residual} if ratings.is_residual_rated else {}
    )
    return stored.keys() == wanted.keys() and all(
        (one.method, one.scores, tuple(one.grounds), one.basis)
        == (wanted[side].method, dict(wanted[side].scores), wanted[side].grounds, ratings.basis)
        for side, one in stored.items()
    )


def _take(session: Session, standing: dict[tuple[str, uuid.UUID], RiskFactor], press: Press) -> None:
    key = (press.kind, press.subject_id)
    row = standing.get(key)
    if press.factor is None:
        if row is not None:
            if sa.inspect(row).persistent:
                session.delete(row)
            else:  # it came and went within this very call
                session.expunge(row)
            del standing[key]
        return
    if row is None:
        row = RiskFactor(
            point_id=press.point_id,
            kind=press.kind,
            subject_id=press.subject_id,
            name=press.name,
            since_at=press.at,
        )
        session.add(row)
        standing[key] = row
    said = press.factor
    row.level, row.urgency = said.level, said.urgency
    row.is_overdue, row.alarm_level = said.is_overdue, said.alarm_level


def _recolour(
    session: Session, point: RiskPoint, factors: Sequence[Factor], *, at: datetime, cause: str,
    detail: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    colour = dynamic(point.residual, factors)
    if colour != point.dynamic:
        point.dynamic = colour
        keep_colour(session, point, at=at, cause=cause, detail=detail)


def keep_colour(
    session: Session, point: RiskPoint, *, at: datetime, cause: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Write down the colour a point has now, and why."""
    point.colours += 1
    session.add(
        RiskColour(
            point_id=point.id,
            seq=point.colours,
            at=at,
            colour=point.dynamic,
            cause=cause,
            name="",
            detail=dict(detail or {}),
        )
    )


def _colour_row(point: RiskPoint, press: Press) -> dict[str, Any]:
    return {
        "point_id": point.id,
        "seq": point.colours,
        "at": press.at,
        "colour": point.dynamic,
        "cause": press.cause or press.kind,
        "name": press.name,
        "detail": dict(press.detail),
    }


def _keep_ratings(
    session: Session,
    point: RiskPoint,
    ratings: Ratings,
    rules: Grading,
    *,
    now: datetime,
    by: uuid.UUID | None,
) -> None:
    sides: list[tuple[str, Rated]] = [("inherent", ratings.inherent)]
    if ratings.is_residual_rated:
        sides.append(("residual", ratings.residual))
    for side, rated in sides:
        session.add(
            RiskRating(
                point_id=point.id,
                side=side,
                method=rated.method,
                scores=dict(rated.scores),
                grounds=list(rated.grounds),
                product=rated.product_text,
                colour=rated.colour,
                basis=ratings.basis,
                grading_version=rules.version,
                rated_at=now,
                rated_by=by,
            )
        )


def _by(person: uuid.UUID | None) -> dict[str, str]:
    return {"by": str(person)} if person else {}
