"""One alert whole, as plain values: the curve with its neighbours, the rule with its k of n, the hazard, the chain, every step."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.telemetry import curve
from hazard_flow.telemetry.desk import queries, views
from hazard_flow.telemetry.desk.models import STAGES, AlertDuty, AlertStep
from hazard_flow.telemetry.desk.queries import Row
from hazard_flow.telemetry.desk.rules import desk_rules
from hazard_flow.telemetry.desk.standing import offered
from hazard_flow.telemetry.desk.views import Item, Reader
from hazard_flow.telemetry.models import Device
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Level, Threshold
from hazard_flow.telemetry.windows import samples_of

#: other detectors of the site that are drawn beside it, and steps told
NEIGHBOURS_MAX = 4
TIERS = {"M": 1, "A": 2, "B": 3, "C": 4}
#: step kind → the link of the chain it is
_LINK = {
    "published": "published",
    "acknowledged": "received",
    "responded": "responded",
    "fed_back": "fed_back",
    "archived": "archived",
}


@dataclass(frozen=True)
class Neighbour:
    """Another detector of the site."""

    device: str
    value: str
    is_dark: bool


@dataclass(frozen=True)
class Held:
    """The rule that fired: its level, and which of the last n samples reach it."""

    id: str
    version: int
    level: Level | None
    unit: str
    reached: tuple[bool, ...]


@dataclass(frozen=True)
class Told:
    """One step in words."""

    at: datetime
    who: str
    title: str
    lines: tuple[str, ...]
    is_link: bool


@dataclass(frozen=True)
class Link:
    """One link of the warning chain; who and when where it is done."""

    key: str
    who: str = ""
    at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether somebody has done it."""
        return self.at is not None


@dataclass(frozen=True)
class Opened:
    """The hazard the alert belongs to."""

    number: str
    title: str
    state: str
    tier: int
    is_open: bool


@dataclass(frozen=True)
class Detail:
    """Everything the page of an alert draws."""

    item: Item
    duty: AlertDuty
    row: Row
    family: str
    curve: curve.Curve | None
    rule: Held
    neighbours: tuple[Neighbour, ...]
    hazard: Opened | None
    offered: tuple[str, ...]
    chain: tuple[Link, ...]
    told: tuple[Told, ...]
    cause: str
    judge: str


def detail(session: Session, row: Row, reader: Reader) -> Detail:
    """One alert whole."""
    steps = queries.steps_of(session, row.alert.id)
    people = {step.person_id for step in steps} | {row.duty.judged_by}
    names = identity.names(session, [one for one in people if one is not None])
    others = _others(session, row)
    cause = desk_rules().causes.get(row.duty.cause or "")
    return Detail(
        item=views.items(session, [row], reader)[0],
        duty=row.duty,
        row=row,
        family=views.family_of(row, reader.locale),
        curve=_curve(session, row, others, reader),
        rule=_held(session, row, reader),
        neighbours=tuple(_neighbour(one) for one in others),
        hazard=_opened(session, row.hazard, reader.locale),
        offered=offered(row.standing),
        chain=_chain(steps, names, reader.locale),
        told=tuple(_told(step, names, reader.locale) for step in reversed(steps)),
        cause=cause.label.in_(reader.locale) if cause is not None else row.duty.cause or "",
        judge=names.get(row.duty.judged_by, "") if row.duty.judged_by else "",
    )


def _threshold(row: Row) -> Threshold | None:
    return next((one for one in shipped_rules().thresholds if one.id == row.alert.rule), None)


def _others(session: Session, row: Row) -> Sequence[Device]:
    return session.scalars(
        sa.select(Device)
        .where(Device.site_id == row.site.id, Device.id != (row.device.id if row.device else None))
        .order_by(Device.code)
        .limit(NEIGHBOURS_MAX)
    ).all()


