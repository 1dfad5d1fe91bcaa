"""Issuing closure files: closed hazards without one → rendered PDF in the store → a row in `document`. Run by any number of workers.

Steps: 1 find closed hazards without a file · 2 read one, cut it loose · 3 check its chain and write the record · 4 render in the press ·
5 keep the bytes · 6 one row. No database transaction is open while a page is laid out. Two workers on one hazard make the same bytes;
the second row is refused by its key and forgotten.
"""

import hashlib
import io
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from sqlalchemy.exc import IntegrityError

from hazard_flow.errors import HazardFlowError, NotFound
from hazard_flow.evidence.display import print_copy
from hazard_flow.evidence.store import Store
from hazard_flow.reports import queries
from hazard_flow.reports.closure import ClosureData, template_data
from hazard_flow.reports.compose import RECORD_NAME, compose, document_name, printable, record_of
from hazard_flow.reports.gather import Sources, read
from hazard_flow.reports.models import Document
from hazard_flow.reports.record import BrokenChain
from hazard_flow.reports.worker import Attachment, Press, Rendered
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = logging.getLogger(__name__)

BATCH = 10
#: A failing file is tried again after 1, 2, 4 … minutes, at most every hour; `/watchz` tells of it after fifteen minutes.
RETRY_FIRST, RETRY_MOST = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Made:
    """A rendered closure file and the record inside it."""

    rendered: Rendered
    record_bytes: bytes
    data: ClosureData


class Issuer:
    """Issues closure files; keeps only what failed lately and when to try it again."""

    def __init__(self, database: Database, store: Store, press: Press, *, public_url: str) -> None:
        self._database = database
        self._store = store
        self._press = press
        self._public_url = public_url.rstrip("/")
        self._retries: dict[uuid.UUID, tuple[int, datetime]] = {}

    def drain(self, now: datetime, *, limit: int = BATCH) -> int:
        """Issue up to `limit` files; how many were. One that fails is logged, tried again later, and never stops the others."""
        resting = {hazard for hazard, (_, again_at) in self._retries.items() if again_at > now}
        with self._database.reading(SYSTEM) as session:
            waiting = queries.awaiting(session, limit=limit, skip=resting)
        return sum(self._try(hazard_id, now) for hazard_id in waiting)

    def issue(self, hazard_id: uuid.UUID, now: datetime) -> Document | None:
        """Issue the next version of one hazard's file; None when another worker did at the same moment.

        Raises BrokenChain (nothing is issued over it) and what the press and the store raise.
        """
        with self._database.reading(SYSTEM) as session:
            earlier = queries.newest(session, hazard_id)
            version = earlier.version + 1 if earlier else 1
            sources = read(session, hazard_id)
        made = make(sources, self._store, self._press, version=version, public_url=self._public_url)
        document = Document(
            home_id=sources.hazard.home_id,
            subject_id=hazard_id,
            kind=queries.CLOSURE,
            version=version,
            name=made.data.document,
            number=made.data.number,
            sha256=self._store.put(made.rendered.pdf, area="document"),
            size=len(made.rendered.pdf),
            pages=made.rendered.pages,
            record_sha256=made.data.seal.record_sha256,
            sealed=False,
            issued_at=now,
        )
        try:
            with self._database.transaction(SYSTEM) as session:
                session.add(document)
        except IntegrityError:
            return None
        return document

    def _try(self, hazard_id: uuid.UUID, now: datetime) -> int:
        try:
            self.issue(hazard_id, now)
        except Exception as error:  # whatever is wrong with one hazard must not hold up the others
            failures = self._retries.get(hazard_id, (0, now))[0] + 1
            rest = min(RETRY_FIRST * 2 ** min(failures - 1, 10), RETRY_MOST)
            self._retries[hazard_id] = (failures, now + rest)
            # A refusal says all in its sentence; anything else is our own mistake and needs its traceback.
            trace = None if isinstance(error, (HazardFlowError, BrokenChain)) else error
            log.warning(
                "closure file of hazard %s failed (%d): %s", hazard_id, failures, error, exc_info=trace
            )
            return 0
        self._retries.pop(hazard_id, None)
        return 1


def make(sources: Sources, store: Store, press: Press, *, version: int, public_url: str) -> Made:
    """Render one closure file; touches the store to read pictures, and no database."""
    record_bytes = record_of(sources)
    verify_url = f"{public_url}/verify/{document_name(record_bytes, version)}"
    assets = [("image/png", _qr(verify_url))]
    prints: dict[str, str] = {}
    for display in printable(sources):
        picture = _picture(store, display)
        if picture is not None:
            prints[display] = _sha256(picture)
            assets.append(("image/jpeg", picture))
    data = compose(
        sources,
        record_bytes=record_bytes,
        version=version,
        verify_url=verify_url,
        qr_asset=_sha256(assets[0][1]),
        prints=prints,
    )
    rendered = press.render(
        queries.CLOSURE,
        template_data(data),
        identifier=f"{data.seal.record_sha256}-{version}",
        created_at=data.closed_at,
        zone=data.zone,
        assets=assets,
        attachments=[Attachment(RECORD_NAME, "机器可读记录 Machine-readable record", record_bytes)],
        xmp={"number": data.number, "recordSHA256": data.seal.record_sha256},
    )
    for complaint in rendered.complaints:
        log.warning("closure file of %s: %s", data.number, complaint)
    return Made(rendered, record_bytes, data)


def _picture(store: Store, display: str) -> bytes | None:
    try:
        return print_copy(store.get(display, area="display"))
    except NotFound:
        # The original and its hash stand in the manifest; a lost display copy must not hold up the file.
        log.warning("display copy %s is missing from the store", display)
        return None


def _qr(url: str) -> bytes:
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="png", scale=8, border=2)
    return out.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
