"""Larger pictures of the register: the four colours of an area part by part, and notice boards."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets.queries import labels as assets_of
from hazard_flow.i18n import text
from hazard_flow.identity.queries import division_labels, organisation_labels
from hazard_flow.risk import queries
from hazard_flow.risk.colours import COLOURS, number
from hazard_flow.risk.distribution import Distribution
from hazard_flow.risk.grading import CONTROL_LEVELS, grading
from hazard_flow.risk.models import RiskPoint
from hazard_flow.risk.queries import Wanted


@dataclass(frozen=True)
class Part:
    """One part of an area: an enterprise, a division, a kind of risk."""

    name: str
    href: str
    found: Distribution
    index: Decimal | None
    #: (tier, count, percent) of the bar
    bar: tuple[tuple[int, int, float], ...]


def distribution(session: Session, wanted: Wanted, locale: str) -> dict[str, Any]:
    """What the four-colour page shows."""
    rules = grading()
    now, residual, inherent = (
        queries.distribution(session, wanted, side=side) for side in ("dynamic", "residual", "inherent")
    )
    homes = queries.distributions(session, wanted, by="home")
    units = organisation_labels(session, [uuid.UUID(key) for key in homes])
    divisions = division_labels(session)
    return {
        "sides": [
            ("inherent", _part("", "", inherent)),
            ("residual", _part("", "", residual)),
            ("dynamic", _part("", "", now)),
        ],
        "whole": _part("", "", now),
        "homes": _parts(
            {key: (units[uuid.UUID(key)].label.in_(locale), f"/risk?organisation={key}") for key in homes},
            homes,
        ),
        "divisions": _parts_of(
            queries.distributions(session, wanted, by="division"),
            lambda key: divisions[key].in_(locale) if key in divisions else key,
            "division",
        ),
        "categories": _parts_of(
            queries.distributions(session, wanted, by="category"),
            lambda key: text(f"risk.category.{key}", locale),
            "category",
        ),
        "weights": [
            (number(colour), rules.grades[colour].label, rules.grades[colour].weight) for colour in COLOURS
        ],
    }


def _parts_of(found: Mapping[str, Distribution], name: Any, key: str) -> list[Part]:
    return _parts({one: (name(one), f"/risk?{key}={one}") for one in found}, found)


def _parts(names: Mapping[str, tuple[str, str]], found: Mapping[str, Distribution]) -> list[Part]:
    parts = [_part(*names[key], one) for key, one in found.items()]
    return sorted(parts, key=lambda part: (-(part.index or 0), part.name))


def _part(name: str, href: str, found: Distribution) -> Part:
    bar = tuple(
        (number(colour), found.counts[colour], round(found.share_percent(colour), 2))
        for colour in COLOURS
        if found.counts[colour]
    )
    return Part(name, href, found, found.index(grading()), bar)


@dataclass(frozen=True)
class Board:
    """A notice board (岗位安全风险公告栏): what can happen here, how bad, what keeps it away, what to do, who answers."""

    code: str
    name: str
    where: str
    unit: str
    tier: int
    grade: str
    accidents: str
    events: tuple[str, ...]
    measures: tuple[tuple[str, str], ...]
    emergency: str
    responsible: tuple[tuple[str, str], ...]
    phone: str
    people: int | None
    printed_at: datetime


def boards(session: Session, points: Sequence[RiskPoint], locale: str, now: datetime) -> list[Board]:
    """The boards of these points; the grade is that of the residual risk, which is what stands at the place whatever happens today."""
    assets = assets_of(session, [point.asset_id for point in points if point.asset_id])
    units = organisation_labels(session, {point.organisation_id for point in points})
    return [
        _board(session, point, assets.get(point.asset_id) if point.asset_id else None, units, locale, now)
        for point in points
    ]


def _board(
    session: Session, point: RiskPoint, asset: Any, units: Mapping[Any, Any], locale: str, now: datetime
) -> Board:
    chain = [event for unit in queries.chain_of(session, point.id) for event in unit.events]
    kinds = dict.fromkeys(accident for event in chain for accident in event.event.accidents)
    comma = "、" if locale == "zh" else ", "
    return Board(
        code=point.code,
        name=point.label.in_(locale),
        where=asset.label.in_(locale) if asset else point.place,
        unit=units[point.organisation_id].label.in_(locale),
        tier=number(point.residual),
        grade=grading().grades[point.residual].label.in_(locale),
        accidents=comma.join(text(f"risk.accident.{one}", locale) for one in kinds),
        events=tuple(event.event.label.in_(locale) for event in chain),
        measures=tuple(
            (text(f"risk.measure_kind.{one.measure.kind}", locale), one.measure.label.in_(locale))
            for event in chain
            for one in event.measures
            if one.measure.kind != "emergency"
        ),
        emergency="\n".join(
            [
                *([point.emergency] if point.emergency else []),
                *(
                    one.measure.label.in_(locale)
                    for event in chain
                    for one in event.measures
                    if one.measure.kind == "emergency"
                ),
            ]
        ),
        responsible=tuple(
            (text(f"risk.level.{level}", locale), getattr(point, f"responsible_{level}"))
            for level in CONTROL_LEVELS
            if getattr(point, f"responsible_{level}")
        ),
        phone=point.phone,
        people=point.exposed_people,
        printed_at=now,
    )
