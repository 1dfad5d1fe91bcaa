"""Rounds and plans as their pages draw them: plain values in the reader's language."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.inspections import queries
from hazard_flow.inspections.checklists.items import BAD, GOOD, NOT_THERE, Checklist, Item
from hazard_flow.inspections.checklists.loading import released
from hazard_flow.inspections.doubting import places_of
from hazard_flow.inspections.lines import lines_of
from hazard_flow.inspections.models import Round, RoundAnswer, RoundAsset, RoundFlag, RoundPhoto
from hazard_flow.inspections.plotting import Plot, plot
from hazard_flow.inspections.rules import inspection_rules
from hazard_flow.inspections.tracks import unpacked
from hazard_flow.inspections.work_lines import WORK_LINES

STATE_ICONS = {"planned": "hourglass", "under_way": "player-play", "done": "check", "missed": "alert-circle"}


@dataclass(frozen=True)
class Line:
    """A round in a list."""

    id: uuid.UUID
    name: str
    line: str
    unit: str
    who: str
    planned_on: date
    due_at: datetime
    state: str
    icon: str
    is_late: bool
    is_overdue: bool
    places: int
    #: whole percent of the metres owed; None where no line is walked
    covered_percent: int | None
    is_valid: bool | None
    findings: int
    flags: int
    waits_for_sign_off: bool


@dataclass(frozen=True)
class Said:
    """One item of one place, answered or not."""

    item: Item
    text: str
    value: str
    note: str
    is_failed: bool
    is_fixed: bool
    hazard: Hazard | None
    photos: Sequence[RoundPhoto]
    limits: str


@dataclass(frozen=True)
class PlaceLine:
    """One place of a round with what was said there."""

    asset: Asset
    name: str
    visited_at: datetime | None
    skipped: str
    covered_percent: int | None
    #: heading and its items
    parts: Sequence[tuple[str, Sequence[Said]]]
    failed: int


@dataclass(frozen=True)
class FlagLine:
    """A doubt in words."""

    id: uuid.UUID
    rule: str
    sentence: str
    place: str
    verdict: str
    verdict_note: str
    verdict_by: str


@dataclass(frozen=True)
class RoundPage:
    """One round whole."""

    line: Line
    round: Round
    checklist: Checklist
    places: Sequence[PlaceLine]
    flags: Sequence[FlagLine]
    plot: Plot | None
    done_by: str
    signed_by: str
    #: why the track is not valid, in words
    because: Sequence[str]


@dataclass(frozen=True)
class Day:
    """One day of a calendar."""

    day: date
    is_of_month: bool
    is_today: bool
    states: Mapping[str, int]
    rounds: Sequence[Line]


def lines(session: Session, found: Sequence[Round], *, locale: str, now: datetime) -> list[Line]:
    """Rounds as rows, names looked up together."""
    units = identity.organisation_labels(session, {one.organisation_id for one in found})
    names = identity.names(session, {one.done_by or one.responsible_id for one in found} - {None})  # type: ignore[arg-type]
    places = queries.places(session, [one.id for one in found])
    return [_line(one, units, names, len(places[one.id]), locale, now) for one in found]


def _line(
    one: Round,
    units: Mapping[uuid.UUID, object],
    names: Mapping[uuid.UUID, str],
    places: int,
    locale: str,
    now: datetime,
) -> Line:
    unit = units.get(one.organisation_id)
    who = one.done_by or one.responsible_id
    return Line(
        id=one.id,
        name=one.label.in_(locale),
        line=WORK_LINES[one.line].in_(locale) if one.line in WORK_LINES else one.line,
        unit=unit.label.in_(locale) if unit is not None else "",  # type: ignore[attr-defined]
        who=names.get(who, "") if who else "",
        planned_on=one.planned_on,
        due_at=one.due_at,
        state=one.state,
        icon=STATE_ICONS[one.state],
        is_late=one.is_late,
        is_overdue=one.is_open and one.due_at <= now,
        places=places,
        covered_percent=_percent(one.covered_m, one.due_m),
        is_valid=one.is_valid,
        findings=one.findings,
        flags=one.flags,
        waits_for_sign_off=one.state == "done" and one.needs_sign_off and one.signed_off_at is None,
    )


def page(session: Session, found: Round, *, locale: str, now: datetime) -> RoundPage:
    """One round with its places, answers, track and doubts."""
    checklist = released()[found.checklist]
    rows = queries.places(session, [found.id])[found.id]
    assets = labels(session, [one.asset_id for one in rows])
    answers, photos = queries.answers(session, found.id), queries.photos(session, found.id)
    known_hazards = {
        one.id: one for one in hazards.by_ids(session, {a.hazard_id for a in answers.values() if a.hazard_id})
    }
    flags = queries.flags(session, found.id)
    people = identity.names(
        session,
        [
            *(one.verdict_by for one in flags if one.verdict_by),
            *(p for p in (found.done_by, found.signed_off_by) if p),
        ],
    )
    [line] = lines(session, [found], locale=locale, now=now)
    return RoundPage(
        line=line,
        round=found,
        checklist=checklist,
        places=[
            _place(one, assets[one.asset_id], checklist, answers, photos, known_hazards, locale)
            for one in rows
            if one.asset_id in assets
        ],
        flags=_flags(session, flags, people, locale),
        plot=_plot(session, found, rows, assets),
        done_by=people.get(found.done_by, "") if found.done_by else "",
        signed_by=people.get(found.signed_off_by, "") if found.signed_off_by else "",
        because=[text(f"rounds.because.{code}", locale) for code in (found.track or {}).get("because", ())],
    )


def _place(
    one: RoundAsset,
    asset: Asset,
    checklist: Checklist,
    answers: Mapping[tuple[uuid.UUID, str], RoundAnswer],
    photos: Mapping[tuple[uuid.UUID, str], Sequence[RoundPhoto]],
    known_hazards: Mapping[uuid.UUID, Hazard],
    locale: str,
) -> PlaceLine:
    said: dict[str, list[Said]] = {}
    for item in checklist.items:
        row = answers.get((asset.id, item.key))
        said.setdefault(item.part, []).append(
            Said(
                item=item,
                text=item.text.in_(locale),
                value=value_text(item, row.value, locale) if row is not None else "",
                note=row.note if row is not None else "",
                is_failed=row is not None and row.is_failed,
                is_fixed=row is not None and row.is_fixed,
                hazard=known_hazards.get(row.hazard_id) if row is not None and row.hazard_id else None,
                photos=photos.get((asset.id, item.key), ()),
                limits=limits_text(item, locale),
            )
        )
    return PlaceLine(
        asset=asset,
        name=asset.label.in_(locale),
        visited_at=one.visited_at,
        skipped=one.skipped,
        covered_percent=_percent(one.covered_m, one.due_m),
        parts=[(checklist.parts[key].in_(locale) if key else "", items) for key, items in said.items()],
        failed=sum(one.is_failed for items in said.values() for one in items),
    )


def value_text(item: Item, value: str, locale: str) -> str:
    """An answer in words."""
    if item.answer == "photo":
        return text("rounds.answer.photo", locale)
    if value in (GOOD, BAD, NOT_THERE):
        return text(f"rounds.answer.{value}", locale)
    if item.answer == "reading":
        return f"{value} {item.unit}"
    return next((one.label.in_(locale) for one in item.choices if one.key == value), value)


def limits_text(item: Item, locale: str) -> str:
    """What a reading must keep to, in words; empty without limits."""
    limits = item.limits
    if limits is None:
        return ""
    unit = text("rounds.limits.times", locale) if limits.times else item.unit
    low, high = (format(one, "f") if one is not None else "" for one in (limits.low, limits.high))
    key = "between" if low and high else "low" if low else "high"
    return text(f"rounds.limits.{key}", locale, low=low, high=high, unit=unit)


def _flags(
    session: Session, flags: Sequence[RoundFlag], people: Mapping[uuid.UUID, str], locale: str
) -> list[FlagLine]:
    places = places_of(session, flags)
    found = []
    for flag in flags:
        asset = places.get(flag.subject.partition(":")[2])
        data = {name: "–" if value is None else value for name, value in flag.data.items()}
        found.append(
            FlagLine(
                id=flag.id,
                rule=text(f"rounds.doubt.{flag.rule}", locale),
                sentence=text(f"rounds.doubt.{flag.rule}.why", locale, **data),
                place=f"{asset.code} {asset.label.in_(locale)}" if asset else "",
                verdict=flag.verdict or "",
                verdict_note=flag.verdict_note,
                verdict_by=people.get(flag.verdict_by, "") if flag.verdict_by else "",
            )
        )
    return found


def _plot(
    session: Session, found: Round, rows: Sequence[RoundAsset], assets: Mapping[uuid.UUID, Asset]
) -> Plot | None:
    track = queries.track(session, found.id)
    points = unpacked(track.points, track.started_at) if track is not None else []
    lines = [line for one in assets.values() for line in lines_of(one).values()]
    if not lines and not points:
        return None
    stood = [(one.lon, one.lat) for one in rows if one.lon is not None and one.lat is not None]
    return plot(lines, points, stood, inspection_rules().tracks)


def month(rounds: Sequence[Line], first: date, today: date) -> list[list[Day]]:
    """The weeks of a month, Monday first, with what is planned on each day."""
    by_day: dict[date, list[Line]] = {}
    for one in rounds:
        by_day.setdefault(one.planned_on, []).append(one)
    start = first - timedelta(days=first.weekday())
    next_month = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    weeks = []
    while start < next_month:
        week = []
        for number in range(7):
            day = start + timedelta(days=number)
            here = by_day.get(day, [])
            states = {state: sum(one.state == state for one in here) for state in STATE_ICONS}
            week.append(Day(day, day.month == first.month, day == today, states, here))
        weeks.append(week)
        start += timedelta(days=7)
    return weeks


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The organisation's day of an instant."""
    return at.astimezone(zone).date()


def _percent(part: float | None, whole: float | None) -> int | None:
    """Rounded down: 89.9 % is not ninety."""
    return int(part / whole * 100) if part is not None and whole else None
