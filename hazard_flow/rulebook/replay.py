"""Real history against a changed workflow file: what would have fired, when and to whom, beside what really did. Reads only."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.past import Fired, Past, recorded
from hazard_flow.hazards.replaying import Choose, NotFollowed, Walked, walk
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity.directory import Directory
from hazard_flow.rulebook.comparing import Difference, Totals, compare, sums
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow.definition import Workflow

#: hazards read in one go
CHUNK = 100
#: fields of events that name people
_NAMING = ("responsible", "closer")


@dataclass(frozen=True)
class Period:
    """From one instant to another, both included."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class HazardReplay:
    """One hazard walked by the rules that were in force and by the changed ones; differences of the period only."""

    id: uuid.UUID
    number: str
    title: str
    level: str
    urgency: str | None
    differences: tuple[Difference, ...]
    #: acts the changed file does not know from where the hazard stood
    not_followed: tuple[NotFollowed, ...]
    #: recorded firings that the rules in force do not explain
    unexplained: tuple[Fired, ...]
    #: fired so often that the later firings were left out
    is_cut: bool

    @property
    def is_changed(self) -> bool:
        """Whether anything would have been different."""
        return bool(self.not_followed) or any(one.outcome != "same" for one in self.differences)


@dataclass(frozen=True)
class Replay:
    """A changed file against the hazards of a period."""

    workflow: Workflow
    period: Period
    hazards: tuple[HazardReplay, ...]
    #: how many hazards there were; more than were walked where a limit was reached
    found: int

    @property
    def totals(self) -> Totals:
        """The sums over all hazards."""
        return sums(one for hazard in self.hazards for one in hazard.differences)

    @property
    def unexplained(self) -> int:
        """Recorded firings that replaying the rules in force does not bring forth."""
        return sum(len(hazard.unexplained) for hazard in self.hazards)

    def people(self) -> set[uuid.UUID]:
        """Everybody told on either side."""
        sides = (
            side
            for h in self.hazards
            for d in h.differences
            for side in (d.recorded, d.expected, d.replayed)
            if side
        )
        return {person for side in sides for person in side.people}


def candidates(session: Session, key: str, period: Period) -> list[uuid.UUID]:
    """The hazards in scope that ran under a workflow, in any version, at any moment of the period; the newest first."""
    scope = scope_of_session(session)
    leaving = {
        action.key
        for workflow in rules_of(session).workflows.values()
        if workflow.key == key
        for action in workflow.actions.values()
        if action.switch is not None
    }
    # One that was raised to another workflow ran under this one until then.
    left = sa.exists().where(
        HazardEvent.home_id == Hazard.home_id,  # the first column of the index
        HazardEvent.hazard_id == Hazard.id,
        HazardEvent.action.in_(sorted(leaving)),
        HazardEvent.at >= period.since,
    )
    rows = session.scalars(
        sa.select(Hazard.id)
        .where(
            scope.where(Hazard.path, Hazard.division, Hazard.parties),
            Hazard.reported_at <= period.until,
            sa.or_(Hazard.closed_at.is_(None), Hazard.closed_at >= period.since),
            sa.or_(Hazard.workflow == key, left) if leaving else Hazard.workflow == key,
        )
        .order_by(Hazard.reported_at.desc(), Hazard.id.desc())
    )
    return list(rows)


def replay(
    session: Session,
    changed: Workflow,
    period: Period,
    *,
    limit: int | None = None,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Replay:
    """Walk every hazard of the period twice and compare. `limit` takes only the newest ones; `tell` hears how far it is.

    Addressees are resolved through the directory as it is now, on both sides.
    """
    ids = candidates(session, changed.key, period)
    chosen = ids if limit is None else ids[:limit]
    rules = rules_of(session)
    trial = replace(rules, workflows={**rules.workflows, (changed.key, changed.version): changed})
    found: list[HazardReplay] = []
    for start in range(0, len(chosen), CHUNK):
        found += _chunk(session, chosen[start : start + CHUNK], changed, period, rules=rules, trial=trial)
        tell(len(found), len(chosen))
    return Replay(changed, period, tuple(found), found=len(ids))


def _chunk(
    session: Session,
    ids: Sequence[uuid.UUID],
    changed: Workflow,
    period: Period,
    *,
    rules: Rules,
    trial: Rules,
) -> Iterator[HazardReplay]:
    hazards = {h.id: h for h in session.scalars(sa.select(Hazard).where(Hazard.id.in_(ids)))}
    chains = _chains(session, hazards)
    directory = Directory.load(
        session,
        paths={h.path for h in hazards.values()},
        people={p for h in hazards.values() for _, p in parts(h)} | _named(chains),
    )
    for id_ in ids:
        yield _one(
            session, hazards[id_], chains[id_], changed, period, rules=rules, trial=trial, directory=directory
        )
    session.expunge_all()  # history may be long; nothing of it is needed again


def _one(
    session: Session,
    hazard: Hazard,
    chain: Sequence[Past],
    changed: Workflow,
    period: Period,
    *,
    rules: Rules,
    trial: Rules,
    directory: Directory,
) -> HazardReplay:
    def walked(by: Rules, choose: Choose) -> Walked:
        return walk(session, hazard, chain, rules=by, directory=directory, choose=choose, until=period.until)

    in_force = walked(rules, lambda id_: known(rules, id_))
    tried = walked(trial, lambda id_: changed if id_.split(".v")[0] == changed.key else known(rules, id_))
    compared = compare(recorded(chain), in_force.fired, tried.fired)
    return HazardReplay(
        id=hazard.id,
        number=hazard.number,
        title=hazard.title,
        level=hazard.level,
        urgency=hazard.urgency,
        differences=tuple(d for d in compared.differences if d.within(period.since, period.until)),
        not_followed=tuple(n for n in tried.not_followed if period.since <= n.at <= period.until),
        unexplained=tuple(f for f in compared.unexplained if period.since <= f.at <= period.until),
        is_cut=in_force.is_cut or tried.is_cut,
    )


def known(rules: Rules, workflow_id: str) -> Workflow | None:
    """The installed workflow an event names."""
    key, _, version = workflow_id.partition(".v")
    return rules.workflows.get((key, int(version)))


def _chains(session: Session, hazards: Mapping[uuid.UUID, Hazard]) -> Mapping[uuid.UUID, list[Past]]:
    found: dict[uuid.UUID, list[Past]] = {id_: [] for id_ in hazards}
    homes = {hazard.home_id for hazard in hazards.values()}
    rows = session.execute(
        sa.select(
            HazardEvent.hazard_id,
            HazardEvent.seq,
            HazardEvent.at,
            HazardEvent.type,
            HazardEvent.action,
            HazardEvent.actor,
            HazardEvent.body,
        )
        .where(HazardEvent.home_id.in_(homes), HazardEvent.hazard_id.in_(list(hazards)))
        .order_by(HazardEvent.hazard_id, HazardEvent.seq)
    )
    for id_, seq, at, type_, action, actor, body in rows:
        found[id_].append(Past.of(seq=seq, at=at, type=type_, action=action, actor=actor, body=body))
    return found


def _named(chains: Mapping[uuid.UUID, Sequence[Past]]) -> set[uuid.UUID]:
    """Everybody any form ever named: parts change hands."""
    found: set[uuid.UUID] = set()
    for chain in chains.values():
        for past in chain:
            fields = past.data.get("fields", {})
            found |= {uuid.UUID(str(fields[name])) for name in _NAMING if fields.get(name)}
            found |= {uuid.UUID(str(one)) for one in fields.get("verifiers") or ()}
    return found
