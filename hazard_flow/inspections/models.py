"""Tables of planned looking-after: plans, the rounds that come of them, what was found at each place, photographs, tracks, doubts."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured

STATES = ("planned", "under_way", "done", "missed")
#: where the days of a plan come from: a rule of its own, or the dynamic risk colour of each asset
BASES = ("rule", "colour")
#: where a round was handed in
SOURCES = ("desk", "api", "tablet")


class RoundPlan(Base):
    """A plan (计划): what is gone round, by whom, how often, with which checklist. It belongs to the team that does it."""

    __tablename__ = "round_plan"
    __table_args__ = (
        sa.CheckConstraint(f"basis IN {BASES}", name="basis"),
        sa.CheckConstraint("(basis = 'rule') = (rule <> '')", name="rule"),
        sa.UniqueConstraint("home_id", "request_key"),
        sa.Index("ix_round_plan_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: key of `work_lines.WORK_LINES`
    line: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    #: key of the checklist; each round is pinned to the version that is newest when it is made
    checklist: Mapped[str]
    basis: Mapped[str]
    #: RFC 5545, for instance `FREQ=WEEKLY;BYDAY=MO,TH`; empty when the colour decides
    rule: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    #: days from the planned one, itself counted, until it must be done
    term_days: Mapped[int] = mapped_column(default=1)
    responsible_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    needs_sign_off: Mapped[bool] = mapped_column(default=False)
    #: the last day rounds were made for; None before the first time
    made_until: Mapped[date | None]
    #: when it was put aside; rounds made already stay owed
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    request_key: Mapped[str]

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)


class RoundPlanAsset(Base):
    """One place a plan goes to, in the order they are walked."""

    __tablename__ = "round_plan_asset"

    plan_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("round_plan.id"), primary_key=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), primary_key=True)
    place: Mapped[int]


class Round(Base):
    """One round (巡查): planned, under way, done, or missed. What was missed and is done after all is done, and late."""

    __tablename__ = "inspection_round"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "planned_on"),
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint("(state = 'done') = (handed_in_at IS NOT NULL)", name="handed_in"),
        sa.Index("ix_inspection_round_path_due", "path", "due_at"),
        sa.Index("ix_inspection_round_home_day", "home_id", "planned_on"),
        sa.Index(
            "ix_inspection_round_open",
            "due_at",
            "id",
            postgresql_where=sa.text("state IN ('planned', 'under_way')"),
            sqlite_where=sa.text("state IN ('planned', 'under_way')"),
        ),
        # the same paper handed in twice is one
        sa.Index("uq_inspection_round_request", "home_id", "request_key", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: `,<hex id>,` of whoever owes it or has done it: they see it
    parties: Mapped[str] = mapped_column(default=",")
    plan_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("round_plan.id"))
    line: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    #: `<key>.v<n>`
    checklist: Mapped[str]
    planned_on: Mapped[date]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    responsible_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    needs_sign_off: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    #: when it was begun and finished on site; `handed_in_at` is when we had it
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    done_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    source: Mapped[str | None]
    weather: Mapped[str] = mapped_column(default="")
    #: the later round of the plan that looked at the same places: nothing more is owed, and missed it stays
    made_up_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("inspection_round.id"))
    #: finished on site after it was due
    is_late: Mapped[bool] = mapped_column(default=False)
    #: what the track says: metres owed, metres covered, and whether that is a round; None where no line is walked
    due_m: Mapped[float | None]
    covered_m: Mapped[float | None]
    is_valid: Mapped[bool | None]
    #: figures of the track: `tracks.Judged.told()`
    track: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    findings: Mapped[int] = mapped_column(default=0)
    flags: Mapped[int] = mapped_column(default=0)
    signed_off_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    signed_off_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")
    request_key: Mapped[str | None]
    #: grows with every write
    seq: Mapped[int] = mapped_column(default=0)

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)

    @property
    def is_open(self) -> bool:
        """Whether it is still owed: what was missed can be made up for."""
        return self.state != "done" and self.made_up_by is None


class RoundAsset(Base):
    """One place of a round: when it was visited, where the person stood, how much of a line was covered."""

    __tablename__ = "round_asset"
    __table_args__ = (sa.Index("ix_round_asset_asset", "asset_id"),)

    round_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("inspection_round.id"), primary_key=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), primary_key=True)
    place: Mapped[int]
    visited_at: Mapped[datetime | None]
    #: WGS84, decimal degrees
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    due_m: Mapped[float | None]
    covered_m: Mapped[float | None]
    #: why nobody looked at it; empty where somebody did
    skipped: Mapped[str] = mapped_column(default="")


class RoundAnswer(Base):
    """One answer: what was said, whether it failed, and the hazard it became."""

    __tablename__ = "round_answer"
    __table_args__ = (
        sa.ForeignKeyConstraint(["round_id", "asset_id"], ["round_asset.round_id", "round_asset.asset_id"]),
        sa.Index("ix_round_answer_hazard", "hazard_id"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    #: `yes`, `no`, `na`, a decimal number, a choice's key; empty for a photograph
    value: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    is_failed: Mapped[bool] = mapped_column(default=False)
    #: mended at once
    is_fixed: Mapped[bool] = mapped_column(default=False)
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))


class RoundPhoto(Base):
    """A photograph of a round: what `evidence.items.EvidenceItem` knows of it, so that a hazard can take it along."""

    __tablename__ = "round_photo"
    __table_args__ = (
        sa.ForeignKeyConstraint(["round_id", "asset_id"], ["round_asset.round_id", "round_asset.asset_id"]),
        sa.UniqueConstraint("round_id", "asset_id", "item", "sha256"),
        sa.Index("ix_round_photo_sha256", "home_id", "sha256"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    round_id: Mapped[uuid.UUID]
    asset_id: Mapped[uuid.UUID]
    item: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[str]
    display_sha256: Mapped[str | None]
    phash: Mapped[str | None]
    size: Mapped[int]
    mime: Mapped[str]
    filename: Mapped[str]
    captured_at: Mapped[datetime | None]
    exif_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    #: named by its hashes before its bytes came
    is_declared: Mapped[bool] = mapped_column(default=False)


class RoundTrack(Base):
    """The way that was walked: one row a round, written once."""

    __tablename__ = "round_track"

    round_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("inspection_round.id"), primary_key=True)
    #: [seconds after `started_at`, longitude, latitude, accuracy in metres, 1 where the provider was mocked]
    points: Mapped[list[Any]] = mapped_column(sa.JSON)
    started_at: Mapped[datetime]


class RoundFlag(Base):
    """A doubt for a person to look at (疑点): never a verdict by itself."""

    __tablename__ = "round_flag"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "rule", "subject"),
        sa.Index("ix_round_flag_home_at", "home_id", "raised_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    round_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("inspection_round.id"))
    #: key of `fraud.RULES`
    rule: Mapped[str]
    #: which asset, photo or pair it is about
    subject: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    raised_at: Mapped[datetime]
    #: what a person made of it: `confirmed` or `explained`
    verdict: Mapped[str | None]
    verdict_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    verdict_at: Mapped[datetime | None]
    verdict_note: Mapped[str] = mapped_column(default="")


# What a team plans is its own and its superiors'; an inspector of the team reads it as one of the team.
secured("round_plan", "hf_sees(path, division, ',')")
secured("round_plan_asset", "EXISTS (SELECT 1 FROM round_plan p WHERE p.id = round_plan_asset.plan_id)")
secured("inspection_round", "hf_sees(path, division, parties)")
secured("round_asset", "EXISTS (SELECT 1 FROM inspection_round r WHERE r.id = round_asset.round_id)")
secured("round_answer", "EXISTS (SELECT 1 FROM inspection_round r WHERE r.id = round_answer.round_id)")
secured("round_photo", "EXISTS (SELECT 1 FROM inspection_round r WHERE r.id = round_photo.round_id)")
secured("round_track", "EXISTS (SELECT 1 FROM inspection_round r WHERE r.id = round_track.round_id)")
secured("round_flag", "EXISTS (SELECT 1 FROM inspection_round r WHERE r.id = round_flag.round_id)")
