"""Brings a drill hazard to where a timer runs: reported and moved on through the door by the real people, each doing what is theirs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.drills.forms import fill, pieces
from hazard_flow.drills.routes import Target, opening
from hazard_flow.drills.sealed import Place
from hazard_flow.errors import FieldError, HazardFlowError, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.changes import Act, Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.door_limits import door_limits
from hazard_flow.hazards.judging import as_error, context_of, hazard_view, new_context
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.telling import holder_of, parts_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.identity.models import Person
from hazard_flow.identity.queries import actor_of_person, officers_of, people_within
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.needs import NeedContext
from hazard_flow.workflow.permitted import ActorView, EvidenceView, HazardView, Reason, refusals

#: a part is given to whoever would really have it: foremen mend, their managers next
PREFERRED = ("team_leader", "dept_manager", "inspector", "worker", "safety_director", "duty_desk")
#: where the drill's hazards come from, in the words of the rules
SOURCE = "self_inspection"


@dataclass(frozen=True)
class Stuck:
    """Why a state could not be staged: the action nobody there could take, and the codes of what the rules said."""

    action: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class _Scene:
    """A hazard, or one about to be reported, as an action finds it."""

    workflow: Workflow
    view: HazardView
    context: NeedContext
    held: Parts


@dataclass(frozen=True)
class _Taken:
    """Who takes an action, and with what in hand."""

    actor: Actor
    data: dict[str, object]
    evidence: tuple[EvidenceItem, ...]


class Stage:
    """One place with its people, read once."""

    def __init__(self, copy: Database, place: Place, now: datetime) -> None:
        self._copy = copy
        self._place = place
        self._now = now
        self._staged = 0
        root = place.path.split("/", 1)[0] + "/"
        with copy.reading(SYSTEM) as session:
            people = [p for p, _ in [*people_within(session, root), *officers_of(session, place.division)]]
            self._actors = {person.id: actor_of_person(session, person) for person in people}
            self.directory = Directory.load(session, paths=[place.path], people=self._actors)
        held = Parts(path=place.path, division=place.division)
        near = [person for role in PREFERRED for person in self.directory.holders(role, held)]
        self._people = list(dict.fromkeys([*near, *(p.id for p in people)]))

    def bring(self, target: Target) -> uuid.UUID | Stuck:
        """A new hazard at the target; `Stuck` names the step that nobody could take."""
        self._staged += 1
        action = opening(target.workflow)
        try:
            hazard_id = self._report(target.workflow, action)
            for key in target.way:
                action = target.workflow.actions[key]
                self._act(hazard_id, action)
        except HazardFlowError as refused:
            codes = [error.code for error in refused.fields] or [refused.code]
            return Stuck(action.key, tuple(dict.fromkeys(codes)))
        return hazard_id

    def _report(self, workflow: Workflow, action: Action) -> uuid.UUID:
        place = self._place
        with self._copy.transaction(SYSTEM) as session:
            context = new_context(
                rules_of(session),
                now=self._now,
                directory=self.directory,
                path=place.path,
                division=place.division,
                source=SOURCE,
                has_asset=place.asset_id is not None,
            )
            view = HazardView(state=None, source=SOURCE)
            scene = _Scene(workflow, view, context, Parts(path=place.path, division=place.division))
            taken = self._take(session, action, scene)
            change = Report(
                workflow=workflow.key,
                actor=taken.actor,
                request_key=self._key(action),
                organisation_id=place.organisation_id,
                data=dict(taken.data),
                evidence=taken.evidence,
                source=SOURCE,
                asset_id=place.asset_id,
            )
            hazard = apply_one(session, change, self._now).hazard
            assert hazard is not None
            return hazard.id

    def _act(self, hazard_id: uuid.UUID, action: Action) -> None:
        with self._copy.transaction(SYSTEM) as session:
            rules = rules_of(session)
            hazard = session.get_one(Hazard, hazard_id)
            stored = session.scalars(sa.select(Evidence).where(Evidence.hazard_id == hazard_id)).all()
            workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
            context = context_of(rules, hazard, now=self._now, directory=self.directory)
            held = parts_of(hazard, holder_of(hazard, workflow))
            limits = door_limits(rules, division=hazard.division, level=hazard.level, now=self._now)
            view = hazard_view(rules, hazard, stored, limits=limits)
            taken = self._take(session, action, _Scene(workflow, view, context, held))
            change = Act(
                hazard_id=hazard_id,
                action=action.key,
                actor=taken.actor,
                request_key=self._key(action),
                data=dict(taken.data),
                evidence=taken.evidence,
            )
            apply_one(session, change, self._now)

    def _take(self, session: Session, action: Action, scene: _Scene) -> _Taken:
        """Somebody who may, with a form the rules take. Raises `Refused` with what is in the way of the likeliest person."""
        filled = fill(action, scene.context, self._people)
        if filled.errors:
            raise Refused(fields=filled.errors)
        vocabulary = rules_of(session).vocabulary
        brought = pieces(action, scene.view.evidence, vocabulary, now=self._now, salt=self._key(action))
        fresh = [EvidenceView(piece.sha256, piece.kind, piece.pair_of) for piece in brought]
        view = replace(scene.view, evidence=[*scene.view.evidence, *fresh])
        in_the_way: list[FieldError] = []
        for actor in self._candidates(session, action, scene.held):
            roles = actor.roles_at(path=scene.held.path, division=scene.held.division)
            asks = ActorView(id=str(actor.id), roles=roles)
            reasons = refusals(
                scene.workflow, action, asks, view, vocabulary=vocabulary, data=filled.data, now=self._now
            )
            if not reasons:
                return _Taken(actor, dict(filled.data), brought)
            in_the_way = in_the_way or [as_error(reason) for reason in reasons]
        nobody = as_error(Reason("role", "needs_role", {"who": list(action.who)}))
        raise Refused(fields=in_the_way or [nobody])

    def _candidates(self, session: Session, action: Action, held: Parts) -> Sequence[Actor]:
        words = [held.holder if word == "holder" else word for word in action.who]
        people = [person for word in words if word for person in self.directory.holders(word, held)]
        return [self._actor(session, person) for person in dict.fromkeys(people)]

    def _actor(self, session: Session, person: uuid.UUID) -> Actor:
        if person not in self._actors:
            self._actors[person] = actor_of_person(session, session.get_one(Person, person))
        return self._actors[person]

    def _key(self, action: Action) -> str:
        return f"drill:{self._place.organisation_id}:{self._place.division}:{self._staged}:{action.key}"
