"""Filed drills: the list, and each record as it is read, shown to an inspector and printed."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from hazard_flow.drills import queries
from hazard_flow.drills.models import Drill, DrillRung
from hazard_flow.drills.record import Words, enterprises, findings, people_of, words_of
from hazard_flow.i18n import text
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.notifications.wording import reason_text
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel
from hazard_flow.web.formats import instant_text
from hazard_flow.web.locale import current_locale

blueprint = Blueprint("drills", __name__, template_folder="templates")

RIGHT = "drills.read"


@dataclass(frozen=True)
class SentRow:
    """One person's real message, and whether they said that it reached them."""

    who: str
    unit: str
    states: Sequence[str]
    acknowledged_at: datetime | None


@blueprint.get("/drills")
def drills() -> str:
    actor = require(RIGHT)
    cursor, limit = paging.asked()
    # As the system: a regulator's administrator sees no hazards, yet keeps the drills. `queries.seen` says which rungs are whose.
    with kernel().database.reading(SYSTEM) as session:
        page = queries.drills_page(session, actor, cursor=cursor, limit=limit)
    return render_template("drills/drills.html", rows=page.items, page=paging.links(page))


@blueprint.get("/drills/<number>")
def drill(number: str) -> str:
    actor = require(RIGHT)
    locale = current_locale()
    with kernel().database.reading(SYSTEM) as session:
        found = queries.by_number(session, number)
        rungs = queries.rungs_of(session, found, actor)
        words = words_of(session, rungs, locale)
        sent = _sent(session, found, rungs, words)
        return render_template(
            "drills/drill.html",
            drill=found,
            seconds=round((found.finished_at - found.started_at).total_seconds()),
            actor=_actor(found, locale),
            workflows=words.join([words.workflow(id_) for id_ in found.workflows]),
            units=len({(one.path, one.division) for one in rungs}),
            rungs=len(rungs),
            people=len(people_of(rungs)),
            unreached=sum(one.result == "nobody" for one in rungs),
            look_at=sum(bool(one.findings) for one in rungs),
            findings=findings(rungs, words),
            enterprises=enterprises(rungs, words),
            sent=sent,
            acknowledged=sum(one.acknowledged_at is not None for one in sent),
        )


def _sent(session: Session, drill: Drill, rungs: Sequence[DrillRung], words: Words) -> list[SentRow]:
    if not drill.sent:
        return []
    rows, acknowledged = queries.deliveries(session, drill)
    mine = [person for person in people_of(rungs) if person in rows]
    units = _units(session, mine, words.locale)
    return [
        SentRow(
            who=words.people.get(person, text("notice.panel.somebody", words.locale)),
            unit=units.get(person, ""),
            states=[_state(row, words.locale) for row in rows[person]],
            acknowledged_at=acknowledged.get(person),
        )
        for person in mine
    ]


def _state(row: Outbox, locale: str) -> str:
    channel = text(f"notice.channel.{row.delivered_by or row.channel}", locale)
    if row.state == "pending" and row.attempts:
        at = instant_text(row.due_at, kernel().settings.zone)
        state = text("notice.state.retrying", locale, n=row.attempts, at=at)
    else:
        state = text(f"notice.state.{row.state}", locale)
    why = reason_text(row.reason or "", locale)
    return text("drills.record.state", locale, channel=channel, state=state) + (f" · {why}" if why else "")


def _units(session: Session, people: Sequence[uuid.UUID], locale: str) -> Mapping[uuid.UUID, str]:
    rows = session.execute(
        sa.select(Person.id, Organisation)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id.in_(people))
    )
    return {id_: unit.label.in_(locale) for id_, unit in rows}


def _actor(drill: Drill, locale: str) -> str:
    return text("drills.record.operator", locale, account=drill.actor.removeprefix("operator:"))
