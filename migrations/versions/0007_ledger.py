"""The ledger: leaves, complete subtrees, checkpoints, and where these were published."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward. Events from before are sealed by the worker in its first runs."""
    op.create_table(
        "ledger_leaf",
        sa.Column("leaf_index", COUNT, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_ledger_leaf")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_leaf_hash")),
    )
    op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", COUNT, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_ledger_node")),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("alg", sa.Text(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checkpoint")),
    )
    with op.batch_alter_table("ledger_checkpoint", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_checkpoint_size", ["size", "id"], unique=False)
    op.create_table(
        "ledger_publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("checkpoint_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('begun', 'published', 'failed')", name=op.f("ck_ledger_publication_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"],
            ["ledger_checkpoint.id"],
            name=op.f("fk_ledger_publication_checkpoint_id_ledger_checkpoint"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_publication")),
        sa.UniqueConstraint(
            "outlet", "checkpoint_id", "attempt", "outcome", name=op.f("uq_ledger_publication_attempt")
        ),
    )
    with op.batch_alter_table("ledger_publication", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_publication_outlet", ["outlet", "id"], unique=False)
        batch_op.create_index(op.f("ix_ledger_publication_checkpoint_id"), ["checkpoint_id"], unique=False)


def downgrade() -> None:
    """Back. The events stay; sealed anew they stand in another order, and published checkpoints no longer fit."""
    op.drop_table("ledger_publication")
    op.drop_table("ledger_checkpoint")
    op.drop_table("ledger_node")
    op.drop_table("ledger_leaf")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER IF EXISTS hazard_event_follow ON hazard_event")
    else:
        op.execute("DROP TRIGGER IF EXISTS hazard_event_follow")
