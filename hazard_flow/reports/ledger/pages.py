"""`/ledger`: how large the ledger is, what was signed last, who outside has it, and what still waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.ledger import queries
from hazard_flow.ledger.checks import COUNTED
from hazard_flow.ledger.publishing import stands
from hazard_flow.notifications.outside import FILE, outlets_of
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel

blueprint = Blueprint("ledger", __name__, template_folder="templates")

RIGHT = "status.read"
#: checkpoints shown
SHOWN = 10


@dataclass(frozen=True)
class CheckpointRow:
    """One checkpoint as the page shows it."""

    at: datetime
    size: int
    root: str
    key_id: str | None


@dataclass(frozen=True)
class OutletRow:
    """One place checkpoints go to."""

    name: str
    #: the file under DATA_DIR: named by its place there, not by this machine's paths
    is_own_file: bool
    published_at: datetime | None
    #: events the outlet's newest checkpoint covers
    size: int | None
    is_behind: bool
    failures: int
    detail: str


@blueprint.get("/ledger")
def ledger() -> str:
    require(RIGHT)
    # As the system: counts and hashes over everything, no contents.
    with kernel().database.reading(SYSTEM) as session:
        rows = [
            CheckpointRow(row.at, row.size, row.root.hex(), row.key_id)
            for row in queries.recent(session, limit=SHOWN)
        ]
        waiting = len(EventLeaves().waiting(session, limit=COUNTED))
        size = queries.tree_size(session)
        outlets: Sequence[OutletRow] = [
            OutletRow(
                name=standing.outlet,
                is_own_file=number == 0,
                published_at=standing.published_at,
                size=standing.size,
                is_behind=bool(rows) and standing.size != rows[0].size,
                failures=standing.failures,
                detail=standing.detail,
            )
            for number, outlet in enumerate(outlets_of(kernel().settings))
            for standing in [stands(session, outlet.name)]
        ]
    return render_template(
        "ledger/ledger.html", rows=rows, outlets=outlets, waiting=waiting, size=size, file=FILE.as_posix()
    )
