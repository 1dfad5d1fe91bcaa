"""Tables of accidents and near misses, their steps, links, casualties and lessons."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.accidents.rules import CLASSES
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.journal import Step
from hazard_flow.storage.protection import append_only, secured

KINDS = ("accident", "near_miss")
CATEGORIES = (
    "leak", "fire", "explosion", "poisoning", "third_party_damage", "overpressure", "outage", "injury", "other",
)  # fmt: skip
#: how the duty to report was broken: late, left out, untrue, concealed (Order 493 art. 4, 35, 36 [M])
CONCEALMENTS = ("late", "omitted", "false", "concealed")
RESPONSIBILITIES = ("unsettled", "responsible", "not_responsible")
LINKS = ("hazard", "alert", "asset")
OUTCOMES = ("dead", "seriously_injured", "slightly_injured", "missing")
LESSONS = ("proposed", "accepted", "declined")


class Accident(Base):
    """One accident or near miss: how it stands now. How it came to stand so is in its steps; `seq` counts them and is its version."""

    __tablename__ = "accident"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
        sa.CheckConstraint(f"category IN {CATEGORIES}", name="category"),
        sa.CheckConstraint(f"accident_class IS NULL OR accident_class IN {CLASSES}", name="class"),
        sa.CheckConstraint("(kind = 'accident') = (accident_class IS NOT NULL)", name="classed"),
        sa.CheckConstraint(f"responsibility IN {RESPONSIBILITIES}", name="responsibility"),
        sa.CheckConstraint(f"concealment IS NULL OR concealment IN {CONCEALMENTS}", name="concealment"),
        sa.Index("ix_accident_occurred", "occurred_at", "id"),
        sa.Index("ix_accident_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the enterprise it happened at
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    parties: Mapped[str] = mapped_column(default=",")
    #: `SG-…` for accidents, `WS-…` for near misses
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    category: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    measures: Mapped[str] = mapped_column(default="")
    place: Mapped[str]
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"), index=True)
    occurred_at: Mapped[datetime]
    #: when the enterprise's principal knew: the first clock runs from here
    known_at: Mapped[datetime]
    dead: Mapped[int] = mapped_column(default=0)
    seriously_injured: Mapped[int] = mapped_column(default=0)
    slightly_injured: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    #: direct economic loss in whole CNY
    loss_yuan: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    gas_escaped_m3: Mapped[float | None]
    #: users cut off
    users_affected: Mapped[int | None]
    #: Order 493; None for a near miss
    accident_class: Mapped[str | None]
    cause_direct: Mapped[str] = mapped_column(default="")
    cause_indirect: Mapped[str] = mapped_column(default="")
    cause_management: Mapped[str] = mapped_column(default="")
    responsibility: Mapped[str] = mapped_column(default="unsettled")
    concealment: Mapped[str | None]
    #: what others are to learn from it
    lesson: Mapped[str] = mapped_column(default="")
    #: version of the figures: grows with each supplement
    figures: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    seq: Mapped[int] = mapped_column(default=0)

    @property
    def is_accident(self) -> bool:
        """Whether the duty to report applies."""
        return self.kind == "accident"


class AccidentStep(Step, Base):
    """One step of an accident: registered, reported, received, supplemented, judged, learnt from, closed. Never changed."""

    __tablename__ = "accident_step"
    __table_args__ = (sa.UniqueConstraint("actor", "request_key"),)

    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accident.id"), primary_key=True)


class AccidentLink(Base):
    """A hazard, an alert or an asset that belongs to an accident. Its path and the hazard's own stay apart: both show the other."""

    __tablename__ = "accident_link"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {LINKS}", name="kind"),
        sa.Index("ix_accident_link_target", "target_id"),
    )

    accident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accident.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: the hazard turned into this accident
    is_origin: Mapped[bool] = mapped_column(default=False)
    linked_at: Mapped[datetime]


class Casualty(Base):
    """One person who was hurt. Name and particulars are personal values, kept apart and erasable; only digests stand here."""

    __tablename__ = "accident_casualty"
    __table_args__ = (sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    accident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accident.id"), index=True)
    outcome: Mapped[str]
    name_digest: Mapped[str]
    note_digest: Mapped[str | None]
    entered_at: Mapped[datetime]


class Lesson(Base):
    """A similar place offered for one look (举一反三); accepted, it is somebody's task."""

    __tablename__ = "accident_lesson"
    __table_args__ = (sa.CheckConstraint(f"state IN {LESSONS}", name="state"),)

    accident_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("accident.id"), primary_key=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), primary_key=True)
    state: Mapped[str] = mapped_column(default="proposed")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    #: the page of the task that followed
    href: Mapped[str] = mapped_column(default="")


append_only("accident_step")
secured("accident", "hf_sees(path, division, parties)")
secured("accident_link", "EXISTS (SELECT 1 FROM accident a WHERE a.id = accident_link.accident_id)")
secured("accident_casualty", "EXISTS (SELECT 1 FROM accident a WHERE a.id = accident_casualty.accident_id)")
secured("accident_lesson", "EXISTS (SELECT 1 FROM accident a WHERE a.id = accident_lesson.accident_id)")
secured("accident_step", "EXISTS (SELECT 1 FROM accident a WHERE a.id = accident_step.subject_id)")
