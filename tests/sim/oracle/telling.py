"""Who must have been told of an event, and over which channels: the people of a rung, whoever owes the next step, whom the file names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sim.oracle.acts import Done
from tests.sim.oracle.case import Case
from tests.sim.oracle.people import People

#: how somebody hears that it is their turn
TASK = ("inbox", "message")
Message = tuple[str, str]


@dataclass
class Told:
    """The messages of one event: (person, channel) → the kind of sentence; of the same twice the first stays."""

    found: dict[Message, str] = field(default_factory=dict)

    def add(self, people: Iterable[str], channels: Sequence[str], template: str) -> None:
        """Each of them, over each channel."""
        for person in people:
            for channel in channels:
                self.found.setdefault((person, channel), template)


_TEMPLATES = {"return": "returned", "fail": "failed", "send_back": "returned", "realarm": "alarm"}


def of_report(case: Case, act: Any, who: str | None, people: People) -> Told:
    """Whoever must classify it, and whom the file names."""
    told = Told()
    _holder(told, case, people, "task")
    _named(told, case, act.words("tell"), people, who=who, applicant=None, barred=None)
    return told


def of_act(case: Case, done: Done, data: Mapping[str, Any], people: People) -> Told:
    """The next holder where it moved, whom the file names, at the end whoever reported and mended; what a count brings."""
    told, act = Told(), done.act
    if done.moved and not case.is_open:
        found, _ = people.reach(["reporter", "responsible"], case.parts())
        concerned = {case.reporter, case.responsible} - {done.who}
        told.add([one for one in found if one in concerned], ["inbox"], "closed")
    elif done.moved:
        _holder(told, case, people, _TEMPLATES.get(act.key, "task"), skip=done.who)
    elif act.key == "reassign":
        _holder(told, case, people, "task", skip=done.who)
    elif act.key == "alarm" and done.worse:
        _holder(told, case, people, "alarm")
    if done.complete:
        _named(
            told, case, act.words("tell"), people, who=done.who, applicant=done.applicant, barred=done.barred
        )
    if done.climb is not None:
        found, _ = people.reach(done.climb["tell"], case.parts(applicant=done.applicant))
        told.add(found, done.climb["by"], "counted")
    if data.get("penalties", data).get("closure_proposal"):
        found, _ = people.reach(["county_officer", "city_officer"], case.parts())
        told.add(found, TASK, "penalties")
    return told


def in_confidence(case: Case, done: Done, openly: Told) -> bool:
    """Whether somebody who reported past their manager is told apart from all others."""
    person = case.protected
    if person is None or person == done.who or any(one == person for one, _ in openly.found):
        return False
    return case.resolution is not None or "reporter" in (done.act.words("tell") if done.complete else ())


def of_holder(case: Case, people: People, template: str) -> Told:
    """Only whoever owes the next step."""
    told = Told()
    _holder(told, case, people, template)
    return told


def _holder(told: Told, case: Case, people: People, template: str, *, skip: str | None = None) -> None:
    if case.holder is None:
        return
    # where the only one who could look at the work did it, whoever stands above looks
    past = skip if skip and skip == case.responsible and case.holder != "responsible" else None
    found, _ = people.reach(["holder"], case.parts(case.holder), past=past)
    told.add([one for one in found if one != skip], TASK, template)


def _named(
    told: Told,
    case: Case,
    words: Sequence[str],
    people: People,
    *,
    who: str | None,
    applicant: str | None,
    barred: str | None,
) -> None:
    parts = case.parts(applicant=applicant)
    held = {"reporter", "responsible", "closer", "applicant", "verifiers"}
    wanted = [word for word in words if word not in held or word == "verifiers" or parts.of(word)]
    found, _ = people.reach(wanted, parts, past=barred)
    told.add([one for one in found if one != who], TASK, "told")
