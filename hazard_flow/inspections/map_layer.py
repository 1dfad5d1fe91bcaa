"""The layer of walked tracks: the valid and the other ones of the last days, as lines."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.map.layers import Layer, Style, Viewport, Way
from hazard_flow.inspections.models import Round, RoundTrack
from hazard_flow.inspections.queries import within
from hazard_flow.inspections.rules import inspection_rules
from hazard_flow.inspections.tracks import unpacked

#: how far back tracks are drawn, at most how many, and corners of one
DAYS, TRACKS_MAX, CORNERS_MAX = 7, 300, 400
VALID, INVALID = "valid", "invalid"


def layer() -> Layer:
    """The layer as `app` registers it."""
    return Layer(
        key="tracks",
        label="rounds.map.tracks",
        right="rounds.read",
        order=35,
        draws=draws,
        styles=(
            Style(VALID, "rounds.map.valid", "brand-2", size_px=3),
            Style(INVALID, "rounds.map.invalid", "ink-2", size_px=2, dash=(4, 4)),
        ),
        is_on=False,
        is_still=True,
        is_lines=True,
    )


def draws(session: Session, viewport: Viewport, now: datetime) -> Iterable[Way]:
    """The tracks that come into the view, newest first."""
    rows = session.execute(
        sa.select(Round.is_valid, RoundTrack)
        .join(RoundTrack, RoundTrack.round_id == Round.id)
        .where(Round.handed_in_at >= now - timedelta(days=DAYS), within(session))
        .order_by(Round.handed_in_at.desc())
        .limit(TRACKS_MAX)
    )
    accuracy_max_m = inspection_rules().tracks.accuracy_max_m
    gap_s = inspection_rules().tracks.gap_max_seconds
    for is_valid, track in rows:
        points = [one for one in unpacked(track.points, track.started_at) if one.accuracy_m <= accuracy_max_m]
        if not any(_in(viewport, one.lon, one.lat) for one in points):
            continue
        step = max(1, len(points) // CORNERS_MAX)
        piece: list[tuple[float, float]] = []
        last: datetime | None = None
        for number, one in enumerate(points):
            if last is not None and (one.at - last).total_seconds() > gap_s:
                if len(piece) > 1:
                    yield Way(piece, VALID if is_valid else INVALID)
                piece = []
            if number % step == 0 or number == len(points) - 1 or not piece:
                piece.append((one.lon, one.lat))
            last = one.at
        if len(piece) > 1:
            yield Way(piece, VALID if is_valid else INVALID)


def _in(viewport: Viewport, lon: float, lat: float) -> bool:
    return viewport.west <= lon <= viewport.east and viewport.south <= lat <= viewport.north
