"""The list of the desk as plain values: each alert in its words, many of one hazard folded into one line."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.telemetry.alerts import Sample
from hazard_flow.telemetry.desk import plots
from hazard_flow.telemetry.desk.queries import Row
from hazard_flow.telemetry.desk.rules import desk_rules
from hazard_flow.telemetry.models import StoredSignal
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Quantity
from hazard_flow.web.formats import duration_text

#: how far the sparklines reach back, and how many samples they are drawn from in all
SPARK_SPAN = timedelta(hours=1)
SPARK_SAMPLES_MAX = 20_000
#: an acknowledgement due in less is drawn as pressing
PRESSING = timedelta(minutes=2)


@dataclass(frozen=True)
class Mark:
    """Something to know of an alert before trusting it."""

    icon: str
    text: str


@dataclass(frozen=True)
class Item:
    """One alert of the list."""

    id: uuid.UUID
    is_process: bool
    level: int
    place: str
    device: str
    #: what it says, so that two alerts of one detector are told apart
    rule: str
    value: str
    spark: str
    is_up: bool
    age: str
    due_at: datetime | None
    left: str
    is_pressing: bool
    is_late: bool
    heard: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Group:
    """One line of the list: an alert, or many of one hazard."""

    items: tuple[Item, ...]
    hazard: str = ""
    title: str = ""
    firing: int = 0
    #: ids that may be acknowledged together
    waiting: tuple[uuid.UUID, ...] = ()

    @property
    def is_folded(self) -> bool:
        """Whether it opens."""
        return bool(self.hazard)


@dataclass(frozen=True)
class Reader:
    """Who reads, and when."""

    locale: str
    now: datetime
    chattering: Collection[str] = field(default_factory=tuple)


def groups(session: Session, rows: Sequence[Row], reader: Reader) -> list[Group]:
    """The list: in its order, alerts below level 2 of one hazard folded where they are many. Level 2 always stands by itself."""
    drawn = dict(zip([row.alert.id for row in rows], items(session, rows, reader), strict=True))
    quiet: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if row.hazard is not None and not row.standing.is_loud:
            quiet[row.hazard.id].append(row)
    folded = {key: some for key, some in quiet.items() if len(some) >= desk_rules().grouped_from}
    found: list[Group] = []
    for row in rows:
        some = folded.get(row.hazard.id) if row.hazard is not None and not row.standing.is_loud else None
        if some is None:
            found.append(Group((drawn[row.alert.id],)))
        elif some[0] is row:
            found.append(_folded(some, drawn, reader.locale))
    return found


def _folded(rows: Sequence[Row], drawn: Mapping[uuid.UUID, Item], locale: str) -> Group:
    hazard = rows[0].hazard
    assert hazard is not None
    place = rows[0].site.label.in_(locale)
    title = (
        f"{place} {family_of(rows[0], locale)}" if len({row.site.id for row in rows}) == 1 else hazard.title
    )
    return Group(
        items=tuple(drawn[row.alert.id] for row in rows),
        hazard=hazard.number,
        title=title,
        firing=sum(row.standing.is_firing for row in rows),
        waiting=tuple(row.alert.id for row in rows if row.duty.is_asked),
    )


def items(session: Session, rows: Sequence[Row], reader: Reader) -> list[Item]:
    """Each alert in its words."""
    samples = _samples(session, rows, reader.now)
    names = identity.names(session, {row.duty.acknowledged_by for row in rows if row.duty.acknowledged_by})
    return [_item(row, samples, names, reader) for row in rows]


def quantity_of(row: Row) -> Quantity | None:
    """What the alert measures; None where another system said it."""
    rules = shipped_rules()
    rule = next((one for one in rules.thresholds if one.id == row.alert.rule), None)
    return rules.quantities.get(rule.quantity) if rule is not None else None


def family_of(row: Row, locale: str) -> str:
    """What the alert is about, in words."""
    family = shipped_rules().families.get(row.alert.family)
    return family.label.in_(locale) if family is not None else row.alert.family


def rule_of(row: Row, locale: str) -> str:
    """The name of the rule that raised it; what another system says of its own is told by its family."""
    label = shipped_rules().label_of(row.alert.rule)
    return label.in_(locale) if label is not None else family_of(row, locale)


def reading_of(row: Row) -> str:
    """The newest value while it alarms, the peak afterwards; another system's own words where nothing was measured."""
    quantity = quantity_of(row)
    if quantity is None:
        said = row.alert.summary.removeprefix(row.device.code if row.device else "").strip(" :：")
        return said[:60]
    value = row.alert.peak_value
    if row.standing.is_firing and row.device is not None and row.device.last_quantity == quantity.name:
        value = row.device.last_value
    return f"{value:.3g} {quantity.unit}" if value is not None else ""


