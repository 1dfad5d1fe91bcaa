"""What an accepted act issues: the kind its actor's body has the power to, a number, and an order for whoever renders it.

Inside the door's transaction only; the document itself is made later, from the record up to the act's event.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hazard_flow.hazards import document_numbers
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.changes import Act, Change, Report
from hazard_flow.hazards.loading import division_of
from hazard_flow.hazards.models import DocumentOrder, Hazard
from hazard_flow.i18n import LOCALES
from hazard_flow.identity.actor import Actor, Holding
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.roles import OPERATOR_ROLES, division_prefix
from hazard_flow.workflow.definition import Action
from hazard_flow.workflow.documents import GOVERNMENT, OPERATOR, REGULATOR, SYSTEM, kind_for

#: fields that say a household or another user stands behind the hazard
_USER_FIELDS = ("user_number", "user_name", "flat")


@dataclass(frozen=True)
class Issuer:
    """The body somebody acts for: which side it is on, and which organisation's numbers it uses."""

    side: str
    organisation_id: uuid.UUID


def issue(batch: Batch, hazard: Hazard, action: Action, actor: Actor) -> dict[str, Any]:
    """`{"issues": {kind, number, issuer}}` for the event of this act; takes the number and orders the document.

    To be called just before the event is appended. Empty where the act issues nothing, or the actor's body has no power to issue it
    (a verifier of the enterprise under a workflow whose re-checks the regulator confirms in writing).
    """
    if action.issues is None or actor.is_system:
        return {}
    kinds = batch.rules.vocabulary.documents
    for issuer in issuers(actor, action, home_id=hazard.home_id, path=hazard.path, division=hazard.division):
        key = kind_for(action.issues, issuer.side, to_user=is_for_user(hazard), kinds=kinds)
        if key is not None and kinds[key].issued_by != SYSTEM:
            number = document_numbers.take(batch.session, _beginning(batch, issuer, kinds[key].word))
            batch.document_orders += _orders(batch, hazard, key)
            return {"issues": {"kind": key, "number": number, "issuer": str(issuer.organisation_id)}}
    return {}


def _orders(batch: Batch, hazard: Hazard, kind: str) -> list[DocumentOrder]:
    return [
        DocumentOrder(
            hazard_id=hazard.id,
            event_seq=hazard.seq + 1,
            locale=locale,
            home_id=hazard.home_id,
            kind=kind,
            ordered_at=batch.now,
        )
        for locale in LOCALES
    ]


def issuers(actor: Actor, action: Action, *, home_id: uuid.UUID, path: str, division: str) -> list[Issuer]:
    """The bodies an actor may act for there: first those of the roles the action names, then all others."""
    held = [(h, side) for h in actor.holdings if (side := _side(h, path, division)) is not None]
    held.sort(key=lambda one: (one[0].role not in action.who, one[1], one[0].role))
    return [Issuer(side, home_id if side == OPERATOR else holding.organisation_id) for holding, side in held]


def is_for_user(hazard: Hazard) -> bool:
    """Whether the user of the gas must mend it: as somebody stated, else because a user is named in the record."""
    liable = hazard.details.get("liable_party")
    if liable not in (None, "unknown"):
        return bool(liable == "user")
    return any(hazard.details.get(name) for name in _USER_FIELDS)


def hold_numbers(batch: Batch, changes: Iterable[Change]) -> None:
    """Lock the rows of numbers a batch may take, where several of its changes issue documents."""
    wanted = [(change, *found) for change in changes if (found := _issuing(batch, change)) is not None]
    if len(wanted) < 2:
        return
    kinds = batch.rules.vocabulary.documents
    beginnings = set()
    for change, action, home_id, path, division in wanted:
        for issuer in issuers(change.actor, action, home_id=home_id, path=path, division=division):
            for to_user in (False, True):
                key = kind_for(str(action.issues), issuer.side, to_user=to_user, kinds=kinds)
                if key is not None:
                    beginnings.add(_beginning(batch, issuer, kinds[key].word))
    document_numbers.hold(batch.session, beginnings)


def _issuing(batch: Batch, change: Change) -> tuple[Action, uuid.UUID, str, str] | None:
    """The action of a change that may issue something, and where: organisation path and division."""
    if isinstance(change, Report):
        body = batch.organisations.get(change.organisation_id)
        known = [w for (key, _), w in batch.rules.workflows.items() if key == change.workflow]
        if body is None or not known:
            return None
        workflow = batch.rules.newest(change.workflow)
        action = next((a for a in workflow.creating if a.key == change.action), workflow.creating[0])
        home_id, path, division = body.root_id, body.path, division_of(change, body, batch.assets)
    elif isinstance(change, Act) and change.hazard_id in batch.hazards:
        hazard = batch.hazards[change.hazard_id]
        workflow = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
        if change.action not in workflow.actions:
            return None
        action = workflow.actions[change.action]
        home_id, path, division = hazard.home_id, hazard.path, hazard.division
    else:
        return None
    if action.issues is None or change.actor.is_system:
        return None
    return action, home_id, path, division


def _side(holding: Holding, path: str, division: str) -> str | None:
    if holding.regulator:
        if not division.startswith(division_prefix(holding.division)):
            return None
        return GOVERNMENT if holding.role == "safety_committee" else REGULATOR
    own = holding.path.split("/", 1)[0] == path.split("/", 1)[0]
    return OPERATOR if own and holding.role in OPERATOR_ROLES else None


def _beginning(batch: Batch, issuer: Issuer, word: str) -> str:
    body = batch.session.get_one(Organisation, issuer.organisation_id)
    return document_numbers.beginning(body.number_word, word, batch.now, batch.rules.zone)
