"""The dead-letter list of timers: what could not be fired, why, and a button to let it try again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.story import timer_name
from hazard_flow.identity.actor import Actor
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.queries import parked_count
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.parking import may_see, parked_page, retry
from hazard_flow.web import paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel
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


@blueprint.get("/timers/parked")
def parked() -> str:
    actor = require(RIGHT)
    cursor, limit = paging.asked()
    # Administrators see no hazards, yet must see every timer that does not run: of the hazard its number, nothing else.
    with kernel().database.reading(SYSTEM) as session:
        page = parked_page(session, seen=may_see(actor), cursor=cursor, limit=limit)
        rows = _rows(session, page.items, current_locale())
    return render_template("timers/parked.html", rows=rows, page=paging.links(page))


@blueprint.post("/timers/parked/<timer>/retry")
def parked_retry(timer: str) -> Response:
    actor = require(RIGHT)
    try:
        wanted = uuid.UUID(timer)
    except ValueError as error:
        raise NotFound(f"parked timer {timer}") from error
    with kernel().database.transaction(SYSTEM) as session:
        retry(session, wanted, seen=may_see(actor))
    flash(say("timers.parked.retried"), "done")
    return make_response(redirect("/timers/parked", code=303))


def waiting(_session: Session, actor: Actor) -> int:
    """The number behind the entry in the rail."""
    with kernel().database.reading(SYSTEM) as session:
        return parked_count(session, seen=may_see(actor))


def _rows(session: Session, timers: Sequence[Timer], locale: str) -> list[ParkedRow]:
    hazards = [t.subject_id for t in timers if t.subject_kind == "hazard"]
    numbers = {
        row[0]: row[1]
        for row in session.execute(sa.select(Hazard.id, Hazard.number).where(Hazard.id.in_(hazards)))
    }
    return [
        ParkedRow(
            id=str(timer.id),
            name=timer_name(timer.name, locale),
            subject=numbers.get(timer.subject_id, f"{timer.subject_kind} {timer.subject_id}"),
            href=f"/hazards/{numbers[timer.subject_id]}" if timer.subject_id in numbers else None,
            due_at=timer.due_at,
            parked_at=timer.parked_at,
            attempts=timer.attempts,
            error=timer.error or "",
        )
        for timer in timers
    ]
