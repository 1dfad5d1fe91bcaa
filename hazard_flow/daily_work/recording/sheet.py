"""One record as its page shows it: what it says, what hangs on it, what is owed for it, every step it took. Reads only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from hazard_flow.daily_work import queries, shown
from hazard_flow.daily_work.following import RECORD
from hazard_flow.daily_work.form import Reader
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkFile, WorkRecord
from hazard_flow.daily_work.naming import shown_value, title
from hazard_flow.daily_work.references import referred
from hazard_flow.i18n import text
from hazard_flow.identity.queries import names, organisation_labels
from hazard_flow.ladders import queries as limits
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.ladders.wording import limit_name


@dataclass(frozen=True)
class Fact:
    """One field in words; `href` where there is more to see."""

    label: str
    value: str
    href: str = ""
    is_long: bool = False


@dataclass(frozen=True)
class ChildGroup:
    """What hangs on a record, of one kind."""

    kind: RecordKind
    label: str
    rows: tuple[shown.RowView, ...]
    new_href: str


@dataclass(frozen=True)
class StepView:
    """One step: who did what when, what changed, and why."""

    at: datetime
    said: str
    who: str
    why: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class LimitView:
    """Something owed for the record."""

    id: uuid.UUID
    name: str
    due_at: datetime
    outcome: str
    colour: str | None
    is_late: bool
    clause: str
    mark: str


@dataclass(frozen=True)
class Sheet:
    """The whole page."""

    title: str
    state: str
    unit: str
    facts: tuple[Fact, ...]
    files: tuple[WorkFile, ...]
    children: tuple[ChildGroup, ...]
    limits: tuple[LimitView, ...]
    steps: tuple[StepView, ...]
    hazard: str
    valid_until: date | None
    created_by: str


def draw(session: Session, row: WorkRecord, kind: RecordKind, *, reader: Reader, now: datetime) -> Sheet:
    """Everything there is to see of a record."""
    today = now.astimezone(reader.zone).date()
    unit = organisation_labels(session, [row.organisation_id]).get(row.organisation_id)
    makers = names(session, [row.created_by]) if row.created_by else {}
    return Sheet(
        title=title(kind, row.data).in_(reader.locale),
        state=shown.state_of(row, now=now, today=today),
        unit=unit.label.in_(reader.locale) if unit else "",
        facts=_facts(session, row, kind, reader),
        files=tuple(queries.files(session, [row.id]).get(row.id, ())),
        children=_children(session, row, reader, now=now, today=today),
        limits=_limits(session, row, kind, reader, now=now),
        steps=_steps(session, row, kind, reader),
        hazard=shown.hazards_of(session, [row]).get(row.hazard_id, "") if row.hazard_id else "",
        valid_until=row.valid_until,
        created_by=makers.get(row.created_by, "") if row.created_by else "",
    )


def _facts(session: Session, row: WorkRecord, kind: RecordKind, reader: Reader) -> tuple[Fact, ...]:
    named = referred(session, kind, [row], reader.locale)
    asked = kind.fields if row.closed_at is None else (*kind.fields, *kind.closing)
    found = []
    for one in asked:
        value = shown_value(one, row.data.get(one.key), reader.locale, reader.zone, referred=named)
        href = f"/work/records/{row.parent_id}" if one.type == "parent" and value else ""
        found.append(Fact(one.label.in_(reader.locale), value, href, is_long=one.type == "note"))
    return tuple(found)


def _children(
    session: Session, row: WorkRecord, reader: Reader, *, now: datetime, today: date
) -> tuple[ChildGroup, ...]:
    kinds = [one for one in line_book().kinds.values() if one.parent == row.kind]
    if not kinds:
        return ()
    below: Sequence[WorkRecord] = queries.children(session, row)
    found = []
    for kind in kinds:
        mine = [one for one in below if one.kind == kind.key]
        drawn = shown.records(
            session,
            kind,
            mine,
            now=now,
            today=today,
            zone=reader.zone,
            locale=reader.locale,
            without="parent",
        )
        field = next(one.key for one in kind.fields if one.type == "parent")
        href = f"/work/{kind.line}/{kind.key}/new?{field}={row.own_key or row.id}"
        found.append(ChildGroup(kind, kind.label.in_(reader.locale), tuple(drawn), href))
    return tuple(found)


def _limits(
    session: Session, row: WorkRecord, kind: RecordKind, reader: Reader, *, now: datetime
) -> tuple[LimitView, ...]:
    cited = {one.name: one.cited for one in kind.watches}
    if kind.term:
        cited[kind.term.name] = kind.term.cited
    known: Sequence[TimeLimit] = limits.of_subject(session, RECORD, [row.id]).get(row.id, [])
    return tuple(
        LimitView(
            id=one.id,
            name=limit_name(one.name, reader.locale),
            due_at=one.due_at,
            outcome=text(f"ladders.outcome.{one.outcome}", reader.locale) if one.outcome else "",
            colour=one.colour,
            is_late=(one.ended_at or now) > one.due_at,
            clause=cited[one.name].clause.in_(reader.locale) if one.name in cited else "",
            mark=cited[one.name].mark if one.name in cited else "",
        )
        for one in reversed(known)
    )


def _steps(session: Session, row: WorkRecord, kind: RecordKind, reader: Reader) -> tuple[StepView, ...]:
    known = queries.steps(session, row)
    people = {
        uuid.UUID(one.actor.removeprefix("person:")) for one in known if one.actor.startswith("person:")
    }
    who = names(session, people)
    named = referred(session, kind, [row], reader.locale)
    fields = {one.key: one for one in (*kind.fields, *kind.closing)}
    found = []
    for one, before in zip(known, [*(step.data for step in known[1:]), {}], strict=True):
        changed = [key for key in fields if one.act == "corrected" and one.data.get(key) != before.get(key)]
        found.append(
            StepView(
                at=one.at,
                said=text(f"daily_work.step.{one.act}", reader.locale),
                who=who.get(uuid.UUID(one.actor.removeprefix("person:")), "")
                if one.actor.startswith("person:")
                else "",
                why=one.why if one.why != "import" else text("daily_work.step.import", reader.locale),
                changes=tuple(
                    (
                        fields[key].label.in_(reader.locale),
                        *(
                            shown_value(
                                fields[key], data.get(key), reader.locale, reader.zone, referred=named
                            )
                            or "–"
                            for data in (before, one.data)
                        ),
                    )  # type: ignore[misc] # three texts
                    for key in changed
                ),
            )
        )
    return tuple(found)
