"""Room for new versions of hazards beside the old ones, and one index fewer on timers: a burst of timers touches both tables whole."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_KEY = "uq_timer_home_id_subject_kind_subject_id_name_level_cycle"
NEW_KEY = "uq_timer_subject_id_name_level_cycle_subject_kind_home_id"


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("timer") as timer:
        timer.drop_index("ix_timer_subject")
        timer.drop_constraint(OLD_KEY, type_="unique")
        timer.create_unique_constraint(
            NEW_KEY, ["subject_id", "name", "level", "cycle", "subject_kind", "home_id"]
        )
    _on_postgresql(
        "ALTER TABLE hazard SET (fillfactor = 50)",
        "ALTER TABLE timer SET (autovacuum_vacuum_scale_factor = 0.02)",
        "ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.05)",
    )


def downgrade() -> None:
    """Back."""
    _on_postgresql(
        "ALTER TABLE outbox RESET (autovacuum_vacuum_scale_factor)",
        "ALTER TABLE timer RESET (autovacuum_vacuum_scale_factor)",
        "ALTER TABLE hazard RESET (fillfactor)",
    )
    with op.batch_alter_table("timer") as timer:
        timer.drop_constraint(NEW_KEY, type_="unique")
        timer.create_unique_constraint(
            OLD_KEY, ["home_id", "subject_kind", "subject_id", "name", "level", "cycle"]
        )
        timer.create_index("ix_timer_subject", ["subject_id", "name"], unique=False)


def _on_postgresql(*statements: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in statements:
            op.execute(statement)
