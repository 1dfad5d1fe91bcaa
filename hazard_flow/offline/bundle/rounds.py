"""The rounds a person may do today, and the checklists they need, as a tablet keeps them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets.queries import labels
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.inspections import operations, queries
from hazard_flow.inspections.checklists.items import Checklist, Item
from hazard_flow.inspections.checklists.loading import released
from hazard_flow.inspections.lines import lines_of
from hazard_flow.inspections.queries import Wanted
from hazard_flow.offline.bundle.forms import Json, both

#: rounds a tablet carries, and how far ahead
ROUNDS_MAX, AHEAD_DAYS = 30, 1


def shaped(session: Session, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """`rounds` and `checklists` of the bundle; empty for whoever goes round nothing."""
    if actor.id is None or not may(actor, operations.DO):
        return {"rounds": [], "checklists": {}}
    until = now.astimezone(rules_of(session).zone).date() + timedelta(days=AHEAD_DAYS)
    wanted = Wanted(standing=queries.ON_PLAN, until=until, mine=actor.id)
    found = [
        one for one in queries.span(session, wanted, most=10 * ROUNDS_MAX) if operations.may_do(one, actor)
    ]
    kept = sorted(found, key=lambda one: (one.due_at, str(one.id)))[:ROUNDS_MAX]
    places = queries.places(session, [one.id for one in kept])
    assets = labels(session, {row.asset_id for rows in places.values() for row in rows})
    return {
        "rounds": [
            {
                "id": str(one.id),
                "name": both(one.label),
                "line": one.line,
                "planned_on": one.planned_on.isoformat(),
                "due_at": one.due_at.isoformat(),
                "checklist": one.checklist,
                "places": [
                    {
                        "asset": assets[row.asset_id].code,
                        "name": both(assets[row.asset_id].label),
                        "lon": assets[row.asset_id].lon,
                        "lat": assets[row.asset_id].lat,
                        "walked": bool(lines_of(assets[row.asset_id])),
                    }
                    for row in places[one.id]
                    if row.asset_id in assets
                ],
            }
            for one in kept
        ],
        "checklists": {id_: _checklist(released()[id_]) for id_ in sorted({one.checklist for one in kept})},
    }


def _checklist(one: Checklist) -> Json:
    return {
        "name": both(one.label),
        "parts": {key: both(label) for key, label in one.parts.items()},
        "items": [_item(item) for item in one.items],
    }


def _item(item: Item) -> Json:
    limits = item.limits
    return {
        "key": item.key,
        "part": item.part,
        "text": both(item.text),
        "clause": item.clause,
        "mark": item.mark,
        "answer": item.answer,
        "unit": item.unit,
        "low": str(limits.low) if limits and limits.low is not None else None,
        "high": str(limits.high) if limits and limits.high is not None else None,
        "times": limits.times if limits else None,
        "photo": item.photo,
        "optional": item.is_optional,
        "choices": [{"key": c.key, "label": both(c.label), "good": c.is_good} for c in item.choices],
        "catalogue": item.catalogue,
    }
