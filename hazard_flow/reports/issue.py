"""Issuing: what events brought forth → rendered PDFs in the store → rows in `document`. Run by any number of workers.

Steps: 1 find orders of papers, and closed hazards without a closure file whose last event the ledger has signed for · 2 read one up to its
event, cut it loose · 3 check its chain and write the record · 4 render in the press · 5 seal a closure file, where there is a key · 6 keep
the bytes · 7 one row, and the order is done, in one transaction. No database transaction is open while a page is laid out or sealed, and
the process that lays out never has the key. Two workers on one order: the second's row is refused by its key and forgotten.

Without a key, or when sealing fails, the file is issued unsealed and says so; `reseal` makes the sealed one the next version.
"""

import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.originality.examining import Examiner
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.reports import closing, gather, queries
from hazard_flow.reports.manuscript import Manuscript
from hazard_flow.reports.models import Document
from hazard_flow.reports.papers import manuscript as papers
from hazard_flow.reports.queries import CLOSURE, Wanted
from hazard_flow.reports.record import BrokenChain
from hazard_flow.reports.seal.keeper import SealKeeper
from hazard_flow.reports.seal.sealer import Level, SealFailed, Signer
from hazard_flow.reports.worker import Press
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = logging.getLogger(__name__)

BATCH = 10
#: so that a file is at rest before its copy for the archive is made
ARCHIVE_AFTER = timedelta(hours=12)
#: A failing file is tried again after 1, 2, 4 … minutes, at most every hour; `/watchz` tells of it after fifteen minutes.
RETRY_FIRST, RETRY_MOST = timedelta(minutes=1), timedelta(hours=1)


