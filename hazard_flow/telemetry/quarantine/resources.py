"""What the API says of the quarantine."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Reason(BaseModel):
    """One thing that could not be used."""

    code: str
    detail: str


class Quarantined(BaseModel):
    """A message set aside: kept whole, its bytes in base64."""

    id: uuid.UUID
    source_id: uuid.UUID
    kind: str
    received_at: datetime
    reasons: list[Reason]
    headers: dict[str, str]
    body_base64: str


class Replaying(BaseModel):
    """Which messages to look at again: of one source, of one first reason; neither means all the caller looks after."""

    model_config = ConfigDict(extra="forbid")

    source_id: uuid.UUID | None = None
    reason: str = Field(default="", max_length=80)


class Replayed(BaseModel):
    """How many messages will be looked at again."""

    messages: int
