"""Risk points as pages draw them: plain values in the reader's language."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.queries import labels as assets_of
from hazard_flow.i18n import text
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.risk import queries
from hazard_flow.risk.colours import number
from hazard_flow.risk.grading import CONTROL_LEVELS, grading
from hazard_flow.risk.models import RiskColour, RiskFactor, RiskPoint, RiskRating, RiskReview


@dataclass(frozen=True)
class Pressing:
    """What presses on a point, in words."""

    kind: str
    name: str
    href: str
    words: str
    since_at: datetime
    tier: int


@dataclass(frozen=True)
class Row:
    """One point of a list."""

    id: uuid.UUID
    href: str
    code: str
    name: str
    where: str
    unit: str
    kind: str
    category: str
    #: tiers 1 (red) to 4 (blue)
    inherent: int
    residual: int
    now: int
    control: str
    often: str
    pressing: tuple[Pressing, ...]
    next_review_on: date
    is_review_due: bool
    has_board: bool


def rows(session: Session, points: Sequence[RiskPoint], *, locale: str, today: date) -> list[Row]:
    """The rows of these points, with what presses on each."""
    pressing = queries.factors(session, [point.id for point in points])
    assets = assets_of(session, [point.asset_id for point in points if point.asset_id])
    units = organisation_labels(session, {point.organisation_id for point in points})
    called = set(
        session.scalars(
            sa.select(RiskReview.point_id).where(
                RiskReview.point_id.in_([point.id for point in points]), RiskReview.done_at.is_(None)
            )
        )
    )
    found = []
    for point in points:
        asset = assets.get(point.asset_id) if point.asset_id else None
        grade = grading().grades[point.dynamic]
        found.append(
            Row(
                id=point.id,
                href=f"/risk/{point.id}",
                code=point.code,
                name=point.label.in_(locale),
                where=asset.label.in_(locale) if asset else point.place,
                unit=units[point.organisation_id].label.in_(locale),
                kind=text(f"risk.kind.{point.kind}", locale),
                category=text(f"risk.category.{point.category}", locale),
                inherent=number(point.inherent),
                residual=number(point.residual),
                now=number(point.dynamic),
                control=text(f"risk.level.{grade.control}", locale),
                often=grade.often.in_(locale),
                pressing=tuple(_pressing(one, locale) for one in pressing.get(point.id, ())),
                next_review_on=point.next_review_on,
                is_review_due=point.id in called or point.next_review_on <= today,
                has_board=point.has_board,
            )
        )
    return found


def _pressing(row: RiskFactor, locale: str) -> Pressing:
    if row.kind == "alarm":
        words = text(f"risk.factor.alarm_{2 if row.alarm_level > 1 else 1}", locale)
        return Pressing("alarm", row.name, "/alarms", words, row.since_at, 1 if row.alarm_level > 1 else 2)
    if row.level == "major":
        words, tier = text("risk.factor.major", locale), 1
    else:
        words, tier = (
            text("risk.factor.urgency", locale, urgency=row.urgency or "–"),
            {"A": 2, "B": 3}.get(row.urgency, 4),
        )
    if row.is_overdue:
        words = text("risk.factor.overdue", locale, what=words)
    return Pressing("hazard", row.name, f"/hazards/{row.name}", words, row.since_at, tier)


@dataclass(frozen=True)
class Change:
    """A colour a point came to have, and why."""

    at: datetime
    tier: int
    words: str
    href: str


def changes(past: Sequence[RiskColour], locale: str, people: Mapping[str, str]) -> list[Change]:
    """The colours of a point in words, the newest first."""
    found = []
    for one in reversed(past):
        who = people.get(str(one.detail.get("by") or ""), "")
        what = str(one.detail.get("type") or "").replace(".", "_")
        level = one.detail.get("alarm_level")
        if one.cause == "alarm":
            words = text(
                "risk.cause.alarm" if level else "risk.cause.alarm_over",
                locale,
                name=one.name,
                level=level or 0,
            )
        elif one.cause == "hazard":
            key = _hazard_cause(what, str(one.detail.get("action") or ""))
            words = text(f"risk.cause.{key}", locale, name=one.name)
        else:
            words = text(f"risk.cause.{one.cause}", locale, name=one.name or who or "–")
        href = (
            f"/hazards/{one.name}"
            if one.cause in ("hazard", "gathered") and one.name.startswith("YH-")
            else ""
        )
        found.append(Change(one.at, number(one.colour), words, href))
    return found


def _hazard_cause(what: str, action: str) -> str:
    if what == "hazard_reported":
        return "reported"
    if what == "timer_escalated":
        return "expired"
    return {"escalate_to_major": "raised", "raise_urgency": "raised", "close": "closed", "confirm_fix": "closed", "dismiss": "dismissed",
            "assign": "assigned", "decide_extension": "prolonged", "fail": "failed"}.get(action, "acted")  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One side of a rating as a page tells it."""

    side: str
    method: str
    #: (what, value, its meaning)
    scores: tuple[tuple[str, str, str], ...]
    grounds: tuple[str, ...]
    formula: str
    tier: int
    basis: str
    rated_at: datetime


def side(rating: RiskRating, locale: str) -> Side:
    """A stored rating in words; a score of an older scale is shown bare."""
    rules = grading()
    scale = {"lec": rules.lec, "ls": rules.ls}.get(rating.method)
    scores = []
    if scale is not None:
        for name, allowed in scale.scores.items():
            value = str(rating.scores.get(name, ""))
            meaning = next(
                (label.in_(locale) for number_, label in allowed.items() if str(number_) == value), ""
            )
            scores.append((text(f"risk.score.{name}", locale), value, meaning))
    letter = {"lec": "D", "ls": "R"}.get(rating.method, "")
    product = " × ".join(value for _, value, _ in scores)
    return Side(
        side=rating.side,
        method=text(f"risk.method.{rating.method}", locale),
        scores=tuple(scores),
        grounds=tuple(rules.direct[one].in_(locale) for one in rating.grounds if one in rules.direct),
        formula=f"{letter} = {product} = {rating.product}" if product else "",
        tier=number(rating.colour),
        basis=rating.basis,
        rated_at=rating.rated_at,
    )


def controlled_by(point: RiskPoint, locale: str) -> list[tuple[str, str, bool]]:
    """(level, who answers there, whether that level controls a risk of this colour)."""
    levels = grading().grades[point.dynamic].controlled_by
    return [
        (text(f"risk.level.{level}", locale), getattr(point, f"responsible_{level}"), level in levels)
        for level in CONTROL_LEVELS
    ]
