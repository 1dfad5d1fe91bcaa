"""Open proceedings, links between hazards, protected reporters, penalties."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LINKS = ("reopen_of_id", "split_from_id", "merged_into_id")


def upgrade() -> None:
    """Forward."""
    # Column by column, not by rebuilding the table: others refer to its rows.
    op.add_column("hazard", sa.Column("protected_reporter_id", sa.Uuid(), nullable=True))
    op.add_column("hazard", sa.Column("split_from_id", sa.Uuid(), nullable=True))
    op.add_column("hazard", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("hazard", sa.Column("proceedings", sa.JSON(), nullable=True))
    for name in _LINKS:
        op.create_index(f"ix_hazard_{name}", "hazard", [name], unique=False)
    op.create_table(
        "penalty",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_penalty_hazard_id_hazard")),
        sa.PrimaryKeyConstraint("home_id", "hazard_id", "event_seq", name=op.f("pk_penalty")),
    )
    with op.batch_alter_table("penalty", schema=None) as batch_op:
        batch_op.create_index("ix_penalty_home", ["home_id", "decided_at"], unique=False)


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("penalty", schema=None) as batch_op:
        batch_op.drop_index("ix_penalty_home")
    op.drop_table("penalty")
    for name in reversed(_LINKS):
        op.drop_index(f"ix_hazard_{name}", "hazard")
    for name in ("proceedings", "merged_into_id", "split_from_id", "protected_reporter_id"):
        op.drop_column("hazard", name)