class Issuer:
    """Issues closure files and papers; keeps only what failed lately and when to try it again."""

    def __init__(
        self,
        database: Database,
        store: Store,
        press: Press,
        *,
        public_url: str,
        sealer: Sealer,
        seals: SealKeeper | None = None,
    ) -> None:
        self._seals = seals
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
            resting = self._resting(now)
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

    def reseal(self, now: datetime, *, limit: int = BATCH) -> int:
        """Seal as the next version what stands unsealed, or sealed at a lower level than can be made now; how many were.

        Stops at the first that gets no better: a token or a service that does not answer is asked again at the next run.
        """
        sealer = self._seals.sealer(now) if self._seals is not None else None
        if sealer is None:
            return 0
        with self._database.reading(SYSTEM) as session:
            skip = {wanted.hazard_id for wanted in self._resting(now)}
            waiting = queries.awaiting_seal(session, wished=sealer.level, limit=limit, skip=skip)
        made = 0
        for standing in waiting:
            wanted = Wanted(standing.subject_id)
            try:
                with self._database.reading(SYSTEM) as session:
                    sources = _read(session, wanted)
                better = self._sealed(wanted, sources, standing.version + 1, now)
            except Exception as error:  # one that cannot be laid out must not keep the others unsealed
                self._rest(wanted, error, now)
                continue
            if better is None or better.level == standing.seal_level:
                break
            self._retries.pop(wanted, None)
            self._keep(better, wanted, sources, now)
            made += 1
        return made

    def archive(self, now: datetime, *, limit: int = BATCH) -> int:
        """Add the archive copy of files sealed with a time stamp, as their next version; how many were."""
        if self._seals is None:
            return 0
        with self._database.reading(SYSTEM) as session:
            waiting = queries.awaiting_archive(session, before=now - ARCHIVE_AFTER, limit=limit)
        for count, standing in enumerate(waiting):
            try:
                copy = self._seals.archive(self._store.get(standing.sha256, area="document"))
            except SealFailed as failed:
                log.warning("no archive copy of %s: %s", standing.number, failed)
                return count
            if copy is None:
                return count
            row = _archived(standing, sha256=self._store.put(copy, area="document"), size=len(copy), now=now)
            with contextlib.suppress(IntegrityError), self._database.transaction(SYSTEM) as session:
                session.add(row)  # another worker may have been first
        return len(waiting)

    def _issue(self, wanted: Wanted, now: datetime, version: int) -> Document | None:
        if wanted.kind == CLOSURE:
            # the file prints what is doubtful: nothing of it may still wait to be looked at
            self._examiner.examine_hazard(wanted.hazard_id, now)
        with self._database.reading(SYSTEM) as session:
            sources = _read(session, wanted)
        made = self._sealed(wanted, sources, version, now) or self._unsealed(wanted, sources, version)
        return self._keep(made, wanted, sources, now)

    def _unsealed(self, wanted: Wanted, sources: gather.Sources, version: int) -> "_Made":
        manuscript = self._manuscript(wanted, sources, version)
        rendered = manuscript.print(self._press)
        return _Made(manuscript, rendered.pdf, rendered.pages)

    def _sealed(self, wanted: Wanted, sources: gather.Sources, version: int, now: datetime) -> "_Made | None":
        """The sealed closure file; None for papers, without a key, and when the key or its token fails."""
        sealer = self._seals.sealer(now) if self._seals is not None and wanted.kind == CLOSURE else None
        if sealer is None:
            return None
        manuscript = self._manuscript(wanted, sources, version, signer=sealer.signer)
        rendered = manuscript.print(self._press)
        assert rendered.seal_place is not None, "the closure file's template leaves room for its seal"
        try:
            sealed = sealer.seal(rendered.pdf, rendered.seal_place, number=manuscript.number, at=now)
        except Exception:  # a token fails in ways of its own; none may hold up the file
            log.exception("%s of %s is issued unsealed", wanted.kind, manuscript.number)
            return None
        return _Made(manuscript, sealed.pdf, rendered.pages, sealed.level, sealer.alg, sealer.key_id)

    def _keep(self, made: "_Made", wanted: Wanted, sources: gather.Sources, now: datetime) -> Document | None:
        sha256 = self._store.put(made.pdf, area="document")
        document = _row(made, sources, sha256=sha256, now=now)
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

    def _manuscript(
        self, wanted: Wanted, sources: gather.Sources, version: int, *, signer: Signer | None = None
    ) -> Manuscript:
        if wanted.kind == CLOSURE:
            return closing.manuscript(
                sources, self._store, version=version, public_url=self._public_url, signer=signer
            )
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
            self._rest(wanted, error, now)
            return 0
        self._retries.pop(wanted, None)
        return 1

    def _resting(self, now: datetime) -> set[Wanted]:
        return {wanted for wanted, (_, again_at) in self._retries.items() if again_at > now}

    def _rest(self, wanted: Wanted, error: Exception, now: datetime) -> None:
        failures = self._retries.get(wanted, (0, now))[0] + 1
        rest = min(RETRY_FIRST * 2 ** min(failures - 1, 10), RETRY_MOST)
        self._retries[wanted] = (failures, now + rest)
        # A refusal says all in its sentence; anything else is our own mistake and needs its traceback.
        trace = None if isinstance(error, (HazardFlowError, BrokenChain)) else error
        log.warning(
            "%s of hazard %s failed (%d): %s", wanted.kind, wanted.hazard_id, failures, error, exc_info=trace
        )


def _read(session: Session, wanted: Wanted) -> gather.Sources:
    if wanted.event_seq is None:
        return gather.read(session, wanted.hazard_id)
    return gather.read_for_paper(session, wanted.hazard_id, wanted.event_seq)


@dataclass(frozen=True)
class _Made:
    """A file ready to be kept."""

    manuscript: Manuscript
    pdf: bytes
    pages: int
    level: Level | None = None
    alg: str | None = None
    key_id: str | None = None


def _row(made: _Made, sources: gather.Sources, *, sha256: str, now: datetime) -> Document:
    manuscript = made.manuscript
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
        size=len(made.pdf),
        pages=made.pages,
        record_sha256=manuscript.record_sha256,
        sealed=made.level is not None,
        seal_level=made.level,
        seal_alg=made.alg,
        seal_key_id=made.key_id,
        issued_at=now,
    )


def _archived(standing: Document, *, sha256: str, size: int, now: datetime) -> Document:
    """The row of an archive copy: everything as before, but for the version, the bytes and the level."""
    kept = {
        column.key: getattr(standing, column.key)
        for column in Document.__table__.columns
        if column.key != "id"
    }
    version = standing.version + 1
    changed = {
        "version": version,
        "name": f"{standing.name.rpartition('-')[0]}-{version}",
        "sha256": sha256,
        "size": size,
        "seal_level": Level.LTA,
        "issued_at": now,
    }
    return Document(**kept | changed)