def marks_of(row: Row, reader: Reader) -> tuple[Mark, ...]:
    """What to know before trusting it."""
    found = []
    stale = reader.now - row.alert.raised_at > desk_rules().targets.stale_after
    source = row.device.code if row.device else row.site.code
    for key, icon, holds in (
        ("blind", "eye-off", row.alert.blind),
        ("fault", "plug-off", row.alert.alert_class != "process"),
        ("chattering", "activity", source in reader.chattering),
        ("stale", "clock-pause", stale and row.standing.is_firing),
        ("superseded", "history", row.superseded and row.alert.condition == "firing"),
        ("truncated", "dots", row.alert.truncated > 0),
        ("missed", "clock-exclamation", row.duty.misses > 0 and row.duty.acknowledged_at is None),
    ):
        if holds:
            found.append(Mark(icon, text(f"alarm_desk.mark.{key}", reader.locale)))
    return tuple(found)


def heard_of(row: Row, names: Mapping[uuid.UUID, str], reader: Reader) -> str:
    """Who has it in hand, or what hides it, or how it ended."""
    duty, hiding = row.duty, row.hiding
    if hiding is not None and row.standing.is_hidden(reader.now):
        return text(f"alarm_desk.is.{hiding.kind}", reader.locale)
    if duty.cause is not None:
        return (
            desk_rules().causes[duty.cause].label.in_(reader.locale)
            if duty.cause in desk_rules().causes
            else duty.cause
        )
    if duty.acknowledged_at is not None:
        who = names.get(duty.acknowledged_by, "") if duty.acknowledged_by else ""
        return text("alarm_desk.heard_by", reader.locale, who=who)
    return ""


def left_text(span: timedelta) -> str:
    """`4:05`, `1:02:00`."""
    seconds = max(0, int(span.total_seconds()))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _item(
    row: Row, samples: Mapping[uuid.UUID, Sequence[Sample]], names: Mapping[uuid.UUID, str], reader: Reader
) -> Item:
    alert, duty = row.alert, row.duty
    due = duty.due_at if duty.is_asked else None
    left = due - reader.now if due is not None else timedelta()
    series = samples.get(row.device.id, ()) if row.device is not None else ()
    quantity = quantity_of(row)
    path = ""
    if quantity is not None:
        path = plots.spark(
            series, since=reader.now - SPARK_SPAN, until=reader.now, low=quantity.low, high=quantity.low + 1
        )
    return Item(
        id=alert.id,
        is_process=alert.alert_class == "process",
        level=max(alert.level, 1),
        place=row.site.label.in_(reader.locale),
        device=row.device.code if row.device else row.site.code,
        rule=rule_of(row, reader.locale),
        value=reading_of(row),
        spark=path,
        is_up=row.standing.is_firing,
        age=duration_text(reader.now - alert.raised_at, reader.locale),
        due_at=due,
        left=left_text(left),
        is_pressing=due is not None and left < PRESSING,
        is_late=due is not None and left <= timedelta(),
        heard=heard_of(row, names, reader),
        marks=marks_of(row, reader),
    )


def _samples(session: Session, rows: Sequence[Row], now: datetime) -> Mapping[uuid.UUID, Sequence[Sample]]:
    """The last hour of what each alert's device measures, all in one query."""
    wanted = {
        (row.device.id, quantity.name)
        for row in rows
        if row.device is not None and (quantity := quantity_of(row)) is not None
    }
    if not wanted:
        return {}
    found: dict[uuid.UUID, list[Sample]] = defaultdict(list)
    statement = (
        sa.select(
            StoredSignal.device_id,
            StoredSignal.quantity,
            StoredSignal.observed_at,
            StoredSignal.id,
            StoredSignal.value,
        )
        .where(
            StoredSignal.device_id.in_({device for device, _ in wanted}),
            StoredSignal.quantity.in_({quantity for _, quantity in wanted}),
            StoredSignal.observed_at.between(now - SPARK_SPAN, now),
            StoredSignal.value.is_not(None),
        )
        .order_by(StoredSignal.observed_at.desc())
        .limit(SPARK_SAMPLES_MAX)
    )
    for device, name, at, id_, value in session.execute(statement):
        if device is not None and (device, name) in wanted:
            found[device].append(Sample(at, id_.hex, value or 0.0))
    return {device: series[::-1] for device, series in found.items()}
