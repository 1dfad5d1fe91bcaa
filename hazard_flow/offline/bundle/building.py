"""The bundle: everything a tablet needs to work without a network, for one person and no more than they may see."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from hazard_flow.hazards.listed import rows_for
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import catalogue
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import may
from hazard_flow.offline.bundle import forms, queries, rounds, shaping
from hazard_flow.offline.bundle.forms import Json, both
from hazard_flow.offline.bundle.gathering import Gathered, gather
from hazard_flow.offline.bundle.tasks import RECORDS, Shaper
from hazard_flow.people.myself import myself
from hazard_flow.storage.json_text import sorted_bytes
from hazard_flow.workflow.definition import Action

VERSION = 1
#: sentences of the field app begin with this
WORDS_PREFIX = "field."


def build(session: Session, actor: Actor, *, now: datetime, emergency_phone: str) -> Json:
    """The bundle as plain JSON values, `at` the only one that changes by itself from minute to minute."""
    rules, me = rules_of(session), myself(session, actor)
    found = queries.candidates(session, actor, now=now)
    gathered = gather(session, [*found.held, *found.beside], now=now)
    assets, assets_cut = queries.assets_in_scope(session)
    near, near_cut = queries.nearby(session, now=now)
    division = session.get_one(Organisation, me.organisation.id).division
    codes = {one.id: one.code for one in assets}
    return {
        "v": VERSION,
        "at": now.isoformat(),
        "me": me.model_dump(mode="json"),
        "emergency_phone": emergency_phone or None,
        "catalogue": [
            shaping.row(rules, one) for one in rows_for(rules, division=division, now=now).values()
        ],
        "areas": shaping.areas(),
        "assets": [shaping.asset(one) for one in assets],
        "fields": forms.fields(rules),
        "evidence_kinds": forms.kinds(),
        "forms": {one.key: forms.creating(one) for one in _ways(rules.newest("general").creating, actor)},
        "people": shaping.people(gathered.nameable.values()),
        "organisations": _units(session, gathered, {one.organisation_id for one in assets}),
        "tasks": _tasks(found, gathered, actor, now=now),
        **rounds.shaped(session, actor, now=now),
        "nearby": [shaping.near(one, codes) for one in near],
        "cut": {"tasks": found.cut, "assets": assets_cut, "nearby": near_cut},
        "words_version": words_version(),
    }


def etag(bundle: Json) -> str:
    """The same for the same content, whenever it was made."""
    return sha256(sorted_bytes({name: value for name, value in bundle.items() if name != "at"})).hexdigest()


def words_version() -> str:
    """Changes when a sentence of the field app does."""
    said = [(key, one.zh, one.en) for key, one in catalogue().items() if key.startswith(WORDS_PREFIX)]
    return sha256(repr(sorted(said)).encode()).hexdigest()[:16]


def _units(session: Session, gathered: Gathered, others: set[uuid.UUID]) -> Json:
    """The units named anywhere in the bundle, by id."""
    known = dict(gathered.units) | identity.organisation_labels(session, others - gathered.units.keys())
    return {str(id_): both(unit.label) for id_, unit in known.items()}


def _ways(creating: Iterable[Action], actor: Actor) -> list[Action]:
    """The ways of reporting open to this person."""
    if not may(actor, "hazards.report"):
        return []
    return [one for one in creating if set(one.who) & actor.roles]


def _tasks(found: queries.Candidates, gathered: Gathered, actor: Actor, *, now: datetime) -> list[Json]:
    """Everything the person holds a part in; of what lies beside only where they may do more than note something."""
    shaper = Shaper(gathered, actor, now=now)
    answers = {hazard.id: shaper.judge(hazard) for hazard in (*found.held, *found.beside)}
    beside = [
        hazard
        for hazard in found.beside
        if any(one.allowed and one.action.key not in RECORDS for one in answers[hazard.id])
    ]
    return [shaper.task(hazard, answers[hazard.id]) for hazard in (*found.held, *beside)]
