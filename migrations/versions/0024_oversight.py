"""Accidents with their report clocks; supervision tasks, unannounced checks, re-checks of the enterprises' own records."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "supervision_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("step_seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "owner_kind IN ('task', 'check', 'spot')", name=op.f("ck_supervision_file_owner_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_file")),
    )
    with op.batch_alter_table("supervision_file", schema=None) as batch_op:
        batch_op.create_index("ix_supervision_file_owner", ["owner_id", "step_seq"], unique=False)

    op.create_table(
        "accident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead", sa.Integer(), nullable=False),
        sa.Column("seriously_injured", sa.Integer(), nullable=False),
        sa.Column("slightly_injured", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("loss_yuan", sa.BigInteger(), nullable=False),
        sa.Column("gas_escaped_m3", sa.Double(), nullable=True),
        sa.Column("users_affected", sa.Integer(), nullable=True),
        sa.Column("accident_class", sa.Text(), nullable=True),
        sa.Column("cause_direct", sa.Text(), nullable=False),
        sa.Column("cause_indirect", sa.Text(), nullable=False),
        sa.Column("cause_management", sa.Text(), nullable=False),
        sa.Column("responsibility", sa.Text(), nullable=False),
        sa.Column("concealment", sa.Text(), nullable=True),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("figures", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'accident') = (accident_class IS NOT NULL)", name=op.f("ck_accident_classed")
        ),
        sa.CheckConstraint(
            "accident_class IS NULL OR accident_class IN ('particularly_major', 'major', 'larger', 'ordinary')",
            name=op.f("ck_accident_class"),
        ),
        sa.CheckConstraint(
            "category IN ('leak', 'fire', 'explosion', 'poisoning', 'third_party_damage', 'overpressure', 'outage', 'injury', 'other')",
            name=op.f("ck_accident_category"),
        ),
        sa.CheckConstraint(
            "concealment IS NULL OR concealment IN ('late', 'omitted', 'false', 'concealed')",
            name=op.f("ck_accident_concealment"),
        ),
        sa.CheckConstraint("kind IN ('accident', 'near_miss')", name=op.f("ck_accident_kind")),
        sa.CheckConstraint(
            "responsibility IN ('unsettled', 'responsible', 'not_responsible')",
            name=op.f("ck_accident_responsibility"),
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_accident_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_accident_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_accident_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accident")),
        sa.UniqueConstraint("number", name=op.f("uq_accident_number")),
    )
    with op.batch_alter_table("accident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accident_asset_id"), ["asset_id"], unique=False)
        batch_op.create_index("ix_accident_occurred", ["occurred_at", "id"], unique=False)
        batch_op.create_index("ix_accident_path", ["path"], unique=False)

    op.create_table(
        "supervision_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("origin_kind", sa.Text(), nullable=False),
        sa.Column("origin_href", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('issued', 'received', 'fed_back', 'returned', 'closed', 'cancelled')",
            name=op.f("ck_supervision_task_state"),
        ),
        sa.CheckConstraint("(rule IS NULL) = (starts_on IS NULL)", name=op.f("ck_supervision_task_cycle")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_supervision_task_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_supervision_task_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name=op.f("fk_supervision_task_issuer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_supervision_task_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_task")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_task_number")),
    )
    with op.batch_alter_table("supervision_task", schema=None) as batch_op:
        batch_op.create_index("ix_supervision_task_issued", ["issued_at", "id"], unique=False)
        batch_op.create_index("ix_supervision_task_path", ["path"], unique=False)

    op.create_table(
        "unannounced_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("representative_digest", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("witness_digests", sa.JSON(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'finished') = (finished_at IS NOT NULL)", name=op.f("ck_unannounced_check_finished")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'under_way', 'finished', 'cancelled')",
            name=op.f("ck_unannounced_check_state"),
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_unannounced_check_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_unannounced_check_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name=op.f("fk_unannounced_check_issuer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_unannounced_check_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unannounced_check")),
        sa.UniqueConstraint("number", name=op.f("uq_unannounced_check_number")),
    )
    with op.batch_alter_table("unannounced_check", schema=None) as batch_op:
        batch_op.create_index("ix_unannounced_check_path", ["path"], unique=False)
        batch_op.create_index("ix_unannounced_check_planned", ["planned_at", "id"], unique=False)

    op.create_table(
        "accident_casualty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("accident_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("name_digest", sa.Text(), nullable=False),
        sa.Column("note_digest", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('dead', 'seriously_injured', 'slightly_injured', 'missing')",
            name=op.f("ck_accident_casualty_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["accident_id"], ["accident.id"], name=op.f("fk_accident_casualty_accident_id_accident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accident_casualty")),
    )
    with op.batch_alter_table("accident_casualty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accident_casualty_accident_id"), ["accident_id"], unique=False)

    op.create_table(
        "accident_lesson",
        sa.Column("accident_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("href", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'declined')", name=op.f("ck_accident_lesson_state")
        ),
        sa.ForeignKeyConstraint(
            ["accident_id"], ["accident.id"], name=op.f("fk_accident_lesson_accident_id_accident")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_accident_lesson_asset_id_asset")),
        sa.PrimaryKeyConstraint("accident_id", "asset_id", name=op.f("pk_accident_lesson")),
    )
    op.create_table(
        "accident_link",
        sa.Column("accident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("is_origin", sa.Boolean(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('hazard', 'alert', 'asset')", name=op.f("ck_accident_link_kind")),
        sa.ForeignKeyConstraint(
            ["accident_id"], ["accident.id"], name=op.f("fk_accident_link_accident_id_accident")
        ),
        sa.PrimaryKeyConstraint("accident_id", "kind", "target_id", name=op.f("pk_accident_link")),
    )
    with op.batch_alter_table("accident_link", schema=None) as batch_op:
        batch_op.create_index("ix_accident_link_target", ["target_id"], unique=False)

    op.create_table(
        "accident_step",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["accident.id"], name=op.f("fk_accident_step_subject_id_accident")
        ),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=op.f("pk_accident_step")),
        sa.UniqueConstraint("actor", "request_key", name=op.f("uq_accident_step_actor_request_key")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("record_says_zh", sa.Text(), nullable=False),
        sa.Column("record_says_en", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_href", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("check_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("outcome IN ('agrees', 'contradicts')", name=op.f("ck_spot_check_outcome")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_spot_check_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["check_id"], ["unannounced_check.id"], name=op.f("fk_spot_check_check_id_unannounced_check")
        ),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_spot_check_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_spot_check_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name=op.f("fk_spot_check_issuer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_spot_check_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["supervision_task.id"], name=op.f("fk_spot_check_task_id_supervision_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("actor", "request_key", name=op.f("uq_spot_check_actor_request_key")),
        sa.UniqueConstraint("number", name=op.f("uq_spot_check_number")),
    )
    with op.batch_alter_table("spot_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_asset_id"), ["asset_id"], unique=False)
        batch_op.create_index("ix_spot_check_checked", ["checked_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_spot_check_hazard_id"), ["hazard_id"], unique=False)
        batch_op.create_index("ix_spot_check_home", ["home_id", "checked_at"], unique=False)
        batch_op.create_index("ix_spot_check_record", ["record_kind", "record_id"], unique=False)

    op.create_table(
        "supervision_step",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["supervision_task.id"],
            name=op.f("fk_supervision_step_subject_id_supervision_task"),
        ),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=op.f("pk_supervision_step")),
        sa.UniqueConstraint("actor", "request_key", name=op.f("uq_supervision_step_actor_request_key")),
    )
    op.create_table(
        "unannounced_check_step",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["unannounced_check.id"],
            name=op.f("fk_unannounced_check_step_subject_id_unannounced_check"),
        ),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=op.f("pk_unannounced_check_step")),
        sa.UniqueConstraint("actor", "request_key", name=op.f("uq_unannounced_check_step_actor_request_key")),
    )


def downgrade() -> None:
    """Back: accidents, tasks, checks and re-checks are gone; hazards they opened stay."""
    op.drop_table("unannounced_check_step")
    op.drop_table("supervision_step")
    with op.batch_alter_table("spot_check", schema=None) as batch_op:
        batch_op.drop_index("ix_spot_check_record")
        batch_op.drop_index("ix_spot_check_home")
        batch_op.drop_index(batch_op.f("ix_spot_check_hazard_id"))
        batch_op.drop_index("ix_spot_check_checked")
        batch_op.drop_index(batch_op.f("ix_spot_check_asset_id"))

    op.drop_table("spot_check")
    op.drop_table("accident_step")
    with op.batch_alter_table("accident_link", schema=None) as batch_op:
        batch_op.drop_index("ix_accident_link_target")

    op.drop_table("accident_link")
    op.drop_table("accident_lesson")
    with op.batch_alter_table("accident_casualty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accident_casualty_accident_id"))

    op.drop_table("accident_casualty")
    with op.batch_alter_table("unannounced_check", schema=None) as batch_op:
        batch_op.drop_index("ix_unannounced_check_planned")
        batch_op.drop_index("ix_unannounced_check_path")

    op.drop_table("unannounced_check")
    with op.batch_alter_table("supervision_task", schema=None) as batch_op:
        batch_op.drop_index("ix_supervision_task_path")
        batch_op.drop_index("ix_supervision_task_issued")

    op.drop_table("supervision_task")
    with op.batch_alter_table("accident", schema=None) as batch_op:
        batch_op.drop_index("ix_accident_path")
        batch_op.drop_index("ix_accident_occurred")
        batch_op.drop_index(batch_op.f("ix_accident_asset_id"))

    op.drop_table("accident")
    with op.batch_alter_table("supervision_file", schema=None) as batch_op:
        batch_op.drop_index("ix_supervision_file_owner")

    op.drop_table("supervision_file")
