"""What people say of a risk point, judged: every fault is listed, nothing is stored here. The same fields in a form and in a file."""

import contextlib
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import by_code as asset_by_code
from hazard_flow.errors import FieldError, Refused
from hazard_flow.identity.models import Organisation
from hazard_flow.risk.grading import CONTROL_LEVELS, LEC, LS, Grading
from hazard_flow.risk.library import CATEGORIES
from hazard_flow.risk.models import POINT_KINDS, RiskPoint
from hazard_flow.risk.rating import Rated, rate
from hazard_flow.storage.unit import scope_of_session

RESPONSIBLE = tuple(f"responsible_{level}" for level in CONTROL_LEVELS)
TEXTS = ("name_zh", "name_en", "place", *RESPONSIBLE, "phone", "emergency")
#: what a file and a form know of the point itself; `organisation` only where there is no asset
PARTICULARS = (
    "code", "name_zh", "name_en", "kind", "category", "asset", "organisation", *TEXTS[2:], "lon", "lat", "exposed_people", "has_board",
)  # fmt: skip
#: of one rating; those of the residual one begin with `residual_`
SCORES = ("method", *LEC, *LS, "grounds")
RATING = (*SCORES, *(f"residual_{name}" for name in SCORES), "basis", "next_review_on")
FIELDS = (*PARTICULARS, *RATING)
NEEDED = ("code", "name_zh", "kind", "category", "method")
LENGTHS: Mapping[str, int] = {"emergency": 1_000, "basis": 1_000, "place": 200, "phone": 60}
LENGTH_MAX = 120
PEOPLE_MAX = 1_000_000
LAST_DAY = date(2099, 12, 31)


@dataclass(frozen=True)
class Ratings:
    """Both sides of a rating: without the measures, and with them."""

    inherent: Rated
    residual: Rated
    #: whether the residual side was rated by itself; else it is the inherent one
    is_residual_rated: bool
    basis: str
    next_review_on: date


@dataclass(frozen=True)
class Entry:
    """The particulars of a point, fit to be stored."""

    organisation: Organisation
    asset: Asset | None
    columns: Mapping[str, Any]
    ratings: Ratings | None


def judge(
    session: Session,
    given: Mapping[str, str],
    rules: Grading,
    *,
    now: datetime,
    zone: ZoneInfo,
    point: RiskPoint | None,
) -> Entry:
    """The entry of a new point, or other particulars of a known one, whose code and rating stay. Raises `Refused` with all faults."""
    faults = _text_faults(given)
    asset = _asset(session, given, point, faults)
    organisation = _organisation(session, given, asset, point, faults)
    if point is None:
        faults += _code_faults(session, given.get("code", ""), organisation)
    people = _people(given.get("exposed_people", ""), faults)
    lon, lat = _degrees(given, "lon", 180, faults), _degrees(given, "lat", 90, faults)
    if (lon is None) != (lat is None):
        faults.append(FieldError("lat" if lat is None else "lon", "required"))
    ratings = None
    if point is None:
        try:
            ratings = judge_ratings(given, rules, now=now, zone=zone)
        except Refused as refused:
            faults += refused.fields
    if faults or organisation is None:
        raise Refused(fields=faults)
    columns: dict[str, Any] = {name: given.get(name, "") for name in TEXTS}
    columns |= {
        "kind": given["kind"],
        "category": given["category"],
        "exposed_people": people,
        "has_board": given.get("has_board", "") in ("1", "yes", "true"),
        "asset_id": asset.id if asset else None,
        "lon": lon,
        "lat": lat,
    }
    return Entry(organisation, asset, columns, ratings)


def judge_ratings(given: Mapping[str, str], rules: Grading, *, now: datetime, zone: ZoneInfo) -> Ratings:
    """Both ratings; raises `Refused` with every score that is not one of the exact values."""
    faults: list[FieldError] = []
    inherent = _rated(given, "", rules, faults)
    rates_residual = bool(given.get("residual_method"))
    residual = _rated(given, "residual_", rules, faults) if rates_residual else inherent
    day = _review_day(given.get("next_review_on", ""), rules, now, zone, faults)
    basis = given.get("basis", "")
    if len(basis) > LENGTHS["basis"]:
        faults.append(FieldError("basis", "too_long", {"at_most": LENGTHS["basis"]}))
    if faults or inherent is None or residual is None or day is None:
        raise Refused(fields=faults)
    return Ratings(inherent, residual, rates_residual, basis, day)


def grounds_of(words: str) -> tuple[str, ...]:
    """The grounds of a direct rating as a file or a form writes them: keys apart by commas."""
    return tuple(one for raw in words.replace(";", ",").split(",") if (one := raw.strip()))


