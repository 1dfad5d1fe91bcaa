"""Daily work: records with their steps and files, plans and what they ask for, posts with their duties and signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["organisation.id"], name=op.f("fk_post_home_id_organisation")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_post_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index("ix_post_path", ["path"], unique=False)

    op.create_table(
        "work_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("term_days", sa.Integer(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_work_plan_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_work_plan_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_plan")),
    )
    with op.batch_alter_table("work_plan", schema=None) as batch_op:
        batch_op.create_index("ix_work_plan_home", ["home_id", "line"], unique=False)
        batch_op.create_index(
            "uq_work_plan_proposal",
            ["organisation_id", "proposal"],
            unique=True,
            postgresql_where=sa.text("ended_on IS NULL AND proposal <> ''"),
            sqlite_where=sa.text("ended_on IS NULL AND proposal <> ''"),
        )

    op.create_table(
        "post_duties",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("duties", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_duties_post_id_post")),
        sa.PrimaryKeyConstraint("post_id", "version", name=op.f("pk_post_duties")),
    )
    op.create_table(
        "post_holder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("signed_version", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_post_holder_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_holder_person_id_person")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_holder_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holder")),
    )
    with op.batch_alter_table("post_holder", schema=None) as batch_op:
        batch_op.create_index("ix_post_holder_path", ["path"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_holder_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_post_holder_now",
            ["post_id", "person_id"],
            unique=True,
            postgresql_where=sa.text("until_on IS NULL"),
            sqlite_where=sa.text("until_on IS NULL"),
        )

    op.create_table(
        "work_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('done', 'done_late', 'dropped')",
            name=op.f("ck_work_item_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_work_item_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_work_item_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["work_plan.id"], name=op.f("fk_work_item_plan_id_work_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("plan_id", "begins_on", name=op.f("uq_work_item_plan_id_begins_on")),
    )
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.create_index("ix_work_item_kind", ["kind", "home_id", "due_on"], unique=False)
        batch_op.create_index("ix_work_item_path", ["path"], unique=False)

    op.create_table(
        "post_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["post_holder.id"], name=op.f("fk_post_signature_holder_id_post_holder")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_signature")),
    )
    with op.batch_alter_table("post_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_signature_holder_id"), ["holder_id"], unique=False)

    op.create_table(
        "work_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("own_key", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'withdrawn')", name=op.f("ck_work_record_state")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_work_record_asset_id_asset")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_work_record_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_work_record_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_work_record_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["work_record.id"], name=op.f("fk_work_record_parent_id_work_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_record")),
    )
    with op.batch_alter_table("work_record", schema=None) as batch_op:
        batch_op.create_index("ix_work_record_kind", ["kind", "home_id", "happened_on"], unique=False)
        batch_op.create_index("ix_work_record_parent", ["parent_id", "happened_on"], unique=False)
        batch_op.create_index("ix_work_record_path", ["path"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_record_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_record_valid_until"), ["valid_until"], unique=False)
        batch_op.create_index(
            "uq_work_record_own_key",
            ["home_id", "kind", "own_key"],
            unique=True,
            postgresql_where=sa.text("own_key IS NOT NULL"),
            sqlite_where=sa.text("own_key IS NOT NULL"),
        )

    op.create_table(
        "work_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("display_sha256", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exif_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["record_id"], ["work_record.id"], name=op.f("fk_work_file_record_id_work_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_file")),
        sa.UniqueConstraint("record_id", "sha256", name=op.f("uq_work_file_record_id_sha256")),
    )
    with op.batch_alter_table("work_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_file_sha256"), ["sha256"], unique=False)

    op.create_table(
        "work_record_step",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["work_record.id"], name=op.f("fk_work_record_step_record_id_work_record")
        ),
        sa.PrimaryKeyConstraint("record_id", "version", name=op.f("pk_work_record_step")),
        sa.UniqueConstraint("home_id", "request_key", name=op.f("uq_work_record_step_home_id_request_key")),
    )


def downgrade() -> None:
    """Back: records of daily work are kept nowhere else, and go."""
    op.drop_table("work_record_step")
    op.drop_table("work_file")
    op.drop_table("work_record")
    op.drop_table("post_signature")
    op.drop_table("work_item")
    op.drop_table("post_holder")
    op.drop_table("post_duties")
    op.drop_table("work_plan")
    op.drop_table("post")
