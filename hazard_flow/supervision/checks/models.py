"""Tables of unannounced checks. Until one is finished the database itself shows it to its team and to nobody else."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.journal import Step
from hazard_flow.storage.protection import append_only, secured

STATES = ("planned", "under_way", "finished", "cancelled")
#: what was seen of an item: in order, not in order, not looked at
ANSWERS = ("fine", "wrong", "not_checked")


class UnannouncedCheck(Base):
    """A check nobody is told of beforehand. `team` alone sees it until `finished_at`; a cancelled one is never shown to others."""

    __tablename__ = "unannounced_check"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint("(state = 'finished') = (finished_at IS NOT NULL)", name="finished"),
        sa.Index("ix_unannounced_check_planned", "planned_at", "id"),
        sa.Index("ix_unannounced_check_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the regulator whose check it is
    issuer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    #: the enterprise that is checked
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: `,<hex id>,` of its officers, the leader first; two at least (Administrative Penalty Law art. 42 [V])
    team: Mapped[str]
    #: `JC-…`, given at the finish: a gap in the numbers would tell of a plan
    number: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str]
    purpose: Mapped[str]
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"))
    planned_on: Mapped[date]
    #: how enterprise and officers came to be chosen: seed, candidates with weights, order drawn; empty where nobody drew
    drawn: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: `[{"text", "answer", "note", "hazard"}]`
    items: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    opinion: Mapped[str] = mapped_column(default="")
    #: who of the team has signed
    signed: Mapped[str] = mapped_column(default=",")
    #: digests of names kept apart: the unit's representative, or the two witnesses of a refusal
    representative_digest: Mapped[str | None]
    refusal: Mapped[str] = mapped_column(default="")
    witness_digests: Mapped[list[str]] = mapped_column(default=list)
    planned_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    seq: Mapped[int] = mapped_column(default=0)


class CheckStep(Step, Base):
    """One step of a check. Never changed."""

    __tablename__ = "unannounced_check_step"
    __table_args__ = (sa.UniqueConstraint("actor", "request_key"),)

    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("unannounced_check.id"), primary_key=True)


append_only("unannounced_check_step")
# neither division nor path opens a check that is not finished: not the enterprise, not another officer, not the highest one
secured(
    "unannounced_check",
    "hf_sees('', '', team) OR (finished_at IS NOT NULL AND hf_sees(path, division, team))",
)
secured(
    "unannounced_check_step",
    "EXISTS (SELECT 1 FROM unannounced_check c WHERE c.id = unannounced_check_step.subject_id)",
)
