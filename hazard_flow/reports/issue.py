"""Issuing: what events brought forth → rendered PDFs in the store → rows in `document`. Run by any number of workers.

Steps: 1 find orders of papers, and closed hazards without a closure file whose last event the ledger has signed for · 2 read one up to its
event, cut it loose · 3 check its chain and write the record · 4 render in the press · 5 keep the bytes · 6 one row, and the order is done,
in one transaction. No database transaction is open while a page is laid out. Two workers on one order make the same bytes; the second's
row is refused by its key and forgotten.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.store import Store
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.hazards.originality.examining import Examiner
from hazard_flow.reports import closing, gather, queries
from hazard_flow.reports.manuscript import Manuscript
from hazard_flow.reports.models import Document
from hazard_flow.reports.papers import manuscript as papers
from hazard_flow.reports.queries import CLOSURE, Wanted
from hazard_flow.reports.record import BrokenChain
from hazard_flow.reports.worker import Press, Rendered
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = logging.getLogger(__name__)

BATCH = 10
#: A failing file is tried again after 1, 2, 4 … minutes, at most every hour; `/watchz` tells of it after fifteen minutes.
RETRY_FIRST, RETRY_MOST = timedelta(minutes=1), timedelta(hours=1)


class Issuer:
    """Issues closure files and papers; keeps only what failed lately and when to try it again."""

    def __init__(
        self, database: Database, store: Store, press: Press, *, public_url: str, sealer: Sealer
    ) -> None:
        self._database = database
        self._store = store
        self._press = press
        self._public_url = public_url.rstrip("/")
        self._sealer = sealer
        self._examiner = Examiner(database, store)
        self._retries: dict[Wanted, tuple[int, datetime]] = {}

    def drain(self, now: datetime, *, limit: int = BATCH) -> int:
        """Issue up to `limit` of what waits; how many were. One that fails is logged, tried again later, and never stops the others.

        It looks again after each: what somebody waits for at the printer must not stand behind a batch of renderings.
        """
        self._cover(now)
        made = 0
        for _ in range(limit):
            resting = {wanted for wanted, (_, again_at) in self._retries.items() if again_at > now}
            with self._database.reading(SYSTEM) as session:
                waiting = queries.awaiting(session, limit=1, skip=resting)
            if not waiting:
                break
            made += self._try(waiting[0], now)
        return made

    def issue(self, wanted: Wanted, now: datetime) -> Document | None:
        """Issue the next version of one file; None when another worker did at the same moment.

        Raises BrokenChain (nothing is issued over it), NotCovered (the ledger comes first) and what the press and the store raise.
        """
        with self._database.reading(SYSTEM) as session:
            version = queries.next_version(session, wanted)
        return self._issue(wanted, now, version)

    def _issue(self, wanted: Wanted, now: datetime, version: int) -> Document | None:
        if wanted.kind == CLOSURE:
            # the file prints what is doubtful: nothing of it may still wait to be looked at
            self._examiner.examine_hazard(wanted.hazard_id, now)
        with self._database.reading(SYSTEM) as session:
            sources = _read(session, wanted)
        manuscript = self._manuscript(wanted, sources, version)
        rendered = manuscript.print(self._press)
        sha256 = self._store.put(rendered.pdf, area="document")
        document = _row(manuscript, rendered, sources, sha256=sha256, now=now)
        try:
            with self._database.transaction(SYSTEM) as session:
                session.add(document)
                queries.done(session, wanted)
        except IntegrityError:
            return None
        return document

    def _cover(self, now: datetime) -> None:
        """Have the ledger sign for what was closed, so that nobody waits for its next turn. Where it cannot, the papers go on."""
        with self._database.reading(SYSTEM) as session:
            if not queries.uncovered(session):
                return
        try:
            self._sealer.run(now)
        except Exception:
            log.exception("the ledger was not sealed; closure files wait")

    def _manuscript(self, wanted: Wanted, sources: gather.Sources, version: int) -> Manuscript:
        if wanted.kind == CLOSURE:
            return closing.manuscript(sources, self._store, version=version, public_url=self._public_url)
        return papers.manuscript(
            sources,
            self._store,
            kind=wanted.kind,
            locale=wanted.locale,
            version=version,
            public_url=self._public_url,
        )

    def _try(self, wanted: Wanted, now: datetime) -> int:
        try:
            # always the first version: whoever comes second is refused by the key, however late
            self._issue(wanted, now, 1)
        except Exception as error:  # whatever is wrong with one must not hold up the others
            failures = self._retries.get(wanted, (0, now))[0] + 1
            rest = min(RETRY_FIRST * 2 ** min(failures - 1, 10), RETRY_MOST)
            self._retries[wanted] = (failures, now + rest)
            # A refusal says all in its sentence; anything else is our own mistake and needs its traceback.
            trace = None if isinstance(error, (HazardFlowError, BrokenChain)) else error
            log.warning(
                "%s of hazard %s failed (%d): %s",
                wanted.kind,
                wanted.hazard_id,
                failures,
                error,
                exc_info=trace,
            )
            return 0
        self._retries.pop(wanted, None)
        return 1


def _read(session: Session, wanted: Wanted) -> gather.Sources:
    if wanted.event_seq is None:
        return gather.read(session, wanted.hazard_id)
    return gather.read_for_paper(session, wanted.hazard_id, wanted.event_seq)


def _row(
    manuscript: Manuscript, rendered: Rendered, sources: gather.Sources, *, sha256: str, now: datetime
) -> Document:
    return Document(
        home_id=sources.hazard.home_id,
        subject_id=sources.hazard.id,
        kind=manuscript.kind,
        event_seq=manuscript.event_seq,
        locale=manuscript.locale,
        version=manuscript.version,
        name=manuscript.name,
        number=manuscript.number,
        document_number=manuscript.document_number,
        issuer_id=manuscript.issuer_id,
        personal=manuscript.personal,
        sha256=sha256,
        size=len(rendered.pdf),
        pages=rendered.pages,
        record_sha256=manuscript.record_sha256,
        sealed=False,
        issued_at=now,
    )