def _curve(session: Session, row: Row, others: Sequence[Device], reader: Reader) -> curve.Curve | None:
    rule = _threshold(row)
    if rule is None or row.device is None:
        return None
    started = row.alert.started_at
    # while it alarms the newest is what counts; the beginning comes back when it no longer does
    recent = row.standing.is_firing and reader.now - started < 2 * curve.AROUND
    centre = reader.now - curve.AROUND if recent else started
    names = {one.id: one.code for one in (row.device, *others)}
    samples = samples_of(
        session,
        row.alert.hazard_id,
        names,
        rule.quantity,
        since=centre - curve.AROUND,
        until=centre + curve.AROUND,
    )
    return curve.draw(
        {names[id_]: series for id_, series in samples.items()},
        rule=rule,
        quantity=shipped_rules().quantities[rule.quantity],
        centre=centre,
        alarms=[(started, row.alert.peak_level)],
        zone=rules_of(session).zone,
    )


def _held(session: Session, row: Row, reader: Reader) -> Held:
    rule = _threshold(row)
    if rule is None or row.device is None:
        return Held(row.alert.rule, row.alert.rules_version, None, "", ())
    level = next((one for one in rule.levels if one.level == row.alert.level), rule.lowest)
    until = reader.now if row.standing.is_firing else row.alert.seen_to_at
    samples = samples_of(
        session,
        row.alert.hazard_id,
        [row.device.id],
        rule.quantity,
        since=row.alert.started_at - curve.AROUND,
        until=until,
    )[row.device.id]
    unit = shipped_rules().quantities[rule.quantity].unit
    reached = tuple(one.value >= level.above for one in samples[-level.n :])
    return Held(rule.id, row.alert.rules_version, level, unit, reached)


def _neighbour(device: Device) -> Neighbour:
    quantity = shipped_rules().quantities.get(device.last_quantity or "")
    value = (
        f"{device.last_value:.3g} {quantity.unit}"
        if quantity is not None and device.last_value is not None
        else "—"
    )
    return Neighbour(device.code, value, is_dark=device.status == "offline")


def _opened(session: Session, hazard: Hazard | None, locale: str) -> Opened | None:
    if hazard is None:
        return None
    workflow = rules_of(session).pinned(hazard.workflow, hazard.workflow_version)
    return Opened(
        number=hazard.number,
        title=hazard.title,
        state=workflow.states[hazard.state].label.in_(locale),
        tier=TIERS.get(hazard.urgency or "", 0),
        is_open=hazard.is_open,
    )


def _chain(steps: Sequence[AlertStep], names: Mapping[uuid.UUID, str], locale: str) -> tuple[Link, ...]:
    done: dict[str, AlertStep] = {}
    for step in steps:
        key = _LINK.get(step.kind)
        if key is not None and (
            key == "fed_back" or key not in done
        ):  # the first of each, of verdicts the last
            done[key] = step
    return tuple(
        Link(key, _who(done[key], names, locale), done[key].at) if key in done else Link(key)
        for key in STAGES
    )


def _who(step: AlertStep, names: Mapping[uuid.UUID, str], locale: str) -> str:
    if step.person_id is None:
        return text("alarm_desk.system", locale)
    return names.get(step.person_id, text("web.nobody", locale))


def _told(step: AlertStep, names: Mapping[uuid.UUID, str], locale: str) -> Told:
    return Told(
        at=step.at,
        who=_who(step, names, locale),
        title=text(f"alarm_desk.step.{step.kind}", locale),
        lines=tuple(_lines(step.kind, step.data, locale)),
        is_link=step.kind in _LINK,
    )


def _lines(kind: str, data: Mapping[str, Any], locale: str) -> list[str]:
    lines = []
    if kind in ("published", "rose"):
        reading = f" · {data['reading']}" if data.get("reading") else ""
        lines.append(text(f"web.alarm.{data['level']}", locale) + reading)
    if kind == "acknowledged" and data.get("late"):
        lines.append(text("alarm_desk.late", locale))
    if kind == "missed":
        lines.append(text("alarm_desk.missed_hazard", locale, number=data["hazard"]))
    if kind == "fed_back":
        cause = desk_rules().causes.get(data["cause"])
        verdict = text(f"alarm_desk.verdict.{data['verdict']}", locale)
        lines.append(f"{cause.label.in_(locale) if cause else data['cause']} · {verdict}")
        if data.get("reading"):
            lines.append(text("alarm_desk.reading", locale, value=data["reading"], unit=data["unit"]))
    lines += [str(data[key]) for key in ("note", "reason") if data.get(key)]
    if data.get("work_order"):
        lines.append(text("alarm_desk.work_order_is", locale, number=data["work_order"]))
    return lines
