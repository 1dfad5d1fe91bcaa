"""Who is told what when a hazard changes: rows for the outbox, written in the same transaction."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read, steps_up
from hazard_flow.hazards.protecting import PROTECTED, acts_as_reporter
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory, Parts, Told
from hazard_flow.identity.roles import ABOVE
from hazard_flow.schedule.rows import MessageRow
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.definition import Action, Rung, Workflow
from hazard_flow.workflow.vocabulary import APPLICANT

SUBJECT = "hazard"
#: a message about a hazard that nobody but its reader may know of: to who reported in confidence
PRIVATE = "confidence"
#: how somebody hears that it is their turn
TASK_CHANNELS = ("inbox", "message")
#: a step back deserves its own words
_TEMPLATES = {"return": "returned", "fail": "failed", "send_back": "returned", "realarm": "alarm"}


@dataclass(frozen=True)
class Telling:
    """Messages to be written once the event stands: to whom, how, in which words."""

    people: tuple[uuid.UUID, ...]
    channels: tuple[str, ...]
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)


def holder_of(hazard: HazardLike, workflow: Workflow) -> str | None:
    """Who owes the next step: the state's holder, or as many levels above as the hazard was returned."""
    holder = workflow.states[hazard.state].holder
    for _ in range(steps_up(hazard.proceedings)):
        holder = ABOVE.get(holder or "", holder)
    return holder


def parts_of(hazard: HazardLike, holder: str | None, *, applicant: uuid.UUID | None = None) -> Parts:
    """Whose hazard it is, as the directory asks it; who reported in confidence is no part of it that any event may name."""
    return Parts(
        path=hazard.path,
        division=hazard.division,
        holder=holder,
        applicant=applicant,
        reporter=hazard.reporter_id,
        responsible=hazard.responsible_id,
        verifiers=tuple(uuid.UUID(v) for v in hazard.verifier_ids),
        closer=hazard.closer_id,
    )


def messages(
    hazard: HazardLike,
    *,
    people: Iterable[uuid.UUID],
    channels: Sequence[str],
    template: str,
    now: datetime,
    subject_kind: str = SUBJECT,
    **params: Any,
) -> Iterator[MessageRow]:
    """One outbox row for each person and channel, for the hazard's newest event; made when the batch takes them.

    `addressees` among the parameters says as what these people are told (`holder`, a role of a rung): whoever sends the message asks again
    who that is, since between writing and sending people leave and hazards change hands.
    """
    filled = {
        "number": hazard.number,
        "title": hazard.title,
        "state": hazard.state,
        "workflow": f"{hazard.workflow}.v{hazard.workflow_version}",
        "level_legal": hazard.level,
        **params,
    }
    seq = hazard.seq
    return (
        MessageRow(
            id=new_id(),
            home_id=hazard.home_id,
            subject_kind=subject_kind,
            subject_id=hazard.id,
            seq=seq,
            person_id=person,
            channel=channel,
            template=template,
            params=filled,
            created_at=now,
            due_at=now,
        )
        for person in people
        for channel in channels
    )


def reminded(kind: str, ladder: Sequence[Rung]) -> tuple[str, ...]:
    """Whom a reminder reaches: of a state's time limit whoever owes the step, of every other the first the ladder would tell.

    The holder of the state has no part in a decision somebody else is asked for, nor in what the law asks beside the work.
    """
    return ("holder",) if kind == "state" else ladder[0].tell


def reach(directory: Directory, words: Sequence[str], parts: Parts, *, past: uuid.UUID | None) -> Told:
    """The people behind these words; where a word leads to nobody but the one `past`, whoever stands above."""
    people: list[uuid.UUID] = []
    unreachable: list[str] = []
    for word in words:
        told = directory.tell([word], parts)
        role = parts.holder if word == "holder" else word
        while told.people == (past,) and (role := ABOVE.get(role or "")) is not None:
            told = directory.tell([role], parts)
        people += [p for p in told.people if p not in people]
        unreachable += told.unreachable
    return Told(tuple(people), tuple(unreachable))


def barred(hazard: HazardLike, workflow: Workflow, flag: str | None) -> uuid.UUID | None:
    """Who made the open request of this kind and may not decide it."""
    decided = any(a.shuts == flag and APPLICANT in a.other_than for a in workflow.actions.values())
    return read(hazard.proceedings).applicant(flag) if decided else None


def flag_of_timer(workflow: Workflow, timer: str) -> str | None:
    """The request that begins this timer, if one does."""
    return next(
        (a.opens for a in workflow.actions.values() if timer in a.starts and a.opens is not None), None
    )


def barred_from_timer(hazard: HazardLike, workflow: Workflow, timer: str) -> uuid.UUID | None:
    """Who made the request that began this timer and may not decide it."""
    flag = flag_of_timer(workflow, timer)
    return None if flag is None else barred(hazard, workflow, flag)


