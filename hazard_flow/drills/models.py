"""Tables of filed drill records: one row a drill, one row a rung. Never changed; people are named by id, so erasure leaves them valid."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: what became of a rung: it fired; its people were only looked up, because its state could not be staged; it would reach nobody
RESULTS = ("fired", "resolved", "nobody")


class Drill(Base):
    """One drill: who held it, when, over what, and how it came out."""

    __tablename__ = "drill"
    __table_args__ = (sa.Index("ix_drill_started", "started_at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: `YL-{yyyymmdd}-{nn}`, the day in the organisation's zone
    number: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    #: `operator:<account of the machine>`
    actor: Mapped[str]
    #: everybody told was really sent one message over the real channels
    sent: Mapped[bool]
    #: of this program
    version: Mapped[str]
    #: ids of the workflows climbed, `general.v1`
    workflows: Mapped[list[str]]
    #: the unit it was narrowed to; None: the whole installation
    organisation_id: Mapped[uuid.UUID | None]
    units: Mapped[int]
    rungs: Mapped[int]
    people: Mapped[int]
    #: rungs that would reach nobody
    unreached: Mapped[int]
    #: rungs with any finding, those included
    findings: Mapped[int]


class DrillRung(Base):
    """One rung of one timer, for hazards of one unit: when it was to fire, when it did, whom it told, by which way, what is amiss."""

    __tablename__ = "drill_rung"
    __table_args__ = (
        sa.CheckConstraint(f"result IN {RESULTS}", name="result"),
        sa.Index("ix_drill_rung_drill", "drill_id", "position"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    drill_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("drill.id"))
    position: Mapped[int]
    #: the unit the drill hazard belonged to
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: `general.v1`
    workflow: Mapped[str]
    #: state the timer ran in; None for one that runs across states
    state: Mapped[str | None]
    timer: Mapped[str]
    ladder: Mapped[str]
    level: Mapped[int]
    colour: Mapped[str | None]
    #: the rung's offset as its file says it, `1 workday`
    after: Mapped[str]
    #: it was to come sooner than that, because the rung before it would not be acknowledged in time
    unacknowledged: Mapped[bool]
    #: in the drill's own time, which begins when it was started
    planned_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    #: when the limit itself ran out
    expired_at: Mapped[datetime | None]
    addressees: Mapped[list[str]]
    #: `[{"person": id, "ways": {"inbox": "inbox", "message": "email", …}}]`
    told: Mapped[list[dict[str, Any]]]
    #: roles nobody could be reached in
    unreachable: Mapped[list[str]]
    result: Mapped[str]
    #: codes of what is amiss: `drills.finding.<code>`
    findings: Mapped[list[str]]


append_only("drill")
append_only("drill_rung")
secured("drill", "hf_everything() OR EXISTS (SELECT 1 FROM drill_rung r WHERE r.drill_id = drill.id)")
secured("drill_rung", "hf_names(path, division)")
