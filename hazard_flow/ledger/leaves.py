"""What the ledger is told of the events it seals, and by whom. It knows their hashes, not what they say."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session


class Leaf(NamedTuple):
    """An event's hash, the chain it stands in (a hazard's number) and its number there, and when it happened."""

    hash: bytes
    chain: str
    seq: int
    at: datetime


class LeafSource(Protocol):
    """Whoever keeps the events."""

    def unsealed(self, session: Session, *, since: datetime | None, limit: int) -> Sequence[Leaf]:
        """The first events without a leaf, in a stable order; all of them, or those that happened at or after `since`."""

    def waiting(self, session: Session, *, limit: int) -> Sequence[Leaf]:
        """Events without a leaf since shortly before the newest sealed one: what a look at the watch can afford to count."""

    def is_awaited(self, session: Session, covered: int) -> bool:
        """Whether somebody waits for a checkpoint over leaf `covered` or a later one: a hazard was closed."""
