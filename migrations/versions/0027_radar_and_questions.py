"""Saved questions and who is sent their answers; indexes for closings of a span, catalogue codes and doubts found lately."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_CLOSED, _RUNNING = sa.text("closed_at IS NOT NULL"), sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "saved_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_question_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_question")),
        sa.UniqueConstraint("owner_id", "request_key", name=op.f("uq_saved_question_owner_id_request_key")),
    )
    op.create_index("ix_saved_question_path", "saved_question", ["path", "changed_at"])
    op.create_table(
        "question_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["saved_question.id"], name=op.f("fk_question_mail_question_id_saved_question")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_question_mail_person_id_person")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_question_mail_added_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_mail")),
        sa.UniqueConstraint("question_id", "person_id", name=op.f("uq_question_mail_question_id_person_id")),
    )
    op.create_index(
        "ix_question_mail_due", "question_mail", ["due_at"], postgresql_where=_RUNNING, sqlite_where=_RUNNING
    )
    op.create_index("ix_question_mail_person", "question_mail", ["person_id"])
    op.create_index("ix_hazard_code", "hazard", ["catalogue_code", "reported_at", "id"])
    op.create_index(
        "ix_hazard_closed", "hazard", ["closed_at", "home_id"], postgresql_where=_CLOSED, sqlite_where=_CLOSED
    )
    op.create_index("ix_originality_flag_found", "originality_flag", ["found_at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_originality_flag_found", "originality_flag")
    op.drop_index("ix_hazard_closed", "hazard")
    op.drop_index("ix_hazard_code", "hazard")
    op.drop_table("question_mail")
    op.drop_table("saved_question")
