"""Who is told what when a hazard changes: rows for the outbox, written in the same transaction."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Parts
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.definition import Action, Workflow

SUBJECT = "hazard"
#: how somebody hears that it is their turn
TASK_CHANNELS = ("inbox", "message")
#: a step back deserves its own words
_TEMPLATES = {"return": "returned", "fail": "failed", "send_back": "returned", "realarm": "alarm"}


def parts_of(hazard: Hazard, holder: str | None) -> Parts:
    """Whose hazard it is, as the directory asks it."""
    return Parts(
        path=hazard.path,
        division=hazard.division,
        holder=holder,
        reporter=hazard.reporter_id,
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
) -> Iterator[Outbox]:
    """One outbox row for each person and channel, for the hazard's newest event; made when the batch takes them."""
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
        Outbox(
            id=new_id(),
            home_id=hazard.home_id,
            subject_kind=SUBJECT,
            subject_id=hazard.id,
            seq=seq,
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
    )


def tell_holder(
    batch: Batch, hazard: Hazard, workflow: Workflow, *, template: str = "task", skip: uuid.UUID | None = None
) -> None:
    """Word to whoever owes the next step now."""
    holder = workflow.states[hazard.state].holder
    if holder is None:
        return
    told = batch.directory.tell(["holder"], parts_of(hazard, holder))
    people = [p for p in told.people if p != skip]
    batch.outbox += messages(
        hazard, people=people, channels=TASK_CHANNELS, template=template, now=batch.now, due_at=_due(hazard)
    )


def tell_of_act(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    *,
    action: Action,
    actor: Actor,
    moved: bool,
    worse: bool,
) -> None:
    """After an action: the next holder where the hazard moved, reporter and responsible person where it was closed."""
    if not moved:
        if action.key == "reassign":
            tell_holder(batch, hazard, workflow, skip=actor.id)
        elif (
            action.key == "alarm" and worse
        ):  # a chattering detector must not bury the one message that matters
            tell_holder(batch, hazard, workflow, template="alarm")
        return
    if workflow.states[hazard.state].final:
        told = batch.directory.tell(["reporter", "responsible"], parts_of(hazard, None))
        people = [
            p for p in told.people if p != actor.id and p in (hazard.reporter_id, hazard.responsible_id)
        ]
        batch.outbox += messages(
            hazard,
            people=people,
            channels=["inbox"],
            template="closed",
            now=batch.now,
            resolution=hazard.resolution,
        )
        return
    tell_holder(batch, hazard, workflow, template=_TEMPLATES.get(action.key, "task"), skip=actor.id)


def _due(hazard: Hazard) -> str | None:
    return instant_text(hazard.due_at) if hazard.due_at else None
