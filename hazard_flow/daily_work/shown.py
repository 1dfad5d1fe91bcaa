"""Lines, figures, items and records as the pages draw them. Reads only."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work import counting
from hazard_flow.daily_work.figures import Measured, ratio_of
from hazard_flow.daily_work.formulas import Rows, Span
from hazard_flow.daily_work.lines import OPEN, WITHDRAWN, RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkItem, WorkPlan, WorkRecord
from hazard_flow.daily_work.naming import shown_value, title
from hazard_flow.daily_work.references import referred
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import text
from hazard_flow.identity.queries import names, organisation_labels
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.unit import scope_of_session

#: fields of a record that stand in its row of a list
COLUMNS_MAX = 4
ICONS: Mapping[str, str] = {
    "training": "users",
    "drills": "flag-3",
    "duty": "phone",
    "leaders": "user-check",
    "lpg": "stack-2",
    "corrosion": "shield-half",
    "regulators": "gauge",
    "leak_survey": "search",
    "evaluation": "certificate",
    "investment": "table",
    "special_equipment": "building-factory-2",
    "complaints": "message",
}


@dataclass(frozen=True)
class FigureView:
    """One figure with the way to what it was made of."""

    key: str
    label: str
    value: str
    above: str
    below: str
    above_href: str
    below_href: str
    target: str
    #: met, unmet, or empty where nothing is to be judged
    state: str
    #: 0–100 for the bar; None for counts
    percent: float | None


@dataclass(frozen=True)
class KindView:
    """One register of a line."""

    key: str
    label: str
    href: str
    count: int


@dataclass(frozen=True)
class LineView:
    """A line on the overview."""

    key: str
    label: str
    icon: str
    href: str
    due: int
    done: int
    late: int
    figures: tuple[FigureView, ...]
    kinds: tuple[KindView, ...]


@dataclass(frozen=True)
class ItemView:
    """What a plan asks for, and how it went."""

    id: uuid.UUID
    label: str
    kind: str
    unit: str
    begins_on: date
    due_on: date
    #: owed, late, done, done_late, dropped
    state: str
    responsible: str
    record_href: str
    new_href: str


@dataclass(frozen=True)
class PlanView:
    """A standing plan."""

    id: uuid.UUID
    label: str
    unit: str
    often: str
    responsible: str
    clause: str
    mark: str
    is_law: bool


@dataclass(frozen=True)
class RowView:
    """A record in a list."""

    id: uuid.UUID
    title: str
    href: str
    unit: str
    happened_on: date
    cells: tuple[str, ...]
    #: open, late, expired, withdrawn or empty
    state: str
    due_at: datetime | None
    hazard: str


def lines(
    session: Session, measured: Mapping[str, list[Measured]], span: Span, ask: Mapping[str, str], locale: str
) -> list[LineView]:
    """Every line, those with something late first in their own order."""
    due, done, late = (counting.item_counts(session, span, part, ask) for part in ("due", "done", "late"))
    open_late, held = counting.late_records(session, span, ask), counting.kind_counts(session, ask)
    found = []
    for line in line_book().lines.values():
        kinds = tuple(
            KindView(
                kind.key,
                kind.label.in_(locale),
                _href(f"/work/{line.key}/{kind.key}", ask),
                held.get(kind.key, 0),
            )
            for kind in line.kinds.values()
        )
        found.append(
            LineView(
                key=line.key,
                label=WORK_LINES[line.key].in_(locale),
                icon=ICONS.get(line.key, "checklist"),
                href=_href(f"/work/{line.key}", ask),
                due=due.get(line.key, 0),
                done=done.get(line.key, 0),
                late=late.get(line.key, 0) + open_late.get(line.key, 0),
                figures=tuple(figure(one, span, ask, locale) for one in measured[line.key]),
                kinds=kinds,
            )
        )
    return found


def figure(one: Measured, span: Span, ask: Mapping[str, str], locale: str) -> FigureView:
    """A figure in words."""
    asked = one.figure
    unit = text("daily_work.times", locale) if asked.unit == "count" else asked.unit
    value = "–" if one.value is None else f"{one.value:.1f}".removesuffix(".0")
    space = "" if unit == "%" else " "
    ratio = ratio_of(asked, span)
    return FigureView(
        key=asked.key,
        label=asked.label.in_(locale),
        value=value if value == "–" else f"{value}{space}{unit}",
        above=_plain(one.above),
        below="" if one.below is None else _plain(one.below),
        above_href=_rows_href(asked.line, asked.key, "above", ratio.above, asked.args, ask),
        below_href=_rows_href(asked.line, asked.key, "below", ratio.below, asked.args, ask)
        if ratio.below
        else "",
        target=""
        if asked.target is None
        else f"{'≥' if asked.better == 'more' else '≤'} {asked.target:g}{unit}",
        state={True: "met", False: "unmet", None: ""}[one.is_met],
        percent=None if one.below is None or one.value is None else min(100.0, max(0.0, one.value)),
    )


def items(session: Session, rows: Sequence[WorkItem], today: date, locale: str) -> list[ItemView]:
    """Items with who answers for them and what did them."""
    plans = {
        p.id: p
        for p in session.scalars(sa.select(WorkPlan).where(WorkPlan.id.in_({r.plan_id for r in rows})))
    }
    units = organisation_labels(session, {r.organisation_id for r in rows})
    who = names(session, {p.responsible_id for p in plans.values() if p.responsible_id})
    kinds = line_book().kinds
    found = []
    for row in rows:
        plan = plans[row.plan_id]
        state = row.outcome or (
            "late" if row.due_on < today else "owed" if row.begins_on <= today else "ahead"
        )
        unit = units.get(row.organisation_id)
        found.append(
            ItemView(
                id=row.id,
                label=plan.label.in_(locale),
                kind=kinds[row.kind].label.in_(locale) if row.kind in kinds else row.kind,
                unit=unit.label.in_(locale) if unit else "",
                begins_on=row.begins_on,
                due_on=row.due_on,
                state=state,
                responsible=who.get(plan.responsible_id, "") if plan.responsible_id else "",
                record_href=f"/work/records/{row.record_id}" if row.record_id else "",
                new_href=f"/work/{row.line}/{row.kind}/new?item={row.id}",
            )
        )
    return found


def plans(session: Session, rows: Sequence[WorkPlan], locale: str) -> list[PlanView]:
    """Standing plans with where they come from."""
    units = organisation_labels(session, {r.organisation_id for r in rows})
    who = names(session, {r.responsible_id for r in rows if r.responsible_id})
    proposals = line_book().plans
    found = []
    for row in rows:
        rule = proposals.get(row.proposal)
        unit = units.get(row.organisation_id)
        found.append(
            PlanView(
                id=row.id,
                label=row.label.in_(locale),
                unit=unit.label.in_(locale) if unit else "",
                often=often(row.rule, locale),
                responsible=who.get(row.responsible_id, "") if row.responsible_id else "",
                clause=rule.cited.clause.in_(locale) if rule else "",
                mark=rule.cited.mark if rule else "",
                is_law=rule.is_law if rule else False,
            )
        )
    return found


def often(rule: str, locale: str) -> str:
    """How often, in words where the rule is a plain one; the rule itself otherwise."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    months = parts.get("BYMONTH", "").split(",") if parts.get("BYMONTH") else []
    each = {2: "half_year", 4: "quarter"}.get(len(months), "year") if parts.get("FREQ") == "YEARLY" else None
    interval = int(parts.get("INTERVAL", "1")) if parts.get("INTERVAL", "1").isdigit() else 1
    plain = {"MONTHLY": "month", "WEEKLY": "week", "DAILY": "day"}.get(parts.get("FREQ", ""), each)
    if plain is None:
        return rule
    if interval > 1:
        return text(f"daily_work.often.{plain}s", locale, n=interval) if plain == "year" else rule
    return text(f"daily_work.often.{plain}", locale)


