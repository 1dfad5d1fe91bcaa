"""Who may do what to a hazard now, and if not, why not: the same answer for the page that offers and the door that refuses."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from hazard_flow.workflow import guards
from hazard_flow.workflow.awaited import awaited, told
from hazard_flow.workflow.definition import Action, EvidenceRule, Workflow
from hazard_flow.workflow.guards import Limits
from hazard_flow.workflow.vocabulary import APPLICANT, Vocabulary

ReasonKind = Literal["state", "role", "separation", "evidence", "guard"]
#: evidence of these kinds must exist on the hazard; the rest must come with the act or since the present work began
BEFORE, AFTER = "PHOTO_BEFORE", "PHOTO_AFTER"
#: the word of evidence that stands for every kind
ANY = "any"
#: code of a file a tablet declared that has not come
NOT_RECEIVED = "evidence_not_received"
#: the one thing of which several may stand open at a time
CONTROL = "control"


@dataclass(frozen=True)
class Reason:
    """One thing in the way: its kind, the code of its sentence (messages.yaml) and what fills it."""

    kind: ReasonKind
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ActorView:
    """Who wants to act, with the roles they have for this hazard's organisation. `id` None is the system."""

    id: str | None
    roles: frozenset[str] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """The roles, `system` for the system."""
        return self.roles | {"system"} if self.id is None else self.roles - {"system"}


@dataclass(frozen=True)
class EvidenceView:
    """One piece of evidence as the rules see it."""

    sha256: str
    kind: str
    pair_of: str | None = None
    #: brought since the present state was entered (after-photos: since the work last began), or with this very act
    fresh: bool = True
    #: the event that brought it; None: it comes with this very act
    seq: int | None = None
    #: of a file a tablet declared by its hash: what has come of it, and whether somebody said it never will
    has_copy: bool = True
    has_original: bool = True
    is_lost: bool = False
    filename: str = ""
    size: int = 0
    tablet: str = ""


