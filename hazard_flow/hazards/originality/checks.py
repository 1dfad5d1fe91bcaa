"""The checks themselves: pure questions over one photograph, one act, and what they are compared with."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from hazard_flow.assets.places import Place
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.originality.rules import OriginalityRules
from hazard_flow.workflow.permitted import AFTER, BEFORE

SIGNATURE = "SIGNATURE"
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Doubt:
    """One thing a reviewer should look at. `measured` holds whole numbers only."""

    doubt: str
    home_id: uuid.UUID
    hazard_id: uuid.UUID
    event_seq: int
    #: SHA-256 of the doubted file; empty for the act itself
    subject: str = ""
    other: Evidence | None = None
    measured: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Around:
    """What one hazard's photographs are held against."""

    found_at: datetime
    completed_at: datetime | None = None
    #: where it is, unless it has no one place
    place: Place | None = None
    before: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Made:
    """What a file says of how it was made."""

    has_camera: bool = False
    software: str = ""
    filename: str = ""


def taken_at(piece: Evidence) -> datetime | None:
    """When a picture was taken by our clock: its own time or the device's, less what the device's clock was ahead; None if unknown."""
    by_device = piece.photo_at or piece.captured_at
    return by_device - timedelta(seconds=piece.clock_skew_s or 0) if by_device else None


def of_time(piece: Evidence, around: Around, rules: OriginalityRules) -> Iterator[Doubt]:
    """Does its time fit what the record says happened?"""
    at, tolerance = taken_at(piece), rules.limit("photo_tolerance_min") * _MINUTE
    if piece.clock_skew_s is not None and abs(piece.clock_skew_s) > rules.limit("clock_skew_min") * 60:
        yield _about(piece, "clock_wrong", minutes=round(abs(piece.clock_skew_s) / 60))
    if at is None:
        return
    if at > piece.received_at + tolerance:
        yield _about(piece, "photo_in_future", minutes=_minutes(at - piece.received_at))
    if piece.kind == BEFORE and at < around.found_at - rules.limit("photo_early_min") * _MINUTE:
        yield _about(piece, "photo_too_old", minutes=_minutes(around.found_at - at))
    if piece.kind == AFTER and piece.stage in ("rectify", "verify"):
        since = _work_since(piece, around)
        if at < since - tolerance:
            yield _about(piece, "photo_before_work", minutes=_minutes(since - at))


def of_place(piece: Evidence, around: Around, rules: OriginalityRules) -> Iterator[Doubt]:
    """Was it taken where the hazard is?"""
    stood = _stood(piece)
    if stood is None or around.place is None:
        return
    metres = stood.metres_to(around.place)
    if metres > rules.limit("far_m"):
        yield _about(piece, "far_from_asset", metres=round(metres), limit=rules.limit("far_m"))


def of_travel(piece: Evidence, others: Sequence[Evidence], rules: OriginalityRules) -> Iterator[Doubt]:
    """Could the same person have been at both places? `others` are their photographs of other hazards around that time."""
    at, stood = taken_at(piece), _stood(piece)
    if at is None or stood is None:
        return
    for other in others:
        other_at, other_place = taken_at(other), _stood(other)
        if other_at is None or other_place is None:
            continue
        metres, span = stood.metres_to(other_place), abs(at - other_at)
        if metres <= rules.limit("travel_m"):
            continue
        later, earlier = later_first(piece, other)
        if span <= timedelta(seconds=rules.limit("same_minute_s")):
            seconds = int(span.total_seconds())
            yield _against(later, earlier, "two_at_once", metres=round(metres), seconds=seconds)
            return
        speed = metres / 1000 / (span / _HOUR)
        if speed > rules.limit("speed_kmh"):
            figures = {"metres": round(metres), "minutes": _minutes(span), "kmh": round(speed)}
            yield _against(later, earlier, "impossible_travel", **figures)
            return


def of_making(piece: Evidence, made: Made, rules: OriginalityRules) -> Iterator[Doubt]:
    """Was it taken by a camera, and left as the camera made it? Asked of pictures of places only."""
    words, software = f"{made.software} {made.filename}".lower(), made.software.lower()
    width, height = piece.pixels
    size = (min(width, height), max(width, height))
    is_screen = size in rules.screens and not made.has_camera and piece.photo_at is None
    if is_screen or any(word in words for word in rules.screenshot_words):
        yield _about(piece, "screenshot", width=width, height=height)
    if any(word in software for word in rules.editor_words):
        yield _about(piece, "edited")