def _rated(given: Mapping[str, str], prefix: str, rules: Grading, faults: list[FieldError]) -> Rated | None:
    scores = {name: given.get(f"{prefix}{name}", "") for name in (*LEC, *LS)}
    try:
        return rate(
            given.get(f"{prefix}method", ""),
            scores,
            grounds_of(given.get(f"{prefix}grounds", "")),
            rules,
            field=prefix,
        )
    except Refused as refused:
        faults += refused.fields
        return None


def _review_day(
    words: str, rules: Grading, now: datetime, zone: ZoneInfo, faults: list[FieldError]
) -> date | None:
    today = now.astimezone(zone).date()
    latest = months_later(today, rules.review_every_months)
    if not words:
        return latest
    try:
        day = date.fromisoformat(words)
    except ValueError:
        faults.append(FieldError("next_review_on", "not_a_date", {"value": words[:LENGTH_MAX]}))
        return None
    if not today < day <= LAST_DAY:
        faults.append(FieldError("next_review_on", "not_ahead"))
        return None
    return day


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), after - timedelta(days=1))


def _text_faults(given: Mapping[str, str]) -> list[FieldError]:
    faults = [
        FieldError(name, "required")
        for name in ("code", "name_zh", "kind", "category")
        if not given.get(name)
    ]
    faults += [
        FieldError(name, "too_long", {"at_most": most})
        for name in ("code", *TEXTS)
        if len(given.get(name, "")) > (most := LENGTHS.get(name, LENGTH_MAX))
    ]
    for name, known in (("kind", POINT_KINDS), ("category", CATEGORIES)):
        if given.get(name) and given[name] not in known:
            faults.append(FieldError(name, "not_a_choice", {"choices": ", ".join(known)}))
    return faults


def _people(words: str, faults: list[FieldError]) -> int | None:
    if not words:
        return None
    if not (words.isascii() and words.isdigit() and len(words) < 9 and int(words) <= PEOPLE_MAX):
        faults.append(FieldError("exposed_people", "out_of_range", {"minimum": 0, "maximum": PEOPLE_MAX}))
        return None
    return int(words)


def _degrees(given: Mapping[str, str], name: str, most: int, faults: list[FieldError]) -> float | None:
    words = given.get(name, "")
    if not words:
        return None
    try:
        value = float(words)
    except ValueError:
        value = math.nan
    if not -most <= value <= most:
        faults.append(FieldError(name, "out_of_range", {"minimum": -most, "maximum": most}))
        return None
    return value


def _asset(
    session: Session, given: Mapping[str, str], point: RiskPoint | None, faults: list[FieldError]
) -> Asset | None:
    if not given.get("asset"):
        return None
    found = asset_by_code(session, given["asset"], home_id=point.home_id if point else None)
    if found is None:
        faults.append(FieldError("asset", "unknown_asset", {"value": given["asset"][:LENGTH_MAX]}))
    return found


def _organisation(
    session: Session,
    given: Mapping[str, str],
    asset: Asset | None,
    point: RiskPoint | None,
    faults: list[FieldError],
) -> Organisation | None:
    """Whose point it is: the asset's unit, else the unit that is named, else where it was."""
    if asset is not None:
        return session.get(Organisation, asset.organisation_id)
    if given.get("asset"):
        return None  # told already
    words = given.get("organisation", "")
    if not words:
        if point is not None:
            return session.get(Organisation, point.organisation_id)
        faults.append(FieldError("asset", "asset_or_organisation"))
        return None
    scope = scope_of_session(session)
    named: Any = [Organisation.name_zh == words, Organisation.uscc == words]
    if len(words) in (32, 36):
        with contextlib.suppress(ValueError):
            named.append(Organisation.id == uuid.UUID(words))
    wanted = sa.select(Organisation).where(
        sa.or_(*named),
        Organisation.kind != "regulator",
        scope.where(Organisation.path, Organisation.division),
    )
    if point is not None:
        wanted = wanted.where(Organisation.path.startswith(point.home_id.hex, autoescape=True))
    found = session.scalars(wanted.order_by(Organisation.path)).first()
    if found is None:
        faults.append(FieldError("organisation", "unknown_organisation"))
    return found


def _code_faults(session: Session, code: str, organisation: Organisation | None) -> list[FieldError]:
    if not code:
        return []
    # a measure's code is the point's with a stroke and a number; an address holds it
    if not code.isprintable() or set(code) & set("/?#% "):
        return [FieldError("code", "bad_risk_code")]
    if organisation is None:
        return []
    taken = sa.select(RiskPoint.id).where(RiskPoint.home_id == organisation.root_id, RiskPoint.code == code)
    return [FieldError("code", "taken")] if session.scalar(taken) else []
