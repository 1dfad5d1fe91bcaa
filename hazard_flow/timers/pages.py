"""The dead-letter list of timers: what could not be fired, why, and a button to let it try again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.keepers import looked_after
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.story import timer_label
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.ladders.timing import SUBJECT as LIMIT
from hazard_flow.ladders.wording import limit_name
from hazard_flow.schedule.models import Timer, Upkeep
from hazard_flow.schedule.queries import parked_count
from hazard_flow.schedule.upkeep import recent
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.parking import may_see, parked_page, retry
from hazard_flow.web import paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("timers", __name__, template_folder="templates")

RIGHT = "deadletters.read"


@dataclass(frozen=True)
class ParkedRow:
    """One parked timer as the page shows it."""

    id: str
    name: str
    #: the hazard's number, or the kind and id of another subject
    subject: str
    href: str | None
    due_at: datetime
    parked_at: datetime | None
    attempts: int
    error: str


@dataclass(frozen=True)
class RetriedRow:
    """One timer a keeper let try again."""

    at: datetime
    who: str
    name: str
    error: str


@blueprint.get("/timers/parked")
def parked() -> str:
    actor = require(RIGHT)
    cursor, limit = paging.asked()
    # Administrators see no hazards, yet must see every timer that does not run: of the hazard its number, nothing else.
    with kernel().database.reading(SYSTEM) as session:
        page = parked_page(session, seen=may_see(actor), cursor=cursor, limit=limit)
        rows = _rows(session, page.items, current_locale())
        of_mine = looked_after(actor, home=Upkeep.home_id, subject=Upkeep.subject_id)
        acts = _acts(session, recent(session, ("timer.retried",), seen=of_mine), current_locale())
    return render_template("timers/parked.html", rows=rows, page=paging.links(page), acts=acts)


@blueprint.post("/timers/parked/<timer>/retry")
def parked_retry(timer: str) -> Response:
    actor = require(RIGHT)
    try:
        wanted = uuid.UUID(timer)
    except ValueError as error:
        raise NotFound(f"parked timer {timer}") from error
    with kernel().database.transaction(SYSTEM) as session:
        retry(session, wanted, actor=actor.key, now=now(), seen=may_see(actor))
    flash(say("timers.parked.retried"), "done")
    return make_response(redirect("/timers/parked", code=303))


def waiting(_session: Session, actor: Actor) -> int:
    """The number behind the entry in the rail."""
    with kernel().database.reading(SYSTEM) as session:
        return parked_count(session, seen=may_see(actor))


def _rows(session: Session, timers: Sequence[Timer], locale: str) -> list[ParkedRow]:
    hazards = [t.subject_id for t in timers if t.subject_kind == "hazard"]
    found = session.execute(
        sa.select(Hazard.id, Hazard.number, Hazard.workflow, Hazard.workflow_version).where(
            Hazard.id.in_(hazards)
        )
    ).all()
    numbers = {row[0]: row[1] for row in found}
    workflows = {row[0]: f"{row[2]}.v{row[3]}" for row in found}
    subjects = {id_: (number, f"/hazards/{number}") for id_, number in numbers.items()}
    owed = sa.select(TimeLimit).where(
        TimeLimit.id.in_([t.subject_id for t in timers if t.subject_kind == LIMIT])
    )
    subjects |= {one.id: (one.title.in_(locale), f"/limits/{one.id}") for one in session.scalars(owed)}
    rules = rules_of(session)
    return [
        ParkedRow(
            id=str(timer.id),
            name=limit_name(timer.name, locale)
            if timer.subject_kind == LIMIT
            else timer_label(rules, workflows.get(timer.subject_id, ""), timer.name, locale),
            subject=subjects.get(timer.subject_id, (f"{timer.subject_kind} {timer.subject_id}",))[0],
            href=subjects[timer.subject_id][1] if timer.subject_id in subjects else None,
            due_at=timer.due_at,
            parked_at=timer.parked_at,
            attempts=timer.attempts,
            error=timer.error or "",
        )
        for timer in timers
    ]


def _acts(session: Session, done: Sequence[Upkeep], locale: str) -> list[RetriedRow]:
    people = names(session, [uuid.UUID(one.actor[7:]) for one in done if one.actor.startswith("person:")])
    somebody = text("timers.parked.operator", locale)
    return [
        RetriedRow(
            at=one.at,
            who=people.get(uuid.UUID(one.actor[7:]), somebody)
            if one.actor.startswith("person:")
            else f"{somebody} {one.actor.removeprefix('operator:')}",
            name=timer_label(rules_of(session), "", str(one.data.get("name")), locale),
            error=str(one.data.get("error") or ""),
        )
        for one in done
    ]
