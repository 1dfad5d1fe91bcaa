"""Work that comes with files: they are on disk before it commits, and what is refused leaves none behind."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from hazard_flow.evidence.operations import Looked
from hazard_flow.evidence.store import Store
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database

T = TypeVar("T")


def carry_out(
    database: Database, scope: Scope, work: Callable[[Session], T], *, files: Sequence[Looked], store: Store
) -> T:
    """The work in one transaction, its files on disk before that commits.

    Work with files is rehearsed first and undone: refused, it leaves no file behind, and none is ever deleted.
    """

    def rehearse(session: Session) -> None:
        work(session)
        session.rollback()

    if files:
        database.carry_out(scope, rehearse)
        for one in files:
            one.keep(store)
    return database.carry_out(scope, work)
