"""Open hazards on the map: colour and shape say the urgency, a ring that it is overdue, a dark edge that it has been open for long."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.frames import GPS_FRAMES, to_wgs84
from hazard_flow.assets.map.layers import (
    FEATURES_MAX,
    LISTED_MAX,
    Cluster,
    Feature,
    Layer,
    Listed,
    Point,
    Style,
    Viewport,
)
from hazard_flow.assets.map.queries import cell
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rows import state_label
from hazard_flow.i18n import text
from hazard_flow.storage.unit import scope_of_session

#: one that has been open for longer than this has a dark edge; our own figure
LONG_OPEN = timedelta(days=30)
_SHAPES = (
    ("M", "r1", "octagon", 17),
    ("A", "r2", "triangle", 16),
    ("B", "r3", "diamond", 15),
    ("C", "r4", "dot", 12),
    # nobody has said yet how urgent it is
    ("unrated", "ink-3", "square", 12),
)
STYLES = (
    *(Style(key, f"hazards.map.{key}", colour, shape, size) for key, colour, shape, size in _SHAPES),
    *(
        # the legend says once what the dark edge means
        Style(f"{key}-long", "hazards.map.long", colour, shape, size, edge="ink", is_listed=key == "B")
        for key, colour, shape, size in _SHAPES
    ),
)
_KEYS = tuple(key for key, *_ in _SHAPES)


def draw(session: Session, viewport: Viewport, now: datetime) -> Iterator[Feature]:
    """Open hazards in scope: by themselves from near, elsewhere the worst of each cell with how many there are."""
    worst = _rank()
    if viewport.is_single:
        found = sa.select(Hazard.lon, Hazard.lat, Hazard.crs, worst, Hazard.due_at, Hazard.reported_at)
        for lon, lat, crs, rank, due_at, reported_at in session.execute(
            found.where(*_in_view(session, viewport)).order_by(worst).limit(FEATURES_MAX + 1)
        ):
            place = _placed(lon, lat, crs)
            yield Point(*place, _style(rank, reported_at, now), ring=due_at is not None and due_at < now)
        return
    cells: dict[tuple[int, int], list[Any]] = {}
    for row in _counted(session, viewport, now):
        cells.setdefault((row.across, row.up), []).append(row)
    # the worst are drawn, and reach the limits, first
    for rows in sorted(cells.values(), key=lambda rows: min(row.rank for row in rows)):
        yield _heap(rows, now)


def listed(session: Session, viewport: Viewport, locale: str, now: datetime) -> Sequence[Listed]:
    """The most urgent open hazards in view, the longest overdue first among equals."""
    worst = _rank()
    hazards = session.scalars(
        sa.select(Hazard)
        .where(*_in_view(session, viewport))
        .order_by(worst, Hazard.due_at.is_(None), Hazard.due_at, Hazard.id)
        .limit(LISTED_MAX)
    )
    return [_listed(session, one, locale, now) for one in hazards]


def layer() -> Layer:
    """The layer for the map's register."""
    return Layer(
        "hazards",
        "hazards.map.layer",
        "hazards.read",
        60,
        draw,
        STYLES,
        listed,
        ring="hazards.map.overdue",
    )


def _counted(session: Session, viewport: Viewport, now: datetime) -> Sequence[Any]:
    """How many of each urgency lie in each cell."""
    across, up = cell(Hazard.lon, viewport.cell_lon), cell(Hazard.lat, viewport.cell_lat)
    ranks = _rank()
    return session.execute(
        sa.select(
            across.label("across"),
            up.label("up"),
            ranks.label("rank"),
            sa.func.avg(Hazard.lon).label("lon"),
            sa.func.avg(Hazard.lat).label("lat"),
            sa.func.max(Hazard.crs).label("crs"),
            sa.func.count().label("n"),
            sa.func.max(sa.case((Hazard.due_at < now, 1), else_=0)).label("is_late"),
            sa.func.min(Hazard.reported_at).label("oldest"),
        )
        .where(*_in_view(session, viewport))
        .group_by(sa.literal_column("across"), sa.literal_column("up"), sa.literal_column("rank"))
        .limit(FEATURES_MAX * len(_KEYS))
    ).all()


def _heap(rows: Sequence[Any], now: datetime) -> Feature:
    count = sum(row.n for row in rows)
    lon = sum(row.lon * row.n for row in rows) / count
    lat = sum(row.lat * row.n for row in rows) / count
    place = _placed(lon, lat, rows[0].crs)
    is_late = any(row.is_late for row in rows)
    if count == 1:
        return Point(*place, _style(rows[0].rank, rows[0].oldest, now), ring=is_late)
    by_rank = {row.rank: row.n for row in rows}
    parts = tuple((key, by_rank.get(rank, 0)) for rank, key in enumerate(_KEYS))
    return Cluster(*place, count, _KEYS[min(by_rank)], ring=is_late, parts=parts)


def _listed(session: Session, hazard: Hazard, locale: str, now: datetime) -> Listed:
    rank = _KEYS.index("M" if hazard.level == "major" else hazard.urgency or "unrated")
    is_late = hazard.due_at is not None and hazard.due_at < now
    state = state_label(session, hazard, locale)
    days = (now - hazard.reported_at).days
    facts = [
        (text("hazards.map.number", locale), hazard.number),
        (text("hazards.map.open_for", locale), text("hazards.map.days", locale, n=days)),
    ]
    if hazard.place:
        facts.append((text("hazards.map.place", locale), hazard.place))
    words = [text(f"hazards.map.{_KEYS[rank]}", locale), state]
    if is_late:
        words.append(text("hazards.map.overdue", locale))
    return Listed(
        title=hazard.title,
        href=f"/hazards/{hazard.number}",
        note=" · ".join(words),
        style=_KEYS[rank],
        ring=is_late,
        facts=tuple(facts),
    )


def _rank() -> Any:
    """The place in the order of urgency, the worst first."""
    return sa.case(
        (sa.or_(Hazard.level == "major", Hazard.urgency == "M"), 0),
        (Hazard.urgency == "A", 1),
        (Hazard.urgency == "B", 2),
        (Hazard.urgency == "C", 3),
        else_=4,
    )


def _style(rank: int, reported_at: datetime, now: datetime) -> str:
    return f"{_KEYS[rank]}-long" if now - reported_at > LONG_OPEN else _KEYS[rank]


def _placed(lon: float, lat: float, crs: str | None) -> tuple[float, float]:
    return (lon, lat) if crs is None or crs in GPS_FRAMES else to_wgs84(lon, lat, crs)


def _in_view(session: Session, viewport: Viewport) -> tuple[sa.ColumnElement[bool], ...]:
    scope = scope_of_session(session)
    return (
        Hazard.closed_at.is_(None),
        Hazard.lon.between(viewport.west, viewport.east),
        Hazard.lat.between(viewport.south, viewport.north),
        scope.where(Hazard.path, Hazard.division, Hazard.parties),
    )
