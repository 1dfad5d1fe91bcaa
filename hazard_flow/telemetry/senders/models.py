"""What is kept of senders that cannot be understood message by message: the sessions of Sparkplug B edge nodes."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured


class SparkplugNode(Base):
    """An edge node since its last birth: without it data that carry aliases instead of names mean nothing."""

    __tablename__ = "sparkplug_node"

    source_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("source.id"), primary_key=True)
    #: `<group>/<node>`
    edge: Mapped[str] = mapped_column(primary_key=True)
    #: False from its death to its next birth: nothing of it is known to be normal
    is_alive: Mapped[bool]
    #: messages missed so far, as their numbers tell
    missed: Mapped[int]
    #: numbers, aliases and metrics as `sources.sparkplug.Session` has them
    session: Mapped[dict[str, Any]] = mapped_column(default=dict)
    heard_at: Mapped[datetime]


secured("sparkplug_node", "hf_everything()")