def tell_holder(
    batch: Batch, hazard: Hazard, workflow: Workflow, *, template: str = "task", skip: uuid.UUID | None = None
) -> None:
    """Word to whoever owes the next step now."""
    holder = holder_of(hazard, workflow)
    if holder is None:
        return
    # where the only one who could look at the work did it, whoever stands above looks
    own_work = skip if skip == hazard.responsible_id and holder != "responsible" else None
    told = reach(batch.directory, ["holder"], parts_of(hazard, holder), past=own_work)
    people = [p for p in told.people if p != skip]
    batch.outbox += messages(
        hazard,
        people=people,
        channels=TASK_CHANNELS,
        template=template,
        now=batch.now,
        addressees=["holder"],
        due_at=_due(hazard),
    )


def tell_of_report(batch: Batch, hazard: Hazard, workflow: Workflow, *, action: Action, actor: Actor) -> None:
    """After a report: whoever must classify it, and whom the workflow names."""
    tell_holder(batch, hazard, workflow)
    _tell_named(batch, hazard, workflow, action=action, actor=actor, applicant=None)


def tell_of_act(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    *,
    action: Action,
    actor: Actor,
    moved: bool,
    worse: bool,
    applicant: uuid.UUID | None = None,
) -> None:
    """After an action: the next holder where the hazard moved, whom the workflow names, and at the end who reported and who mended.

    One message a person, channel and event: whose turn it is comes before whom the workflow names.
    """
    if moved and workflow.states[hazard.state].final:
        _tell_concerned(batch, hazard, actor)
    elif moved:
        tell_holder(batch, hazard, workflow, template=_TEMPLATES.get(action.key, "task"), skip=actor.id)
    elif action.key == "reassign":
        tell_holder(batch, hazard, workflow, skip=actor.id)
    elif action.key == "alarm" and worse:  # a chattering detector must not bury the one message that matters
        tell_holder(batch, hazard, workflow, template="alarm")
    _tell_named(batch, hazard, workflow, action=action, actor=actor, applicant=applicant)
    _tell_in_confidence(batch, hazard, action, actor)


def said_by(hazard: Hazard, actor: Actor, action: Action) -> dict[str, str]:
    """Who acted, as messages say it: by name, and the system and a protected reporter by what they are."""
    if acts_as_reporter(hazard, actor, action):
        return {"by_part": PROTECTED}
    return {"by_part": "system"} if actor.is_system else {"by": actor.name}


def _tell_concerned(batch: Batch, hazard: Hazard, actor: Actor) -> None:
    """It is over: who reported and who mended hear of it."""
    found = batch.directory.tell(["reporter", "responsible"], parts_of(hazard, None))
    concerned = (hazard.reporter_id, hazard.responsible_id)
    batch.outbox += messages(
        hazard,
        people=[p for p in found.people if p != actor.id and p in concerned],
        channels=["inbox"],
        template="closed",
        now=batch.now,
        resolution=hazard.resolution,
    )


def _tell_named(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    *,
    action: Action,
    actor: Actor,
    applicant: uuid.UUID | None,
) -> None:
    """Whom the action names in `tell`, whoever acts left out; a part nobody holds is no reason to tell somebody above it.

    A request goes to somebody else than who makes it, up to the first who may decide.
    """
    parts = parts_of(hazard, None, applicant=applicant)
    named = [word for word in action.tell if getattr(parts, word, True) is not None]
    told = reach(batch.directory, named, parts, past=barred(hazard, workflow, action.opens))
    people = [p for p in told.people if p != actor.id]
    batch.outbox += messages(
        hazard, people=people, channels=TASK_CHANNELS, template="told", now=batch.now, action=action.key, due_at=_due(hazard),
        # whoever asked is a person by name: nobody stands in for them later
        addressees=[word for word in named if word != APPLICANT], **said_by(hazard, actor, action),
    )  # fmt: skip


def _tell_in_confidence(batch: Batch, hazard: Hazard, action: Action, actor: Actor) -> None:
    """Who reported in confidence hears of what a reporter hears of; that they were told is nobody else's to see.

    One who is told for another reason as well is told openly, as everybody with that reason: a gap in the list would say who it was.
    """
    person = hazard.protected_reporter_id
    openly = (hazard.id, hazard.seq, person) in {
        (row.subject_id, row.seq, row.person_id) for row in batch.outbox
    }
    if person is None or person == actor.id or openly or not (hazard.resolution or "reporter" in action.tell):
        return
    batch.outbox += messages(
        hazard, people=[person], channels=["inbox"], template="closed" if hazard.resolution else "told", now=batch.now,
        subject_kind=PRIVATE, action=action.key, resolution=hazard.resolution, **said_by(hazard, actor, action),
    )  # fmt: skip


def _due(hazard: Hazard) -> str | None:
    return instant_text(hazard.due_at) if hazard.due_at else None
