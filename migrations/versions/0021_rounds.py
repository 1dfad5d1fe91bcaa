"""Rounds: plans, what is made of them, what was found, tracks, doubts; and a tablet's round as a submission."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "round_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("term_days", sa.Integer(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("needs_sign_off", sa.Boolean(), nullable=False),
        sa.Column("made_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.CheckConstraint("(basis = 'rule') = (rule <> '')", name=op.f("ck_round_plan_rule")),
        sa.CheckConstraint("basis IN ('rule', 'colour')", name=op.f("ck_round_plan_basis")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_round_plan_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_round_plan_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["person.id"], name=op.f("fk_round_plan_responsible_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_plan")),
        sa.UniqueConstraint("home_id", "request_key", name=op.f("uq_round_plan_home_id_request_key")),
    )
    with op.batch_alter_table("round_plan", schema=None) as batch_op:
        batch_op.create_index("ix_round_plan_path", ["path"], unique=False)

    op.create_table(
        "inspection_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("needs_sign_off", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("weather", sa.Text(), nullable=False),
        sa.Column("made_up_by", sa.Uuid(), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("due_m", sa.Double(), nullable=True),
        sa.Column("covered_m", sa.Double(), nullable=True),
        sa.Column("is_valid", sa.Boolean(), nullable=True),
        sa.Column("track", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("signed_off_by", sa.Uuid(), nullable=True),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (handed_in_at IS NOT NULL)", name=op.f("ck_inspection_round_handed_in")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'under_way', 'done', 'missed')", name=op.f("ck_inspection_round_state")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_inspection_round_done_by_person")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_inspection_round_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["made_up_by"],
            ["inspection_round.id"],
            name=op.f("fk_inspection_round_made_up_by_inspection_round"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_inspection_round_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["round_plan.id"], name=op.f("fk_inspection_round_plan_id_round_plan")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["person.id"], name=op.f("fk_inspection_round_responsible_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["signed_off_by"], ["person.id"], name=op.f("fk_inspection_round_signed_off_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_round")),
        sa.UniqueConstraint("plan_id", "planned_on", name=op.f("uq_inspection_round_plan_id_planned_on")),
    )
    with op.batch_alter_table("inspection_round", schema=None) as batch_op:
        batch_op.create_index("ix_inspection_round_home_day", ["home_id", "planned_on"], unique=False)
        batch_op.create_index(
            "ix_inspection_round_open",
            ["due_at", "id"],
            unique=False,
            postgresql_where=sa.text("state IN ('planned', 'under_way')"),
            sqlite_where=sa.text("state IN ('planned', 'under_way')"),
        )
        batch_op.create_index("ix_inspection_round_path_due", ["path", "due_at"], unique=False)
        batch_op.create_index("uq_inspection_round_request", ["home_id", "request_key"], unique=True)

    op.create_table(
        "round_plan_asset",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_round_plan_asset_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["round_plan.id"], name=op.f("fk_round_plan_asset_plan_id_round_plan")
        ),
        sa.PrimaryKeyConstraint("plan_id", "asset_id", name=op.f("pk_round_plan_asset")),
    )
    op.create_table(
        "round_asset",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("due_m", sa.Double(), nullable=True),
        sa.Column("covered_m", sa.Double(), nullable=True),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_round_asset_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["inspection_round.id"], name=op.f("fk_round_asset_round_id_inspection_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "asset_id", name=op.f("pk_round_asset")),
    )
    with op.batch_alter_table("round_asset", schema=None) as batch_op:
        batch_op.create_index("ix_round_asset_asset", ["asset_id"], unique=False)

    op.create_table(
        "round_flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_by", sa.Uuid(), nullable=True),
        sa.Column("verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict_note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["inspection_round.id"], name=op.f("fk_round_flag_round_id_inspection_round")
        ),
        sa.ForeignKeyConstraint(["verdict_by"], ["person.id"], name=op.f("fk_round_flag_verdict_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_flag")),
        sa.UniqueConstraint("round_id", "rule", "subject", name=op.f("uq_round_flag_round_id_rule_subject")),
    )
    with op.batch_alter_table("round_flag", schema=None) as batch_op:
        batch_op.create_index("ix_round_flag_home_at", ["home_id", "raised_at"], unique=False)

    op.create_table(
        "round_track",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["inspection_round.id"], name=op.f("fk_round_track_round_id_inspection_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_track")),
    )
    op.create_table(
        "round_answer",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_failed", sa.Boolean(), nullable=False),
        sa.Column("is_fixed", sa.Boolean(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_round_answer_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["round_id", "asset_id"],
            ["round_asset.round_id", "round_asset.asset_id"],
            name=op.f("fk_round_answer_round_id_round_asset"),
        ),
        sa.PrimaryKeyConstraint("round_id", "asset_id", "item", name=op.f("pk_round_answer")),
    )
    with op.batch_alter_table("round_answer", schema=None) as batch_op:
        batch_op.create_index("ix_round_answer_hazard", ["hazard_id"], unique=False)

    op.create_table(
        "round_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("display_sha256", sa.Text(), nullable=True),
        sa.Column("phash", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exif_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id", "asset_id"],
            ["round_asset.round_id", "round_asset.asset_id"],
            name=op.f("fk_round_photo_round_id_round_asset"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_photo")),
        sa.UniqueConstraint(
            "round_id",
            "asset_id",
            "item",
            "sha256",
            name=op.f("uq_round_photo_round_id_asset_id_item_sha256"),
        ),
    )
    with op.batch_alter_table("round_photo", schema=None) as batch_op:
        batch_op.create_index("ix_round_photo_sha256", ["home_id", "sha256"], unique=False)

    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("round_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_submission_round", ["round_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_submission_round_id_inspection_round"), "inspection_round", ["round_id"], ["id"]
        )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_submission_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_submission_kind"), "kind IN ('report', 'act', 'round')")


def downgrade() -> None:
    """Back. What a tablet handed in for a round goes with the rounds."""
    op.execute(
        "DELETE FROM submission_attachment WHERE submission_id IN (SELECT id FROM submission WHERE kind = 'round')"
    )
    op.execute("DELETE FROM submission WHERE kind = 'round'")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_submission_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_submission_kind"), "kind IN ('report', 'act')")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_submission_round_id_inspection_round"), type_="foreignkey")
        batch_op.drop_index("ix_submission_round")
        batch_op.drop_column("round_id")

    with op.batch_alter_table("round_photo", schema=None) as batch_op:
        batch_op.drop_index("ix_round_photo_sha256")

    op.drop_table("round_photo")
    with op.batch_alter_table("round_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_round_answer_hazard")

    op.drop_table("round_answer")
    op.drop_table("round_track")
    with op.batch_alter_table("round_flag", schema=None) as batch_op:
        batch_op.drop_index("ix_round_flag_home_at")

    op.drop_table("round_flag")
    with op.batch_alter_table("round_asset", schema=None) as batch_op:
        batch_op.drop_index("ix_round_asset_asset")

    op.drop_table("round_asset")
    op.drop_table("round_plan_asset")
    with op.batch_alter_table("inspection_round", schema=None) as batch_op:
        batch_op.drop_index("uq_inspection_round_request")
        batch_op.drop_index("ix_inspection_round_path_due")
        batch_op.drop_index(
            "ix_inspection_round_open",
            postgresql_where=sa.text("state IN ('planned', 'under_way')"),
            sqlite_where=sa.text("state IN ('planned', 'under_way')"),
        )
        batch_op.drop_index("ix_inspection_round_home_day")

    op.drop_table("inspection_round")
    with op.batch_alter_table("round_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_round_plan_path")

    op.drop_table("round_plan")
