"""Whether people still stand where they stood when a message to them was written, and who stands there now.

A message may wait a day for the mail server, an hour for a full mailbox. Meanwhile people leave, change units, hand hazards over. What a
hazard tells nobody who has no part in it any more goes to whoever would be told now.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.telling import holder_of, parts_of
from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.roles import ABOVE
from hazard_flow.notifications.channels import Recipient
from hazard_flow.notifications.relevance import ASKS_FOR_A_STEP, SUBJECT
from hazard_flow.schedule.models import Outbox

DESK = "duty_desk"


@dataclass(frozen=True)
class Standing:
    """Why a person is no longer the right one, and who is; both empty where all is as it was."""

    reason: str = ""
    instead: tuple[uuid.UUID, ...] = ()


FINE = Standing()


@dataclass(frozen=True)
class Ground:
    """What a batch of messages is about, read once: each subject's parts, and everybody's seats."""

    directory: Directory
    #: subject id → whose it is
    parts: Mapping[uuid.UUID, Parts] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, rows: Sequence[Outbox], rules: Rules | None) -> "Ground":
        """The ground of these messages: of hazards their own, of anything else their whole organisation."""
        found: dict[uuid.UUID, Parts] = {}
        named: set[uuid.UUID] = {row.person_id for row in rows}
        ids = {row.subject_id for row in rows if row.subject_kind == SUBJECT}
        for hazard in session.scalars(sa.select(Hazard).where(Hazard.id.in_(ids))) if ids else ():
            found[hazard.id] = parts_of(hazard, _holder(hazard, rules))
            named |= {person for _, person in parts(hazard)}
        others = {row.home_id: row.subject_id for row in rows if row.subject_id not in found}
        homes = sa.select(Organisation.id, Organisation.path, Organisation.division)
        for id_, path, division in (
            session.execute(homes.where(Organisation.id.in_(others))) if others else ()
        ):
            found |= {
                row.subject_id: Parts(path=path, division=division)
                for row in rows
                if row.home_id == id_ and row.subject_id not in found
            }
        directory = Directory.load(session, paths={p.path for p in found.values()}, people=named)
        return cls(directory, found)

    def judge(self, row: Outbox, person: Recipient | None) -> Standing:
        """Whether the person may still be told, and who instead."""
        if person is None:
            return self._gone(row, "person_unknown")
        if not person.active:
            return self._gone(row, "person_inactive")
        held = self.parts.get(row.subject_id)
        if held is None or row.subject_kind != SUBJECT:
            return FINE
        if self.directory.reaches(row.person_id, held) or row.person_id in self._told(row, held):
            return FINE
        seated = self.directory.is_seated(row.person_id)
        return self._gone(row, "out_of_scope" if seated else "left")

    def desk(self, row: Outbox) -> tuple[str, list[uuid.UUID]]:
        """Who carries a message by hand: the duty desk, or whoever stands above it, never the person to be reached. ("", []) for nobody."""
        held = self.parts.get(row.subject_id)
        role: str | None = DESK
        while held is not None and role is not None:
            people = [p for p in self.directory.holders(role, held) if p != row.person_id]
            if people:
                return role, people
            role = ABOVE.get(role)
        return "", []

    def _gone(self, row: Outbox, reason: str) -> Standing:
        held = self.parts.get(row.subject_id)
        if held is None or row.subject_kind != SUBJECT:
            return Standing(reason)
        return Standing(reason, tuple(p for p in self._told(row, held) if p != row.person_id))

    def _told(self, row: Outbox, held: Parts) -> Collection[uuid.UUID]:
        wanted = row.params.get("addressees")
        if not isinstance(wanted, list):
            wanted = ["holder"] if row.template in ASKS_FOR_A_STEP else []
        return self.directory.tell([str(word) for word in wanted], held).people


def _holder(hazard: Hazard, rules: Rules | None) -> str | None:
    workflow = rules.workflows.get((hazard.workflow, hazard.workflow_version)) if rules else None
    # a hazard in a state its workflow lacks is the timers' alarm; its messages are judged all the same
    if workflow is None or hazard.state not in workflow.states:
        return None
    return holder_of(hazard, workflow)