def of_copy(piece: Evidence, percent: int, rules: OriginalityRules) -> Iterator[Doubt]:
    """Does the copy a tablet sent first show what the original shows?"""
    if percent < rules.limit("copy_percent"):
        yield _about(piece, "copy_differs", percent=percent)


def of_pace(
    around: Around, done_at: datetime, *, code: str, rules: OriginalityRules
) -> dict[str, int] | None:
    """The figures of work that was done faster than anybody can do it, from the finding to its stated end; None where it was not."""
    least = rules.minutes(code)
    seen = [taken for b in around.before if (taken := taken_at(b)) is not None]
    took = done_at - min([around.found_at, *seen])
    if least is None or took >= least.value * _MINUTE:
        return None
    return {"minutes": _minutes(max(took, timedelta(0))), "least": least.value}


def reused(
    piece: Evidence, other: Evidence, *, bits: int, percent: int, mirrored: bool, rules: OriginalityRules
) -> Iterator[Doubt]:
    """Two pictures that are one, by a close look: of one hazard, of two, or one signature under two names."""
    figures = {"bits": bits, "percent": percent, "mirrored": int(mirrored)}
    if SIGNATURE in (piece.kind, other.kind):
        one_hand = piece.uploaded_by is not None and piece.uploaded_by == other.uploaded_by
        if piece.kind == other.kind and not one_hand and percent >= rules.limit("signature_percent"):
            yield _against(piece, other, "signature_reused", **figures)
    elif piece.hazard_id == other.hazard_id:
        if {piece.kind, other.kind} == {BEFORE, AFTER} and percent >= rules.limit("same_view_percent"):
            yield _against(piece, other, "before_is_after", **figures)
    elif percent >= rules.limit("likeness_percent"):
        yield _against(piece, other, "reused_near", **figures)


def same_bytes(piece: Evidence, other: Evidence, rules: OriginalityRules) -> Iterator[Doubt]:
    """The very same file twice."""
    if SIGNATURE in (piece.kind, other.kind):
        if piece.kind == other.kind and piece.uploaded_by != other.uploaded_by:
            yield _against(piece, other, "signature_reused", bits=0, percent=100, mirrored=0)
    elif piece.hazard_id == other.hazard_id:
        if {piece.kind, other.kind} == {BEFORE, AFTER}:
            yield _against(piece, other, "before_is_after", bits=0, percent=100, mirrored=0)
        elif piece.stage == "verify" and other.stage == "rectify" and piece.kind == AFTER:
            yield _against(piece, other, "recheck_reused")
    elif piece.kind not in rules.shared_kinds:
        yield _against(piece, other, "reused_exact")


def later_first(one: Evidence, other: Evidence) -> tuple[Evidence, Evidence]:
    """The two in the order in which the one is doubted because of the other: whatever came later first."""
    earlier, later = sorted((one, other), key=lambda e: (e.received_at, e.id))
    return later, earlier


def total_score(scores: Sequence[int]) -> int:
    """Several doubts of one hazard as one figure, 0–100: each leaves only its share of the innocence the others left."""
    innocent = Decimal(1)
    for score in scores:
        innocent *= 1 - Decimal(score) / 100
    return round(100 * (1 - innocent))


def _stood(piece: Evidence) -> Place | None:
    """Where the camera was: as the device says, else as the original does."""
    return Place.of(piece) or next(
        (place for a in piece.arrivals if (place := Place.of(a)) is not None), None
    )


def _work_since(piece: Evidence, around: Around) -> datetime:
    """The earliest a picture of the finished work can have been taken."""
    answered = [at for b in around.before if b.sha256 == piece.pair_of and (at := taken_at(b)) is not None]
    done = [around.completed_at] if piece.stage == "verify" and around.completed_at is not None else []
    return max([*(answered or [around.found_at]), *done])


def _about(piece: Evidence, doubt: str, **measured: int) -> Doubt:
    return Doubt(doubt, piece.home_id, piece.hazard_id, piece.event_seq, piece.sha256, measured=measured)


def _against(piece: Evidence, other: Evidence, doubt: str, **measured: int) -> Doubt:
    return Doubt(doubt, piece.home_id, piece.hazard_id, piece.event_seq, piece.sha256, other, measured)


def _minutes(span: timedelta) -> int:
    return int(abs(span) / _MINUTE)
