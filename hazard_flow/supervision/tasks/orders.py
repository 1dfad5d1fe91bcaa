"""What an officer asks, as typed: judged whole, days of the organisation's calendar turned into instants."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.errors import FieldError
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.supervision.tasks import cycles

TITLE_MAX, TEXT_MAX = 120, 4000
LAST_DAY = date(2099, 12, 31)


@dataclass(frozen=True)
class Order:
    """What an officer asks; days are of the organisation's calendar, a rule is RFC 5545."""

    organisation: str
    title: str
    reach: str
    content: str
    line: str = ""
    asset: str = ""
    due_on: str = ""
    rule: str = ""
    starts_on: str = ""
    origin_kind: str = ""
    origin_href: str = ""


def judge(
    session: Session, order: Order, now: datetime, zone: ZoneInfo
) -> tuple[list[FieldError], datetime | None, date | None, uuid.UUID | None]:
    """Everything wrong with an order; else when it is due first, from which day it comes again, and its place."""
    faults = [
        FieldError(name, "required")
        for name in ("title", "reach", "content")
        if not getattr(order, name).strip()
    ]
    faults += [
        FieldError(name, "too_long", {"at_most": most})
        for name, most in (
            ("title", TITLE_MAX),
            ("reach", TEXT_MAX),
            ("content", TEXT_MAX),
            ("rule", cycles.RULE_MAX),
        )
        if len(getattr(order, name)) > most
    ]
    if order.line and order.line not in WORK_LINES:
        faults.append(FieldError("line", "unknown_choice", {"value": order.line[:40]}))
    asset = assets.by_code_or_id(session, order.asset[:80]) if order.asset else None
    if order.asset and asset is None:
        faults.append(FieldError("asset", "unknown_asset", {"value": order.asset[:80]}))
    starts_on = None
    if order.rule.strip():
        starts_on = _day(order.starts_on, "starts_on", faults) or now.astimezone(zone).date()
        due_at = _first_of(order.rule.strip(), starts_on, now, zone, faults)
    else:
        due_at = due(order.due_on, "due_on", now, zone, faults)
    return faults, due_at, starts_on, asset.id if asset else None


def due(words: str, field: str, now: datetime, zone: ZoneInfo, faults: list[FieldError]) -> datetime | None:
    """The end of a day that lies ahead; None, with a fault, for anything else."""
    if not words:
        faults.append(FieldError(field, "required"))
        return None
    day = _day(words, field, faults)
    if day is not None and cycles.end_of(day, zone) <= now:
        faults.append(FieldError(field, "must_lie_ahead"))
        return None
    return cycles.end_of(day, zone) if day else None


def _first_of(
    rule: str, starts_on: date, now: datetime, zone: ZoneInfo, faults: list[FieldError]
) -> datetime | None:
    try:
        due_at = cycles.first_due(rule, starts_on, zone)
        if due_at is not None and due_at <= now:
            due_at = cycles.next_due(rule, starts_on, due_at, now, zone)
    except (ValueError, TypeError, OverflowError) as error:
        faults.append(FieldError("rule", "not_a_rule", {"reason": str(error)[:120]}))
        return None
    if due_at is None:
        faults.append(FieldError("rule", "rule_never_falls"))
    return due_at


def _day(words: str, field: str, faults: list[FieldError]) -> date | None:
    if not words:
        return None
    try:
        day = date.fromisoformat(words)
        if day > LAST_DAY:
            raise ValueError("too far")
        return day
    except ValueError:
        faults.append(FieldError(field, "not_a_date", {"value": words[:40]}))
        return None