def columns(kind: RecordKind, *, without: str = "") -> list[str]:
    """The fields that stand in a list beside the title and the day; none of a type that goes `without` saying."""
    plain = [
        one.key
        for one in kind.fields
        if one.type not in ("note", without) and one.key not in kind.title and one.key != kind.day
    ]
    return plain[:COLUMNS_MAX]


def records(
    session: Session,
    kind: RecordKind,
    rows: Sequence[WorkRecord],
    *,
    now: datetime,
    today: date,
    zone: ZoneInfo,
    locale: str,
    without: str = "",
) -> list[RowView]:
    """Records of one kind as rows of a list."""
    units = organisation_labels(session, {r.organisation_id for r in rows})
    named = referred(session, kind, list(rows), locale)
    numbers = hazards_of(session, rows)
    wanted = [kind.field(key) for key in columns(kind, without=without)]
    found = []
    for row in rows:
        unit = units.get(row.organisation_id)
        found.append(
            RowView(
                id=row.id,
                title=title(kind, row.data).in_(locale),
                href=f"/work/records/{row.id}",
                unit=unit.label.in_(locale) if unit else "",
                happened_on=row.happened_on,
                cells=tuple(
                    shown_value(one, row.data.get(one.key), locale, zone, referred=named)
                    for one in wanted
                    if one
                ),
                state=state_of(row, now=now, today=today),
                due_at=row.due_at if row.state == OPEN else None,
                hazard=numbers.get(row.hazard_id, "") if row.hazard_id else "",
            )
        )
    return found


def state_of(row: WorkRecord, *, now: datetime, today: date) -> str:
    """What must be seen about a record at once: withdrawn, late, open, expired; empty where nothing is the matter."""
    if row.state == WITHDRAWN:
        return "withdrawn"
    if row.state == OPEN:
        return "late" if row.due_at is not None and row.due_at < now else "open"
    return "expired" if row.valid_until is not None and row.valid_until < today else ""


def hazards_of(session: Session, rows: Iterable[WorkRecord]) -> dict[uuid.UUID, str]:
    """Numbers of the hazards these records opened, as far as the reader may know them."""
    wanted = {row.hazard_id for row in rows if row.hazard_id}
    scope = scope_of_session(session)
    reach = scope.where(Hazard.path, Hazard.division, Hazard.parties)
    found = session.execute(sa.select(Hazard.id, Hazard.number).where(Hazard.id.in_(wanted), reach))
    return {row[0]: row[1] for row in found}


def _rows_href(
    line: str, key: str, part: str, rows: Rows, args: Mapping[str, str], ask: Mapping[str, str]
) -> str:
    query = {**ask, "figure": key, "part": part}
    if rows.table is WorkItem:
        return f"{_href(f'/work/{line}', query)}#items"
    kind = args.get("kind") or args["spent" if part == "above" else "planned"]
    return _href(f"/work/{line}/{kind}", query)


def _href(path: str, query: Mapping[str, str]) -> str:
    filled = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(filled)}" if filled else path


def _plain(number: float) -> str:
    return f"{number:,.2f}".rstrip("0").rstrip(".")
