"""Watching over timers and messages.

Why a message did not go the way it was meant to; messages handed to people, given up, settled; errands and their outcomes; what keepers
did; the workers' signs of life; records of drills.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATES = "state IN ('pending', 'handed', 'sent', 'dropped', 'failed')"
STATES_BEFORE = "state IN ('pending', 'sent', 'dropped', 'failed')"
DEAD = sa.text("state = 'failed' AND settled_at IS NULL")


def upgrade() -> None:
    """Forward."""
    _outbox()
    _message()
    op.create_table(
        "drill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("workflows", sa.JSON(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("rungs", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("unreached", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
        sa.UniqueConstraint("number", name=op.f("uq_drill_number")),
    )
    with op.batch_alter_table("drill", schema=None) as batch_op:
        batch_op.create_index("ix_drill_started", ["started_at", "id"], unique=False)

    op.create_table(
        "pulse",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("worker", "job", name=op.f("pk_pulse")),
    )
    op.create_table(
        "upkeep",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep")),
    )
    with op.batch_alter_table("upkeep", schema=None) as batch_op:
        batch_op.create_index("ix_upkeep_at", ["at", "id"], unique=False)

    op.create_table(
        "drill_rung",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("drill_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("timer", sa.Text(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("unacknowledged", sa.Boolean(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("addressees", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("unreachable", sa.JSON(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.CheckConstraint("result IN ('fired', 'resolved', 'nobody')", name=op.f("ck_drill_rung_result")),
        sa.ForeignKeyConstraint(["drill_id"], ["drill.id"], name=op.f("fk_drill_rung_drill_id_drill")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_drill_rung_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_rung")),
    )
    with op.batch_alter_table("drill_rung", schema=None) as batch_op:
        batch_op.create_index("ix_drill_rung_drill", ["drill_id", "position"], unique=False)

    op.create_table(
        "errand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("doers", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'failed', 'void')", name=op.f("ck_errand_state")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_errand_outbox_id_outbox")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_errand_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_errand_outbox_id")),
    )
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.create_index("ix_errand_ended", ["ended_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_errand_group_id"), ["group_id"], unique=False)
        batch_op.create_index(
            "ix_errand_open",
            ["due_at", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "errand_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("errand_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["errand_id"], ["errand.id"], name=op.f("fk_errand_entry_errand_id_errand")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand_entry")),
    )
    with op.batch_alter_table("errand_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_errand_entry_errand_id"), ["errand_id"], unique=False)


def downgrade() -> None:
    """Back. Messages handed to people are told in the inbox again, as before."""
    with op.batch_alter_table("errand_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_errand_entry_errand_id"))

    op.drop_table("errand_entry")
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_errand_open",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_errand_group_id"))
        batch_op.drop_index("ix_errand_ended")

    op.drop_table("errand")
    with op.batch_alter_table("drill_rung", schema=None) as batch_op:
        batch_op.drop_index("ix_drill_rung_drill")

    op.drop_table("drill_rung")
    with op.batch_alter_table("upkeep", schema=None) as batch_op:
        batch_op.drop_index("ix_upkeep_at")

    op.drop_table("upkeep")
    op.drop_table("pulse")
    with op.batch_alter_table("drill", schema=None) as batch_op:
        batch_op.drop_index("ix_drill_started")

    op.drop_table("drill")
    _message_before()
    _outbox_before()


def _outbox() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("refused_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("instead_of_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    _allow_states(STATES)
    # until now a dropped message kept the code of its reason among the errors
    op.execute("UPDATE outbox SET reason = error, error = NULL WHERE state = 'dropped'")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.create_index(
            "ix_outbox_dead", ["created_at", "id"], unique=False, postgresql_where=DEAD, sqlite_where=DEAD
        )


def _outbox_before() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_index("ix_outbox_dead", postgresql_where=DEAD, sqlite_where=DEAD)
    op.execute("UPDATE outbox SET error = reason WHERE state = 'dropped'")
    op.execute("UPDATE outbox SET state = 'pending', due_at = created_at WHERE state = 'handed'")
    _allow_states(STATES_BEFORE)
    with op.batch_alter_table("outbox") as batch_op:
        for name in ("settled_at", "instead_of_id", "refused_since", "reason"):
            batch_op.drop_column(name)


def _message() -> None:
    # A line that asked the addressee to be called or written to is the same notice as the line beside it.
    op.execute(
        "DELETE FROM message WHERE errand <> '' AND EXISTS (SELECT 1 FROM message o WHERE o.person_id = message.person_id"
        " AND o.subject_id = message.subject_id AND o.seq = message.seq AND o.errand < message.errand)"
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint("uq_message_person_id_subject_id_seq_errand", type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_message_person_id_subject_id_seq"), ["person_id", "subject_id", "seq"]
        )
        batch_op.drop_column("errand")


def _message_before() -> None:
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("errand", sa.Text(), nullable=False, server_default=""))
        batch_op.drop_constraint("uq_message_person_id_subject_id_seq", type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_message_person_id_subject_id_seq_errand"), ["person_id", "subject_id", "seq", "errand"]
        )
    with op.batch_alter_table("message") as batch_op:
        batch_op.alter_column("errand", server_default=None)


def _allow_states(condition: str) -> None:
    """Change the CHECK on the state."""
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_constraint(op.f("ck_outbox_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_outbox_state"), condition)
