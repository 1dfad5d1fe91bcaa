"""Outcomes of tries of alarm rules, shown on the rules page."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured


class AlarmTrial(Base):
    """One try of a changed rule file against the one in use."""

    __tablename__ = "alarm_trial"
    __table_args__ = (sa.Index("ix_alarm_trial_at", "made_at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    #: `Trial.as_json`, the differences cut short
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)


secured("alarm_trial", "hf_everything()")
