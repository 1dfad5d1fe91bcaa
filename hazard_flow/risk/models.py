"""Tables of risk: points, their chain down to check items, ratings, what presses on a point, its colours, and what people owe it.

A point carries organisation, path and division; whatever hangs on it is seen by whoever sees the point.
"""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.risk.colours import COLOURS
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

POINT_KINDS = ("facility", "activity")
#: why a rating is looked at again: 4.3(3), and what a person says
TRIGGERS = ("major", "repeated", "recurrence", "accident", "change", "periodic")
PROPOSAL_STATES = ("open", "accepted", "refused")


class RiskPoint(Base):
    """A place, facility, part or activity that can harm (风险点). `code` is the enterprise's own key; `version` counts its changes."""

    __tablename__ = "risk_point"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "code"),
        sa.CheckConstraint("kind IN ('facility', 'activity')", name="kind"),
        sa.CheckConstraint(f"inherent IN {COLOURS}", name="inherent"),
        sa.CheckConstraint(f"residual IN {COLOURS}", name="residual"),
        sa.CheckConstraint(f"dynamic IN {COLOURS}", name="dynamic"),
        sa.Index("ix_risk_point_path", "path"),
        sa.Index("ix_risk_point_division", "division"),
        sa.Index("ix_risk_point_asset", "asset_id"),
        sa.Index("ix_risk_point_created", "created_at", "id"),
        sa.Index("ix_risk_point_review", "next_review_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    category: Mapped[str]
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"))
    place: Mapped[str]
    #: decimal degrees, WGS-84, for a point that lies elsewhere than its asset or has none
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    #: who answers for it at each control level (公司、部门、班组、岗位), as the board names them
    responsible_company: Mapped[str]
    responsible_department: Mapped[str]
    responsible_team: Mapped[str]
    responsible_post: Mapped[str]
    phone: Mapped[str]
    #: what to do first when it happens, as the board says
    emergency: Mapped[str]
    #: people within reach of it (涉险人数)
    exposed_people: Mapped[int | None]
    #: a notice board stands there
    has_board: Mapped[bool]
    inherent: Mapped[str]
    residual: Mapped[str]
    dynamic: Mapped[str]
    rated_at: Mapped[datetime]
    next_review_on: Mapped[date]
    #: how many colours it has had; the number of the newest
    colours: Mapped[int]
    #: what pressed on it before it was entered, or at the asset it moved to, has been gathered
    is_followed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en or self.name_zh)


class RiskPointVersion(Base):
    """The whole entry as it stood after one change. Never changed."""

    __tablename__ = "risk_point_version"

    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]
    #: what was done, by the name of the operation
    what: Mapped[str]
    data: Mapped[dict[str, Any]]


