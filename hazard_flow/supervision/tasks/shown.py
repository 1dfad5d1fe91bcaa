"""Tasks as their pages show them: rows, steps and forms as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.queries import choices as asset_choices
from hazard_flow.errors import FieldError, HazardFlowError
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import enterprises, names, organisation_labels, people_within
from hazard_flow.identity.rights import may
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.base import new_id
from hazard_flow.supervision import files
from hazard_flow.supervision.issuing import ORDER, officer_seats
from hazard_flow.supervision.tasks import operations, queries
from hazard_flow.supervision.tasks.cycles import last_day
from hazard_flow.supervision.tasks.models import SupervisionStep, SupervisionTask
from hazard_flow.supervision.tasks.orders import TEXT_MAX, TITLE_MAX
from hazard_flow.web.acts import ActForm, Fields, StepRow

ICONS = {
    "issued": "send", "received": "mail-check", "progress": "progress", "fed_back": "arrow-up-right", "accepted": "checks",
    "returned": "arrow-back-up", "cancelled": "ban",
}  # fmt: skip
ACTS = {
    "receive": "mail-check", "feed_back": "arrow-up-right", "progress": "progress", "accept": "checks", "send_back": "arrow-back-up",
    "cancel": "ban",
}  # fmt: skip
#: rules offered by a list; any other may come through the API
RULES = {
    "": "once",
    "FREQ=WEEKLY": "weekly",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "monthly",
    "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1": "quarterly",
}


@dataclass(frozen=True)
class Row:
    """One task of a list."""

    task: SupervisionTask
    issuer: str
    answers: str
    who: str
    is_late: bool


def rows(session: Session, tasks: Sequence[SupervisionTask], now: datetime, locale: str) -> list[Row]:
    """Tasks with the names that stand beside them."""
    units = organisation_labels(
        session, {id_ for one in tasks for id_ in (one.issuer_id, one.organisation_id)}
    )
    who = names(session, [one.responsible_id for one in tasks if one.responsible_id])

    def unit(id_: Any) -> str:
        return units[id_].label.in_(locale) if id_ in units else ""

    return [
        Row(
            one,
            unit(one.issuer_id),
            unit(one.organisation_id),
            who.get(one.responsible_id, "") if one.responsible_id else "",
            is_late=one.due_at < now and one.state in ("issued", "received", "returned"),
        )
        for one in tasks
    ]


def step_rows(session: Session, task: SupervisionTask, locale: str, zone: ZoneInfo) -> list[StepRow]:
    """What happened, newest first, each with its files."""
    steps = queries.steps(session, task)
    kept = files.of(session, task.id)
    who = names(session, [one.person_id for one in steps if one.person_id])
    return [
        StepRow(
            at=one.at,
            icon=ICONS.get(one.act, "point"),
            title=text(f"supervision.step.{one.act}", locale),
            who=who.get(one.person_id, "") if one.person_id else "",
            lines=_lines(one, locale, zone),
            links=[(f"/supervision/files/{f.id}", f.filename) for f in kept if f.step_seq == one.seq],
        )
        for one in reversed(steps)
    ]


def _lines(step: SupervisionStep, locale: str, zone: ZoneInfo) -> list[str]:
    said = [str(step.data["words"])] if step.data.get("words") else []
    for name in ("due_at", "next_due_at"):
        if step.data.get(name):
            day = last_day(datetime.fromisoformat(step.data[name]), zone)
            said.append(text(f"supervision.said.{name}", locale, day=day.isoformat()))
    if step.data.get("late"):
        said.append(text("supervision.said.late", locale))
    return said


def order_fields(
    session: Session,
    given: Mapping[str, Any],
    faults: Sequence[FieldError],
    *,
    actor: Actor,
    locale: str,
    zone: ZoneInfo,
) -> Fields:
    """The form of a new task."""
    made = Fields("supervision", locale, zone, given, faults)
    made.add("organisation", "select", required=True, choices=receivers(session, actor, locale))
    made.add("title", required=True, at_most=TITLE_MAX)
    made.add("reach", "textarea", required=True, at_most=TEXT_MAX)
    made.add("content", "textarea", required=True, at_most=TEXT_MAX)
    made.add("line", "select", choices=lines(locale))
    made.add("asset", "asset", choices=[(one.code, one.label.in_(locale)) for one in asset_choices(session)])
    made.add(
        "rule",
        "select",
        choices=[(rule, text(f"supervision.rule.{word}", locale)) for rule, word in RULES.items() if rule],
    )
    made.add("due_on", "date", hint=text("supervision.hint.due_on", locale))
    made.add("starts_on", "date", hint=text("supervision.hint.starts_on", locale))
    return made


def lines(locale: str) -> list[tuple[str, str]]:
    """The lines of daily work as choices."""
    return [(key, label.in_(locale)) for key, label in WORK_LINES.items()]


def receivers(session: Session, actor: Actor, locale: str) -> list[tuple[str, str]]:
    """Whom this officer may ask: the enterprises of the area, the regulators below."""
    own = {h.organisation_id for h in officer_seats(actor)}
    reach = actor.scope.divisions
    below = session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == "regulator", Organisation.id.not_in(own))
        .order_by(Organisation.division)
    )
    lower = [
        one
        for one in below
        if any(one.division.startswith(prefix) and one.division != prefix.ljust(6, "0") for prefix in reach)
    ]
    return [(str(one.id), one.label.in_(locale)) for one in [*enterprises(session), *lower]]


def acts(
    session: Session, task: SupervisionTask, actor: Actor, *, locale: str, zone: ZoneInfo, given: Mapping[str, Any],
    refused: tuple[str, HazardFlowError] | None,
) -> list[ActForm]:  # fmt: skip
    """What this person may do to it now, the most pressing first."""
    wrong_act, error = refused or ("", None)
    offered: list[ActForm] = []

    def offer(key: str, build: Any = None, *, takes_files: bool = False, is_open: bool = False) -> None:
        faults = error.fields if error is not None and wrong_act == key else ()
        made = Fields("supervision", locale, zone, given if wrong_act == key else {}, faults)
        if build:
            build(made)
        offered.append(
            ActForm(
                key=key, href=f"/supervision/tasks/{task.id}/{key}", icon=ACTS[key], label=text(f"supervision.act.{key}", locale),
                request_key=str(new_id()), fields=made.made, errors=made.errors(), version=task.seq,
                files=text("supervision.files", locale) if takes_files else "", is_open=is_open or wrong_act == key,
            )
        )  # fmt: skip

    words: dict[str, Any] = {"required": True, "at_most": TEXT_MAX}
    if operations.may_answer(actor, task) and actor.may_write:
        if task.state in ("issued", "returned"):
            people = [(str(one.id), one.name) for one, _ in people_within(session, task.path)]
            offer(
                "receive",
                lambda f: f.add("responsible", "select", choices=people, value=task.responsible_id or ""),
                is_open=True,
            )
        if task.state in ("issued", "received", "returned"):
            offer(
                "feed_back",
                lambda f: f.add("words", "textarea", **words),
                takes_files=True,
                is_open=task.state == "received",
            )
            offer("progress", lambda f: f.add("words", "textarea", **words), takes_files=True)
    if may(actor, ORDER) and operations.may_judge(session, actor, task) and task.is_open:
        if task.state == "fed_back":
            offer("accept", lambda f: f.add("words", "textarea", at_most=TEXT_MAX), is_open=True)
            offer(
                "send_back",
                lambda f: f.add("words", "textarea", **words).add("due_on", "date", required=True),
            )
        offer("cancel", lambda f: f.add("words", "textarea", **words))
    return offered
