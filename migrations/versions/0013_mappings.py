"""Sessions of Sparkplug B edge nodes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "sparkplug_node",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("edge", sa.Text(), nullable=False),
        sa.Column("is_alive", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("session", sa.JSON(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_sparkplug_node_source_id_source")
        ),
        sa.PrimaryKeyConstraint("source_id", "edge", name=op.f("pk_sparkplug_node")),
    )


def downgrade() -> None:
    """Back. Edge nodes are unknown until their next birth."""
    op.drop_table("sparkplug_node")