class _Linked:
    """One link of the chain below a point: text in both languages, taken out of use rather than deleted."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"), index=True)
    text_zh: Mapped[str]
    text_en: Mapped[str]
    #: place in the list of the point
    place: Mapped[int]
    ended_at: Mapped[datetime | None]

    @property
    def label(self) -> Label:
        """The text in both languages."""
        return Label(zh=self.text_zh, en=self.text_en or self.text_zh)


class RiskUnit(_Linked, Base):
    """What is analysed within a point (风险单元)."""

    __tablename__ = "risk_unit"


class RiskEvent(_Linked, Base):
    """What can go wrong (风险事件), and the kinds of accident it leads to."""

    __tablename__ = "risk_event"

    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_unit.id"))
    accidents: Mapped[list[str]]


class ControlMeasure(_Linked, Base):
    """What keeps it from happening, or small (管控措施). `code` is unique in the enterprise: `<point>/M<n>`, and never used again."""

    __tablename__ = "control_measure"
    __table_args__ = (sa.UniqueConstraint("home_id", "code"),)

    home_id: Mapped[uuid.UUID]
    event_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_event.id"))
    code: Mapped[str]
    kind: Mapped[str]
    is_effective: Mapped[bool]
    #: how often it is tested, in the words of the enterprise
    test_cycle: Mapped[str]


class CheckItem(_Linked, Base):
    """What is looked at to know that a measure holds (排查项). Without a rule of its own it is checked as often as the colour asks."""

    __tablename__ = "risk_check_item"

    measure_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("control_measure.id"))
    #: company, department, team or post
    control_level: Mapped[str]
    method: Mapped[str]
    #: RFC 5545; empty: by the point's dynamic colour
    check_rule: Mapped[str]


class RiskRating(Base):
    """One rating of a point, without its measures (inherent) or with them (residual). Never changed."""

    __tablename__ = "risk_rating"
    __table_args__ = (
        sa.CheckConstraint("side IN ('inherent', 'residual')", name="side"),
        sa.CheckConstraint(f"colour IN {COLOURS}", name="colour"),
        sa.Index("ix_risk_rating_point", "point_id", "rated_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"))
    side: Mapped[str]
    method: Mapped[str]
    scores: Mapped[dict[str, Any]]
    grounds: Mapped[list[str]]
    #: D or R as exact text; empty for a direct rating
    product: Mapped[str]
    colour: Mapped[str]
    basis: Mapped[str]
    grading_version: Mapped[int]
    rated_at: Mapped[datetime]
    rated_by: Mapped[uuid.UUID | None]


class RiskFactor(Base):
    """One thing that presses on a point now: an open hazard, or alarms that fire at its place."""

    __tablename__ = "risk_factor"
    __table_args__ = (sa.Index("ix_risk_factor_subject", "kind", "subject_id"),)

    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: the hazard, or the asset whose alarms fire
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: the hazard's number, or the asset's code
    name: Mapped[str]
    level: Mapped[str]
    urgency: Mapped[str]
    is_overdue: Mapped[bool]
    alarm_level: Mapped[int]
    since_at: Mapped[datetime]


class RiskColour(Base):
    """A colour a point came to have, and what brought it there. Never changed."""

    __tablename__ = "risk_colour"
    __table_args__ = (
        sa.CheckConstraint(f"colour IN {COLOURS}", name="colour"),
        sa.Index("ix_risk_colour_at", "at", "point_id"),
    )

    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"), primary_key=True)
    #: counts the colours of the point
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    colour: Mapped[str]
    #: one of `entered rated hazard alarm gathered rebuilt`
    cause: Mapped[str]
    #: the hazard's number, the asset's code
    name: Mapped[str]
    #: type and number of the hazard's event, or the alarm level; who acted
    detail: Mapped[dict[str, Any]]


class RiskReview(Base):
    """Somebody must rate a point again (风险再评估), and by when."""

    __tablename__ = "risk_review"
    __table_args__ = (
        sa.UniqueConstraint("point_id", "trigger", "cause"),
        sa.CheckConstraint(f"trigger IN {TRIGGERS}", name="trigger"),
        sa.Index("ix_risk_review_open", "done_at", "due_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"))
    trigger: Mapped[str]
    #: the hazard's or accident's number, the measure's code, the day it fell due, what a person wrote
    cause: Mapped[str]
    opened_at: Mapped[datetime]
    #: the last day, in the organisation's zone
    due_on: Mapped[date]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[uuid.UUID | None]
    outcome: Mapped[str]


class MeasureProposal(Base):
    """A hazard was closed because a measure was missing: a new one is proposed, with a look at similar places (举一反三). People decide."""

    __tablename__ = "risk_proposal"
    __table_args__ = (
        sa.UniqueConstraint("point_id", "hazard_id"),
        sa.CheckConstraint(f"state IN {PROPOSAL_STATES}", name="state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"))
    hazard_id: Mapped[uuid.UUID]
    hazard_number: Mapped[str]
    hazard_title: Mapped[str]
    root_cause: Mapped[str]
    prevention: Mapped[str]
    state: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    reason: Mapped[str]
    #: what was made of it
    measure_id: Mapped[uuid.UUID | None]


class SimilarCheck(Base):
    """One look at one similar place, because a measure was missing elsewhere."""

    __tablename__ = "risk_similar_check"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "asset_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    proposal_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_proposal.id"))
    point_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("risk_point.id"))
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"))
    item: Mapped[str]
    due_on: Mapped[date]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[uuid.UUID | None]
    is_good: Mapped[bool | None]
    note: Mapped[str]


append_only("risk_point_version")
append_only("risk_rating")
append_only("risk_colour")
secured("risk_point", "hf_names(path, division)")
_OF_SEEN_POINT = "hf_everything() OR EXISTS (SELECT 1 FROM risk_point p WHERE p.id = point_id)"
for _table in (
    "risk_point_version", "risk_unit", "risk_event", "control_measure", "risk_check_item", "risk_rating", "risk_factor",
    "risk_colour", "risk_review", "risk_proposal", "risk_similar_check",
):  # fmt: skip
    secured(_table, _OF_SEEN_POINT)
