"""Tables of the ledger: leaves in their order, complete subtrees, checkpoints, and where these were published. Only ever added to."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.ledger.outcomes import OUTCOMES
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, checked_insert, secured

#: counts leaves; on SQLite it is the row's own number, which needs no further index
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class LedgerLeaf(Base):
    """An event's hash and its place in the tree. Chain and number are told again so that a missing event can be named."""

    __tablename__ = "ledger_leaf"

    leaf_index: Mapped[int] = mapped_column(COUNT, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(unique=True)
    #: the hazard's number
    chain: Mapped[str]
    #: the event's number in its chain
    seq: Mapped[int]


class LedgerNode(Base):
    """The hash over 2^level leaves, from leaf place × 2^level on."""

    __tablename__ = "ledger_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(COUNT, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class LedgerCheckpoint(Base):
    """What the whole tree came to at an instant. Without a key it stands unsigned, and a signed one of the same size may follow."""

    __tablename__ = "ledger_checkpoint"
    __table_args__ = (sa.Index("ix_ledger_checkpoint_size", "size", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    size: Mapped[int] = mapped_column(COUNT)
    root: Mapped[bytes]
    at: Mapped[datetime]
    key_id: Mapped[str | None]
    alg: Mapped[str | None]
    signature: Mapped[bytes | None]


class LedgerPublication(Base):
    """One step of sending a checkpoint out of the house: begun, and how it ended.

    The first row of an attempt is its claim: whoever comes second to it is refused by the key.
    """

    __tablename__ = "ledger_publication"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        sa.UniqueConstraint(
            "outlet", "checkpoint_id", "attempt", "outcome", name="uq_ledger_publication_attempt"
        ),
        sa.Index("ix_ledger_publication_outlet", "outlet", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: address it goes to, without secrets: `file:…`, `mailto:…`, `https://…`
    outlet: Mapped[str]
    checkpoint_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledger_checkpoint.id"), index=True)
    #: counts from 1 for this checkpoint at this outlet
    attempt: Mapped[int]
    outcome: Mapped[str]
    at: Mapped[datetime]
    #: why it failed
    detail: Mapped[str] = mapped_column(default="")
    #: what was given back: the RFC 3161 token of a time-stamping service
    token: Mapped[bytes | None]


append_only("ledger_leaf")
append_only("ledger_node")
append_only("ledger_checkpoint")
append_only("ledger_publication")
# Leaves name hazards, publications name addresses: the system reads them, and shows a person what that person may know. Nodes and
# checkpoints are hashes over everything; they are made to be shown to anybody.
secured("ledger_leaf", "hf_everything()")
secured("ledger_publication", "hf_everything()")
checked_insert(
    "ledger_leaf",
    "follow",
    says="a leaf has its place right behind the last one",
    sqlite="NEW.leaf_index IS NOT coalesce((SELECT max(leaf_index) + 1 FROM ledger_leaf), 0) OR length(NEW.hash) IS NOT 32",
    postgresql=(
        "SELECT 1 FROM fresh f WHERE octet_length(f.hash) <> 32 OR (f.leaf_index > 0"
        " AND NOT EXISTS (SELECT 1 FROM ledger_leaf p WHERE p.leaf_index = f.leaf_index - 1))"
    ),
)
