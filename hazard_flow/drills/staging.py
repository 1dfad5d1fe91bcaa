"""Brings a drill hazard to where a timer runs: reported and moved on through the door by the real people, each doing what is theirs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.drills.forms import SEEN_BEFORE, Lean, fill, leanings, pieces
from hazard_flow.drills.routes import Target, way_to
from hazard_flow.drills.sealed import Place
from hazard_flow.errors import FieldError, HazardFlowError, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.changes import Act, Report
from hazard_flow.hazards.classifying import CONDITIONAL, CONDITIONAL_MARK
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.door_limits import door_limits
from hazard_flow.hazards.judging import as_error, context_of, hazard_view, new_context
from hazard_flow.hazards.listed import rows_for
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.telling import holder_of, parts_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.identity.models import Person
from hazard_flow.identity.queries import actor_of_person, officers_of, people_within
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.workflow.definition import URGENCIES, Action, Workflow
from hazard_flow.workflow.needs import NeedContext
from hazard_flow.workflow.permitted import (
    AFTER,
    BEFORE,
    ActorView,
    EvidenceView,
    HazardView,
    Reason,
    refusals,
)

#: a part is given to whoever would really have it: foremen mend, their managers next
PREFERRED = ("team_leader", "dept_manager", "inspector", "worker", "safety_director", "duty_desk")
#: where the drill's hazards come from, in the words of the rules
SOURCE = "self_inspection"


@dataclass(frozen=True)
class Stuck:
    """Why a state could not be staged: the action nobody there could take, and the codes of what the rules said."""

    action: str
    codes: tuple[str, ...]
    #: among them a condition that other answers may meet
    by_condition: bool = False


class _NothingCame(HazardFlowError):
    """An act was taken with answers that leave undone what it is there for, as a control that says none is needed."""

    code = "nothing_came_of_it"


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
        self._steps = 0
        root = place.path.split("/", 1)[0] + "/"
        with copy.reading(SYSTEM) as session:
            people = [p for p, _ in [*people_within(session, root), *officers_of(session, place.division)]]
            self._actors = {person.id: actor_of_person(session, person) for person in people}
            self.directory = Directory.load(session, paths=[place.path], people=self._actors)
        held = Parts(path=place.path, division=place.division)
        near = [person for role in PREFERRED for person in self.directory.holders(role, held)]
        self._people = list(dict.fromkeys([*near, *(p.id for p in people)]))

    def bring(self, target: Target) -> uuid.UUID | Stuck:
        """A new hazard at the target, by a longer way where the shortest is barred; `Stuck` names the step there nobody could take."""
        first: Stuck | None = None
        without: set[str] = set()
        while True:
            brought = self._go(target)
            if not isinstance(brought, Stuck):
                return brought
            first = first or brought
            without.add(brought.action)
            other = way_to(target.workflow, target.goals[0], without=without)
            if other is None:
                return first
            target = other

    def _go(self, target: Target) -> uuid.UUID | Stuck:
        """One way, as the forms propose; where a condition is in the way, more and less urgent."""
        first: Stuck | None = None
        for urgency in (None, *URGENCIES):
            brought = self._walk(target, Lean(urgency=urgency, given=self._given(target)))
            if not isinstance(brought, Stuck):
                return brought
            first = first or brought
            if not brought.by_condition:
                break
        assert first is not None, "something was tried"
        return first

    def _walk(self, target: Target, lean: Lean) -> uuid.UUID | Stuck:
        self._staged += 1
        self._steps = 0
        report, *acts = target.actions
        hazard_id: uuid.UUID | None = None
        for action in (report, *acts):
            for _ in range(action.quorum):
                taken = self._step(target, action, hazard_id, lean)
                if isinstance(taken, Stuck):
                    return taken
                hazard_id = taken
        assert hazard_id is not None, "a way begins with a report"
        return hazard_id

    def _step(
        self, target: Target, action: Action, hazard_id: uuid.UUID | None, lean: Lean
    ) -> uuid.UUID | Stuck:
        """One act: the first answers that the rules take and that bring about what it is done for."""
        first: Stuck | None = None
        for leaning in leanings(action, lean):
            self._steps += 1
            try:
                if hazard_id is None:
                    return self._report(target.workflow, action, leaning)
                return self._act(hazard_id, action, leaning)
            except HazardFlowError as refused:
                stuck = _stuck(action, refused)
            first = first or stuck
            if not stuck.by_condition:
                break
        assert first is not None, "something was tried"
        return first

    def _given(self, target: Target) -> dict[str, object]:
        """What must be reported for the marks no act sets: the row of the catalogue that says so."""
        if CONDITIONAL_MARK not in target.brings:
            return {}
        with self._copy.reading(SYSTEM) as session:
            rows = rows_for(rules_of(session), division=self._place.division, now=self._now)
        code = next((row.code for row in rows.values() if row.level == CONDITIONAL), None)
        return {} if code is None else {"catalogue_code": code}

    def _report(self, workflow: Workflow, action: Action, lean: Lean) -> uuid.UUID:
        place = self._place
        source = workflow.applies_to.get("source", SOURCE)
        with self._copy.transaction(SYSTEM) as session:
            context = new_context(
                rules_of(session),
                now=self._now,
                directory=self.directory,
                path=place.path,
                division=place.division,
                source=source,
                has_asset=place.asset_id is not None,
            )
            view = HazardView(state=None, source=source)
            scene = _Scene(workflow, view, context, Parts(path=place.path, division=place.division))
            taken = self._take(session, action, scene, lean)
            change = Report(
                workflow=workflow.key,
                actor=taken.actor,
                request_key=self._key(action),
                organisation_id=place.organisation_id,
                data=dict(taken.data),
                evidence=taken.evidence,
                source=source,
                asset_id=place.asset_id,
                action=action.key,
            )
            hazard = apply_one(session, change, self._now).hazard
            assert hazard is not None
            return hazard.id

    def _act(self, hazard_id: uuid.UUID, action: Action, lean: Lean) -> uuid.UUID:
        with self._copy.transaction(SYSTEM) as session:
            rules = rules_of(session)
            hazard = session.get_one(Hazard, hazard_id)
            stored = session.scalars(sa.select(Evidence).where(Evidence.hazard_id == hazard_id)).all()
            workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
            context = context_of(rules, hazard, now=self._now, directory=self.directory)
            applicant = read(hazard.proceedings).applicant(action.shuts)
            held = parts_of(hazard, holder_of(hazard, workflow), applicant=applicant)
            limits = door_limits(rules, division=hazard.division, level=hazard.level, now=self._now)
            view = hazard_view(rules, hazard, stored, limits=limits)
            taken = self._take(session, action, _Scene(workflow, view, context, held), lean)
            change = Act(
                hazard_id=hazard_id,
                action=action.key,
                actor=taken.actor,
                request_key=self._key(action),
                data=dict(taken.data),
                evidence=taken.evidence,
            )
            changed = apply_one(session, change, self._now).hazard
            if changed is None or not _came_of(action, changed):
                raise _NothingCame(action.key)
            return hazard_id

    def _take(self, session: Session, action: Action, scene: _Scene, lean: Lean) -> _Taken:
        """Somebody who may, with a form the rules take. Raises `Refused` with what is in the way of the likeliest person."""
        filled = fill(action, scene.context, self._people, lean)
        if filled.errors:
            raise Refused(fields=filled.errors)
        vocabulary = rules_of(session).vocabulary
        brought = pieces(
            action, scene.view.evidence, vocabulary,
            now=self._now, salt=self._key(action), listed=list(scene.view.catalogue_evidence),
        )  # fmt: skip
        fresh = [EvidenceView(piece.sha256, piece.kind, piece.pair_of) for piece in brought]
        view = replace(scene.view, evidence=[*scene.view.evidence, *fresh], photo_gap=_gap(scene.view, fresh))
        in_the_way: list[FieldError] = []
        for actor in self._candidates(session, action, scene):
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

    def _candidates(self, session: Session, action: Action, scene: _Scene) -> Sequence[Actor]:
        held = scene.held
        words = [held.holder if word == "holder" else word for word in action.who]
        people = [person for word in words if word for person in self.directory.holders(word, held)]
        people += [uuid.UUID(id_) for word in words for id_ in scene.view.relations.get(word or "", ())]
        return [self._actor(session, person) for person in dict.fromkeys(people)]

    def _actor(self, session: Session, person: uuid.UUID) -> Actor:
        if person not in self._actors:
            self._actors[person] = actor_of_person(session, session.get_one(Person, person))
        return self._actors[person]

    def _key(self, action: Action) -> str:
        place = f"{self._place.organisation_id}:{self._place.division}"
        return f"drill:{place}:{self._staged}:{self._steps}:{action.key}"


def _stuck(action: Action, refused: HazardFlowError) -> Stuck:
    codes = [error.code for error in refused.fields] or [refused.code]
    by_condition = isinstance(refused, _NothingCame) or any(
        error.field == "guard" for error in refused.fields
    )
    return Stuck(action.key, tuple(dict.fromkeys(codes)), by_condition=by_condition)


def _came_of(action: Action, hazard: Hazard) -> bool:
    """Whether the act has done what it is there for; one that still lacks signatures has."""
    standing = read(hazard.proceedings)
    if standing.signed.get(action.key):
        return True
    opened = action.opens is None or action.opens in standing.open
    wanted = (*action.sets, *(action.approved.sets if action.approved else ()))
    return opened and all(mark in hazard.marks for mark in wanted)


def _gap(view: HazardView, brought: Sequence[EvidenceView]) -> timedelta | None:
    """From before to after, as `pieces` takes the photos."""
    kinds = {piece.kind for piece in (*view.evidence, *brought)}
    return SEEN_BEFORE if {BEFORE, AFTER} <= kinds else None
