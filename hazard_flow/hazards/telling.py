"""Who is told what when a hazard changes: rows for the outbox, written in the same transaction."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.protecting import PROTECTED, is_protected
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Parts
from hazard_flow.identity.roles import ABOVE
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.definition import Action, Workflow

SUBJECT = "hazard"
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


def holder_of(hazard: Hazard, workflow: Workflow) -> str | None:
    """Who owes the next step: the state's holder, or as many levels above as the hazard was returned."""
    holder = workflow.states[hazard.state].holder
    for _ in range(read(hazard.proceedings).steps_up):
        holder = ABOVE.get(holder or "", holder)
    return holder


def parts_of(hazard: Hazard, holder: str | None, *, applicant: uuid.UUID | None = None) -> Parts:
    """Whose hazard it is, as the directory asks it."""
    return Parts(
        path=hazard.path,
        division=hazard.division,
        holder=holder,
        applicant=applicant,
        reporter=hazard.reporter_id or hazard.protected_reporter_id,
        responsible=hazard.responsible_id,
        verifiers=tuple(uuid.UUID(v) for v in hazard.verifier_ids),
        closer=hazard.closer_id,
    )


def messages(
    hazard: Hazard,
    *,
    people: Iterable[uuid.UUID],
    channels: Sequence[str],
    template: str,
    now: datetime,
    **params: Any,
) -> list[Outbox]:
    """One outbox row for each person and channel, for the hazard's newest event."""
    filled = {
        "number": hazard.number,
        "title": hazard.title,
        "state": hazard.state,
        "workflow": f"{hazard.workflow}.v{hazard.workflow_version}",
        "level_legal": hazard.level,
        **params,
    }
    return [
        Outbox(
            id=new_id(),
            home_id=hazard.home_id,
            subject_kind=SUBJECT,
            subject_id=hazard.id,
            seq=hazard.seq,
            person_id=person,
            channel=channel,
            template=template,
            params=filled,
            state="pending",
            created_at=now,
            due_at=now,
        )
        for person in people
        for channel in channels
    ]


def tell_holder(
    batch: Batch, hazard: Hazard, workflow: Workflow, *, template: str = "task", skip: uuid.UUID | None = None
) -> None:
    """Word to whoever owes the next step now."""
    holder = holder_of(hazard, workflow)
    if holder is None:
        return
    told = batch.directory.tell(["holder"], parts_of(hazard, holder))
    people = [p for p in told.people if p != skip]
    batch.outbox += messages(
        hazard, people=people, channels=TASK_CHANNELS, template=template, now=batch.now, due_at=_due(hazard)
    )


def tell_of_report(batch: Batch, hazard: Hazard, workflow: Workflow, *, action: Action, actor: Actor) -> None:
    """After a report: whoever must classify it, and whom the workflow names."""
    tell_holder(batch, hazard, workflow)
    _tell_named(batch, hazard, action=action, actor=actor, applicant=None)


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
    """After an action: the next holder where the hazard moved, whom the workflow names, and at the end who reported and who mended."""
    # one message a person and event: whose turn it is comes before whom the workflow names
    if moved and workflow.states[hazard.state].final:
        _tell_concerned(batch, hazard, actor)
    elif moved:
        tell_holder(batch, hazard, workflow, template=_TEMPLATES.get(action.key, "task"), skip=actor.id)
    elif action.key == "reassign":
        tell_holder(batch, hazard, workflow, skip=actor.id)
    elif action.key == "alarm" and worse:  # a chattering detector must not bury the one message that matters
        tell_holder(batch, hazard, workflow, template="alarm")
    _tell_named(batch, hazard, action=action, actor=actor, applicant=applicant)


def said_by(hazard: Hazard, actor: Actor) -> dict[str, str]:
    """Who acted, as messages say it: by name, and the system and a protected reporter by what they are."""
    if is_protected(hazard, actor.id):
        return {"by_part": PROTECTED}
    return {"by_part": "system"} if actor.is_system else {"by": actor.name}


def _tell_concerned(batch: Batch, hazard: Hazard, actor: Actor) -> None:
    """It is over: who reported and who mended hear of it."""
    found = batch.directory.tell(["reporter", "responsible"], parts_of(hazard, None))
    concerned = (hazard.reporter_id, hazard.protected_reporter_id, hazard.responsible_id)
    batch.outbox += messages(
        hazard,
        people=[p for p in found.people if p != actor.id and p in concerned],
        channels=["inbox"],
        template="closed",
        now=batch.now,
        resolution=hazard.resolution,
    )


def _tell_named(
    batch: Batch, hazard: Hazard, *, action: Action, actor: Actor, applicant: uuid.UUID | None
) -> None:
    """Whom the action names in `tell`, whoever acts left out; a part nobody holds is no reason to tell somebody above it."""
    parts = parts_of(hazard, None, applicant=applicant)
    named = [word for word in action.tell if getattr(parts, word, True) is not None]
    people = [p for p in batch.directory.tell(named, parts).people if p != actor.id]
    batch.outbox += messages(
        hazard, people=people, channels=TASK_CHANNELS, template="told", now=batch.now, action=action.key,
        due_at=_due(hazard), **said_by(hazard, actor),
    )  # fmt: skip


def _due(hazard: Hazard) -> str | None:
    return instant_text(hazard.due_at) if hazard.due_at else None
