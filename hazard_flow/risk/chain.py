"""The chain below a point: unit → event → measure → check item. One row names all four, found again by their words or made.

The same row again changes nothing, so a file, a form, the library and an accepted proposal all come through here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, Refused
from hazard_flow.risk.entry import grounds_of
from hazard_flow.risk.grading import CONTROL_LEVELS, grading
from hazard_flow.risk.library import ACCIDENTS, MEASURE_KINDS, LibraryRisk
from hazard_flow.risk.models import CheckItem, ControlMeasure, RiskEvent, RiskPoint, RiskUnit

FIELDS = (
    "unit", "unit_en", "event", "event_en", "accidents", "measure_kind", "measure", "measure_en", "test_cycle", "item", "item_en",
    "item_level", "item_method", "item_rule",
)  # fmt: skip
TEXT_LENGTH_MAX = 300
#: RFC 5545, as far as a check item needs it; rounds read it whole
_RULE = re.compile(
    r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=[1-9][0-9]?)?(;BYDAY=(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*)?"
)
Link = TypeVar("Link", RiskUnit, RiskEvent, ControlMeasure, CheckItem)


@dataclass(frozen=True)
class Added:
    """The links one row names, and whether any of them is new or says something else now."""

    unit: RiskUnit
    event: RiskEvent
    measure: ControlMeasure | None
    item: CheckItem | None
    is_changed: bool


def judge(given: Mapping[str, str]) -> list[FieldError]:
    """What is wrong with a row."""
    faults = [FieldError(name, "required") for name in ("unit", "event") if not given.get(name)]
    if given.get("measure") and not given.get("measure_kind"):
        faults.append(FieldError("measure_kind", "required"))
    if given.get("item") and not given.get("measure"):
        faults.append(FieldError("measure", "required"))
    faults += [
        FieldError(name, "too_long", {"at_most": TEXT_LENGTH_MAX})
        for name in FIELDS
        if len(given.get(name, "")) > TEXT_LENGTH_MAX
    ]
    faults += [
        FieldError("accidents", "unknown_choice", {"value": one[:40]})
        for one in grounds_of(given.get("accidents", ""))
        if one not in ACCIDENTS
    ]
    for name, known in (("measure_kind", MEASURE_KINDS), ("item_level", CONTROL_LEVELS)):
        if given.get(name) and given[name] not in known:
            faults.append(FieldError(name, "not_a_choice", {"choices": ", ".join(known)}))
    if given.get("item_rule") and not _RULE.fullmatch(given["item_rule"]):
        faults.append(FieldError("item_rule", "not_a_recurrence"))
    return faults


def add(session: Session, point: RiskPoint, given: Mapping[str, str], *, now: datetime) -> Added:
    """The links this row names, below the point; raises `Refused`. The caller notes the version."""
    if faults := judge(given):
        raise Refused(fields=faults)
    accidents = list(grounds_of(given.get("accidents", "")))
    unit, new_unit = _found(session, RiskUnit, point, given["unit"], given.get("unit_en", ""))
    event, new_event = _found(
        session,
        RiskEvent,
        point,
        given["event"],
        given.get("event_en", ""),
        unit_id=unit.id,
        fresh={"accidents": accidents},
    )
    changed = new_unit or new_event
    if accidents and accidents != event.accidents:
        event.accidents, changed = accidents, True
    measure, item = None, None
    if given.get("measure"):
        measure, new = _measure(session, point, event, given)
        changed |= new
        if given.get("item"):
            item, new = _item(session, point, measure, given)
            changed |= new
    return Added(unit, event, measure, item, changed)


def add_from_library(session: Session, point: RiskPoint, risk: LibraryRisk, *, now: datetime) -> bool:
    """A risk of the library with all its measures; whether anything of it was new."""
    changed = False
    for measure in risk.measures:
        row = {
            "unit": risk.unit.zh, "unit_en": risk.unit.en, "event": risk.label.zh, "event_en": risk.label.en,
            "accidents": ",".join(risk.accidents), "measure_kind": measure.kind, "measure": measure.label.zh,
            "measure_en": measure.label.en, "item": measure.check.zh, "item_en": measure.check.en,
        }  # fmt: skip
        changed |= add(session, point, row, now=now).is_changed
    return changed


def judge_effect(measure: ControlMeasure, *, is_effective: bool) -> bool:
    """Say whether a measure holds; whether that is news."""
    changed = measure.is_effective != is_effective
    measure.is_effective = is_effective
    return changed


def end_measure(session: Session, measure: ControlMeasure, *, now: datetime) -> None:
    """The measure is no longer taken; it and its check items stay readable."""
    if measure.ended_at is None:
        measure.ended_at = now
        session.execute(
            sa.update(CheckItem)
            .where(CheckItem.measure_id == measure.id, CheckItem.ended_at.is_(None))
            .values(ended_at=now)
        )


def _measure(
    session: Session, point: RiskPoint, event: RiskEvent, given: Mapping[str, str]
) -> tuple[ControlMeasure, bool]:
    measure, new = _found(
        session, ControlMeasure, point, given["measure"], given.get("measure_en", ""), event_id=event.id,
        fresh=lambda: {
            "home_id": point.home_id, "code": _next_code(session, point), "kind": given["measure_kind"], "is_effective": True,
            "test_cycle": given.get("test_cycle", ""),
        },
    )  # fmt: skip
    for name, key in (("kind", "measure_kind"), ("test_cycle", "test_cycle")):
        if given.get(key) and getattr(measure, name) != given[key]:
            setattr(measure, name, given[key])
            new = True
    return measure, new


def _item(
    session: Session, point: RiskPoint, measure: ControlMeasure, given: Mapping[str, str]
) -> tuple[CheckItem, bool]:
    level = grading().grades[point.residual].control
    item, new = _found(
        session, CheckItem, point, given["item"], given.get("item_en", ""), measure_id=measure.id,
        fresh={"control_level": given.get("item_level") or level, "method": given.get("item_method", ""),
               "check_rule": given.get("item_rule", "")},
    )  # fmt: skip
    for name, key in (
        ("control_level", "item_level"),
        ("method", "item_method"),
        ("check_rule", "item_rule"),
    ):
        if given.get(key) and getattr(item, name) != given[key]:
            setattr(item, name, given[key])
            new = True
    return item, new


def _found(
    session: Session,
    model: type[Link],
    point: RiskPoint,
    zh: str,
    en: str,
    *,
    fresh: Any = None,
    **above: Any,
) -> tuple[Link, bool]:
    """The link with these words below the one above it; made where there is none. Whether it is new or has new English words."""
    session.flush()
    link = session.scalars(
        sa.select(model).filter_by(point_id=point.id, text_zh=zh, **above).where(model.ended_at.is_(None))
    ).first()
    if link is None:
        count = (
            session.scalar(sa.select(sa.func.count()).select_from(model).where(model.point_id == point.id))
            or 0
        )
        more = fresh() if callable(fresh) else fresh or {}
        link = model(point_id=point.id, text_zh=zh, text_en=en, place=count + 1, **above, **more)
        session.add(link)
        session.flush()
        return link, True
    if en and link.text_en != en:
        link.text_en = en
        return link, True
    return link, False


def _next_code(session: Session, point: RiskPoint) -> str:
    """Counted over all measures the point ever had: a number is never used again."""
    count = session.scalar(
        sa.select(sa.func.count()).select_from(ControlMeasure).where(ControlMeasure.point_id == point.id)
    )
    return f"{point.code}/M{(count or 0) + 1}"
