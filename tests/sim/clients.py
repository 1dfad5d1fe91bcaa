"""Requests on their way: each with its key, sent once, twice, late, out of order, its answer lost; and what each answer must agree with."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError, KeyReused
from hazard_flow.hazards import operations
from hazard_flow.hazards.changes import Outcome
from hazard_flow.identity.actor import Actor
from tests.sim.faults import Died, Fault
from tests.sim.town import Town

#: what a request asks, told the session and as whom it is asked now
Ask = Callable[[Session, Actor], Outcome]
Fact = tuple[uuid.UUID, int]
#: what an act the page offered cannot be refused for
_NOT_AS_OFFERED = ("not_allowed", "state_conflict", "not_found")


@dataclass(frozen=True)
class Offer:
    """What a page said just now."""

    hazard_id: uuid.UUID
    version: int
    is_offered: bool


@dataclass
class Submission:
    """One request of one person, or of a part of the system, under its own key."""

    actor: Actor
    key: str
    what: str
    ask: Ask
    #: the hazard and event that answered it, as soon as that is known to anybody
    answer: Fact | None = None
    #: whether an answer reached whoever asked
    is_heard: bool = False
    sent: int = 0
    #: the hazard's version whoever asks looked at, and whether the page offered them the act; None: they did not look, or long ago
    offer: "Offer | None" = None


@dataclass
class Clients:
    """Everybody's devices: what waits to be sent, what was answered."""

    town: Town
    #: sent, and nobody knows what became of it
    unanswered: list[Submission] = field(default_factory=list)
    #: tablets without a signal: whose, and what they keep
    tablets: dict[uuid.UUID, list[Submission]] = field(default_factory=lambda: defaultdict(list))
    #: every acknowledged request by whose key it was
    acknowledged: dict[tuple[str, str], Fact] = field(default_factory=dict)

    def send(
        self, one: Submission, *, fault: Fault | None = None, after: int = 0, is_lost: bool = False
    ) -> str:
        """Send it now; what became of it in a word. `is_lost`: it arrives, its answer does not."""
        town = self.town
        actor = self._as_now(one.actor)
        if actor is None:
            return "nobody is signed in"
        before = town.row_counts()
        if one.sent:
            one.offer = None  # long ago
        one.sent += 1
        try:
            with (
                town.database.breaking(fault, after=after),
                town.database.transaction(actor.scope) as session,
            ):
                outcome = one.ask(session, actor)
        except HazardFlowError as refused:
            return self._refused(one, refused, before)
        except Died:
            return self._unknown(one, before, fault)
        except sa.exc.OperationalError:
            if fault is None:
                raise
            return self._unknown(one, before, fault)
        return self._accepted(one, outcome, before, is_lost=is_lost)

    def keep(self, one: Submission) -> None:
        """On a tablet without a signal, until it has one."""
        one.offer = None
        if one.actor.id is not None:
            self.tablets[one.actor.id].append(one)

    def sync(self, person: uuid.UUID) -> str:
        """A tablet is back: everything it keeps is sent, in any order, some of it twice, some answers get lost and are asked for again."""
        dice = self.town.dice
        kept = self.tablets.pop(person, [])
        if dice.randrange(3) == 0:
            dice.shuffle(kept)
        told = []
        for one in kept:
            told.append(self.send(one, is_lost=dice.randrange(6) == 0))
            if dice.randrange(4) == 0:
                told.append(self.send(one))
        return ", ".join(told) or "nothing kept"

    def retry(self) -> str:
        """Somebody who heard nothing asks again, under the same key."""
        one = self.unanswered.pop(self.town.dice.randrange(len(self.unanswered)))
        return f"{one.what} again: {self.send(one)}"

    def reuse(self, one: Submission) -> str:
        """Another request under a key that was answered: whoever sends it must be told so, and nothing more."""
        town = self.town
        before, actor = town.row_counts(), self._as_now(one.actor)
        if actor is None or one.answer is None:
            return "nobody is signed in"
        given: dict[str, Any] = {
            "hazard_id": one.answer[0],
            "action": "acknowledge",
            "request_key": one.key,
            "data": {"note": town.key()},
        }
        try:
            with town.database.transaction(actor.scope) as session:
                operations.act(session, actor=actor, now=town.now, **given)
        except HazardFlowError as refused:
            if not isinstance(refused, KeyReused):
                town.wrong(f"a key used for two requests was answered with {refused.code}")
            if town.row_counts() != before:
                town.wrong(f"a key used for two requests left rows behind: {one.key}")
            return refused.code
        town.wrong(f"a key was taken for two different requests: {one.key}")
        return "taken"

    def _as_now(self, actor: Actor) -> Actor | None:
        """With the roles they hold today; nobody who left is let in."""
        if actor.id is None:
            return actor
        return None if actor.id in self.town.cast.away else self.town.cast.actors[actor.id]

    def _accepted(self, one: Submission, outcome: Outcome, before: tuple[int, ...], *, is_lost: bool) -> str:
        town = self.town
        assert outcome.event is not None
        assert outcome.hazard is not None
        fact = (outcome.event.hazard_id, outcome.event.seq)
        town.meet(outcome.hazard)
        if outcome.replayed != (one.answer is not None):
            town.wrong(
                f"{one.what} under key {one.key} was done {'twice' if one.answer else 'before it was asked'}"
            )
        if one.answer not in (None, fact):
            town.wrong(f"{one.what} under key {one.key} was answered with {fact}, before with {one.answer}")
        if outcome.replayed and town.row_counts() != before:
            town.wrong(f"{one.what} under key {one.key} was answered again and left rows behind")
        if one.offer is not None and not one.offer.is_offered and fact[1] == one.offer.version + 1:
            town.wrong(f"{one.what} was not offered, and taken when done")
        one.answer = fact
        if is_lost:
            self.unanswered.append(one)
            return f"{outcome.hazard.number}#{fact[1]}, answer lost"
        one.is_heard = True
        self.acknowledged[one.actor.key, one.key] = fact
        town.counts["replayed" if outcome.replayed else "taken"] += 1
        return f"{outcome.hazard.number}#{fact[1]}{' again' if outcome.replayed else ''}"

    def _refused(self, one: Submission, refused: HazardFlowError, before: tuple[int, ...]) -> str:
        town = self.town
        if town.row_counts() != before:
            town.wrong(f"{one.what} was refused ({refused.code}) and left rows behind")
        if one.answer is not None:
            town.wrong(
                f"{one.what} under key {one.key} was answered before and is refused now ({refused.code})"
            )
        if refused.status == 500 or (refused.status == 422 and not refused.fields):
            town.wrong(f"{one.what}: a refusal that says nothing: {refused!r}")
        if (
            one.offer is not None
            and one.offer.is_offered
            and refused.code in _NOT_AS_OFFERED
            and not self._is_overtaken(one.offer)
        ):
            town.wrong(f"{one.what} was offered, and refused when done ({refused.code})")
        town.counts[f"refused {refused.code}"] += 1
        fields = " ".join(f"{error.field}={error.code}" for error in refused.fields)
        return f"{refused.code} {fields}".strip()

    def _is_overtaken(self, offer: Offer) -> bool:
        """Whether something was to happen by itself before the act."""
        due = self.town.look.rows(
            "SELECT name FROM timer WHERE subject_id = ? AND due_at <= ?", offer.hazard_id, self.town.now
        )
        return bool({row[0] for row in due} & self.town.rules.acting_timers)

    def _unknown(self, one: Submission, before: tuple[int, ...], fault: Fault | None) -> str:
        """Nobody heard an answer. What is stored tells whether it was done; whoever asked will ask again."""
        town = self.town
        self.unanswered.append(one)
        one.offer = None
        town.survey()
        found = town.look.rows(
            "SELECT hazard_id, seq FROM request_key WHERE actor = ? AND key = ?", one.actor.key, one.key
        )
        fact = (uuid.UUID(str(found[0][0])), found[0][1]) if found and found[0][0] else None
        if (fact is not None) != (fault == "dies_after_commit" or one.answer is not None):
            town.wrong(f"{one.what}: {fault}, and its key is {'stored' if fact else 'not stored'}")
        if fact is None and town.row_counts() != before:
            town.wrong(f"{one.what}: {fault}, rolled back, and rows are left behind")
        if one.answer is not None and fact != one.answer:
            town.wrong(f"{one.what} under key {one.key} was stored as {fact}, before as {one.answer}")
        one.answer = fact
        town.counts[str(fault)] += 1
        return f"{fault}, {'done' if fact else 'not done'}"