@dataclass(frozen=True)
class HazardView:
    """The hazard as it stands. `state` None: not yet opened."""

    state: str | None
    level: str | None = None
    urgency: str | None = None
    source: str | None = None
    #: relation → person ids: reporter, responsible, verifiers, closer
    relations: Mapping[str, Collection[str]] = field(default_factory=dict)
    evidence: Sequence[EvidenceView] = ()
    #: how many pieces the chosen catalogue row asks for, by code
    catalogue_evidence: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    found_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    #: see `guards.GuardView`
    ask_by: datetime | None = None
    term: timedelta | None = None
    photo_gap: timedelta | None = None
    is_leak: bool = False
    is_protected: bool = False
    is_national_major: bool = False
    listing_level: str | None = None
    #: what stands open → who opened it (None: the system)
    flags: Mapping[str, str | None] = field(default_factory=dict)
    marks: Collection[str] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    #: limited acts → who did them, once for each time; acts that need several people → who has signed so far
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    signed: Mapping[str, Collection[str]] = field(default_factory=dict)
    #: acts beside the steps that ask for evidence → the event that did each last: the next time it takes evidence of its own
    last: Mapping[str, int] = field(default_factory=dict)
    #: the role that owes the next step where it is no longer the state's own
    holder: str | None = None
    #: see `guards.GuardView`
    deciders: Collection[str] | None = None
    #: codes of evidence that recorded values stand for: a reading, a position
    recorded: Collection[str] = ()
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Allowed:
    """The answer for one action."""

    action: Action
    refused_because: tuple[Reason, ...] = ()
    #: evidence that must come along; no refusal while the page only offers
    still_needed: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing is in the way."""
        return not self.refused_because


def evaluate(
    workflow: Workflow, actor: ActorView, hazard: HazardView, *, vocabulary: Vocabulary, now: datetime
) -> list[Allowed]:
    """Every action that starts from the hazard's state, in the file's order, with what keeps this actor from it.

    Actions only the system takes are left out for people. Nothing of a form is known yet: guards over its answers pass, missing evidence
    is told in `still_needed`.
    """
    found = []
    for action in workflow.actions.values():
        if not _starts_here(action, hazard.state) or (action.who == ("system",) and actor.id is not None):
            continue
        reasons = _judge(workflow, action, actor, hazard, data=None, now=now)
        found.append(Allowed(action, tuple(reasons), tuple(missing_evidence(action, hazard, vocabulary))))
    return found


def refusals(
    workflow: Workflow,
    action: Action,
    actor: ActorView,
    hazard: HazardView,
    *,
    vocabulary: Vocabulary,
    data: Mapping[str, Any],
    now: datetime,
) -> list[Reason]:
    """Everything that keeps this actor from this act with these clean values; empty if it may be done.

    `hazard.evidence` includes what comes with the act, marked fresh.
    """
    reasons = _judge(workflow, action, actor, hazard, data=data, now=now)
    return reasons + missing_evidence(action, hazard, vocabulary)


def missing_evidence(action: Action, hazard: HazardView, vocabulary: Vocabulary) -> list[Reason]:
    """What the act's evidence rule still lacks: counts of fresh pieces, and an after-photo for each before-photo.

    What served an act once does not serve it again; "any" evidence is what comes along, or nothing is added.
    """
    rule = action.evidence
    if rule is None or _excused(rule, hazard):
        return []
    before = hazard.last.get(action.key, 0)
    unused = [p for p in hazard.evidence if p.fresh and (p.seq is None or p.seq > before)]
    fresh = Counter(piece.kind for piece in unused)
    brought = Counter(piece.kind for piece in unused if piece.seq is None)
    reasons = []
    for word, wanted in rule.at_least.items():
        found = brought if word == ANY else fresh
        have = sum(found[code] for code in vocabulary.evidence[word].codes)
        if have < wanted:
            reasons.append(
                Reason("evidence", "evidence_missing", {"evidence": word, "needed": wanted, "have": have})
            )
    if rule.pair_each is not None and (unpaired := _unpaired(hazard.evidence)):
        reasons.append(Reason("evidence", "evidence_pair_missing", {"missing": unpaired}))
    if rule.also == "catalogue":
        every = Counter([*(piece.kind for piece in hazard.evidence), *hazard.recorded])
        for code, wanted in hazard.catalogue_evidence.items():
            if every[code] < wanted:
                reasons.append(
                    Reason(
                        "evidence",
                        "evidence_missing",
                        {"evidence": code, "needed": wanted, "have": every[code]},
                    )
                )
    return reasons


def _judge(
    workflow: Workflow,
    action: Action,
    actor: ActorView,
    hazard: HazardView,
    *,
    data: Mapping[str, Any] | None,
    now: datetime,
) -> list[Reason]:
    reasons: list[Reason] = []
    if not _starts_here(action, hazard.state):
        reasons.append(Reason("state", "wrong_state", {"state": hazard.state, "action": action.key}))
    held = _held(workflow, action, actor, hazard)
    if not held & set(action.who):
        reasons.append(Reason("role", "needs_role", {"who": list(action.who)}))
    reasons += [
        Reason("separation", "own_work", {"who": part})
        for part in action.other_than
        if _excluded(part, action, actor, hazard)
    ]
    if actor.id is not None and actor.id in hazard.signed.get(action.key, ()):
        reasons.append(Reason("separation", "already_signed"))
    reasons += _standing(action, actor, hazard)
    reasons += [Reason("evidence", NOT_RECEIVED, told(p)) for p in awaited(workflow, action, hazard.evidence)]
    view = _guard_view(workflow, actor, hazard, data, now)
    return reasons + [reason for name in action.guards if (reason := _guarded(name, view)) is not None]


def _standing(action: Action, actor: ActorView, hazard: HazardView) -> list[Reason]:
    """What stands open or was used up: a request is made once at a time, settled only while it is open."""
    reasons = []
    if action.shuts is not None and action.shuts not in hazard.flags:
        reasons.append(Reason("guard", "nothing_open", {"flag": action.shuts}))
    if action.opens is not None and action.opens in hazard.flags and action.opens != CONTROL:
        reasons.append(Reason("guard", "already_open", {"flag": action.opens}))
    if action.switch is not None and not _holds(action.switch.when, hazard):
        reasons.append(Reason("guard", "switch_not_for_this"))
    limit = action.at_most
    if limit is not None:
        done = hazard.uses.get(action.key, ())
        mine = [one for one in done if one == actor.id] if limit.per == "person" else done
        if len(mine) >= limit.times:
            reasons.append(Reason("guard", f"used_up_{limit.per}", {"times": limit.times}))
    return reasons


def _guarded(name: str, view: guards.GuardView) -> Reason | None:
    question = guards.REGISTRY.get(name)
    if question is not None:
        return None if question(view) else Reason("guard", name)
    return None if view.has_mark(name) else Reason("guard", "mark_missing", {"mark": name})


def _starts_here(action: Action, state: str | None) -> bool:
    return action.from_states is None if state is None else state in (action.from_states or ())


def _held(workflow: Workflow, action: Action, actor: ActorView, hazard: HazardView) -> frozenset[str]:
    """The roles and relations the actor has, `holder` among them where whoever owes the next step is one of them."""
    held = set(actor.words)
    if actor.id is not None:
        held |= {relation for relation, people in hazard.relations.items() if actor.id in people}
        if _is_applicant(action, actor, hazard):
            held.add(APPLICANT)
    state = workflow.states.get(hazard.state or "")
    holder = hazard.holder or (state.holder if state is not None else None)
    if holder in held:
        held.add("holder")
    return frozenset(held)


def _is_applicant(action: Action, actor: ActorView, hazard: HazardView) -> bool:
    return actor.id is not None and hazard.flags.get(action.shuts or "") == actor.id


def _excluded(part: str, action: Action, actor: ActorView, hazard: HazardView) -> bool:
    if actor.id is None:
        return False
    if part == APPLICANT:
        return _is_applicant(action, actor, hazard)
    if part == "reporter_if_alone":
        others = set(hazard.relations.get("verifiers", ())) - {actor.id}
        return actor.id in hazard.relations.get("reporter", ()) and not others
    return actor.id in hazard.relations.get(part, ())


def _guard_view(
    workflow: Workflow, actor: ActorView, hazard: HazardView, data: Mapping[str, Any] | None, now: datetime
) -> guards.GuardView:
    state = workflow.states.get(hazard.state or "")
    return guards.GuardView(
        state=hazard.state,
        stage=state.stage if state else None,
        level=hazard.level,
        urgency=hazard.urgency,
        source=hazard.source,
        now=now,
        actor_roles=actor.words,
        data=data,
        evidence=Counter(piece.kind for piece in hazard.evidence),
        facts=hazard.facts,
        found_at=hazard.found_at,
        due_at=hazard.due_at,
        completed_at=hazard.completed_at,
        ask_by=hazard.ask_by,
        term=hazard.term,
        outstanding=sum(not (p.has_original or p.is_lost) for p in hazard.evidence),
        photo_gap=hazard.photo_gap,
        is_leak=hazard.is_leak,
        is_protected=hazard.is_protected,
        is_national_major=hazard.is_national_major,
        listing_level=hazard.listing_level,
        open_flags=frozenset(hazard.flags),
        marks=hazard.marks,
        counters=hazard.counters,
        deciders=hazard.deciders,
        limits=hazard.limits,
    )


def _excused(rule: EvidenceRule, hazard: HazardView) -> bool:
    """`unless`: all its conditions hold."""
    return bool(rule.unless) and _holds(rule.unless, hazard)


def _holds(conditions: Mapping[str, str], hazard: HazardView) -> bool:
    return all(getattr(hazard, name) == value for name, value in conditions.items())


def _unpaired(evidence: Sequence[EvidenceView]) -> int:
    """How many before-photos have no after-photo: those that name their pair first, the others fill what is left."""
    before = {piece.sha256 for piece in evidence if piece.kind == BEFORE}
    after = [piece for piece in evidence if piece.kind == AFTER and piece.fresh]
    paired = {piece.pair_of for piece in after} & before
    loose = sum(1 for piece in after if piece.pair_of not in before)
    return max(0, len(before) - len(paired) - loose)
