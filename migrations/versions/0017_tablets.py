"""The tablets of the field app, and sign-ins that last as long as theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), server_default="desk", nullable=False))
        batch_op.add_column(sa.Column("tablet_id", sa.Uuid(), nullable=True))

    op.create_table(
        "tablet",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default="in_use", nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unsent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unsent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_skew_s", sa.Integer(), nullable=True),
        sa.Column("version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("browser", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state IN ('in_use', 'lost')", name=op.f("ck_tablet_state")),
        sa.CheckConstraint("unsent >= 0", name=op.f("ck_tablet_unsent")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_tablet_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_tablet_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tablet_person_id_person")),
        sa.PrimaryKeyConstraint("home_id", "id", name=op.f("pk_tablet")),
    )
    with op.batch_alter_table("tablet", schema=None) as batch_op:
        batch_op.create_index("ix_tablet_path", ["path"], unique=False)


def downgrade() -> None:
    """Back: what tablets said of themselves goes; sign-ins of tablets last as long as those at a desk."""
    op.drop_table("tablet")
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.drop_column("tablet_id")
        batch_op.drop_column("kind")
