"""Files of a record: looked at before anything is stored, kept once the record is sure to be taken."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.evidence import keeping as evidence
from hazard_flow.evidence.operations import Looked
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.files import Upload, look_at_all
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database

FIELD = "files"


def look(uploads: Sequence[tuple[str, bytes]], *, received_at: datetime) -> tuple[Looked, ...]:
    """All files judged, none kept yet; raises what was wrong with each, under the name of the form's input."""
    given = [Upload(FIELD, name, data) for name, data in uploads]
    return look_at_all(given, action="report", hazard_stage=None, received_at=received_at)


def carry_out(
    database: Database,
    scope: Scope,
    work: Callable[[Session], WorkRecord],
    *,
    files: Sequence[Looked],
    store: Store,
) -> WorkRecord:
    """The work in one transaction, its files on disk before that commits; rehearsed first, so that what is refused leaves none behind."""
    return evidence.carry_out(database, scope, work, files=files, store=store)
