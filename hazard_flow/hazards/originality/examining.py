"""Looking at evidence after it came: a worker's job. Any number of workers may do it at once; what is found twice is written once.

Steps: 1 an order the door left · 2 the photographs' fingerprints, kept in a transaction of their own before anything is compared, so that
of two photographs that arrive together the later one always finds the other · 3 compare · 4 the doubts, and the order is done. A doubt
lies on whichever came later, also where the earlier one is looked at last. No transaction is open while a picture is decoded.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence import similar
from hazard_flow.evidence.likeness import Look, likeness
from hazard_flow.evidence.models import Evidence, PhotoPrint
from hazard_flow.evidence.similar import Near
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.originality import checks, gathering, pictures
from hazard_flow.hazards.originality.checks import SIGNATURE, Doubt
from hazard_flow.hazards.originality.flags import flag_row
from hazard_flow.hazards.originality.gathering import Gathered
from hazard_flow.hazards.originality.models import OriginalityFlag, OriginalityOrder
from hazard_flow.hazards.originality.pictures import Picture
from hazard_flow.hazards.originality.rules import OriginalityRules, shipped_rules
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger("originality")

EXAMINE_EVERY_SECONDS = 2.0
#: events looked at in one run, so that the worker's watchdog sees it alive
BATCH = 50
#: photographs looked at closely for each new one
CLOSE_LOOKS = 20
#: what could not be looked at (the store was away) is tried again after so long
REST = timedelta(minutes=1)

_Order = tuple[uuid.UUID, int]
#: by piece: stored photographs near it
_Nearby = Mapping[uuid.UUID, Sequence[tuple[Near, Evidence]]]


class Examiner:
    """Examines what was handed in; keeps only which orders failed lately."""

    def __init__(self, database: Database, store: Store, *, rules: OriginalityRules | None = None) -> None:
        self._database = database
        self._store = store
        self._rules = rules or shipped_rules()
        self._resting: dict[_Order, datetime] = {}

    def drain(self, now: datetime, *, limit: int = BATCH) -> int:
        """Examine up to `limit` events, oldest first; how many were. One that fails is tried again later and never stops the others."""
        done = 0
        for order in self._waiting(now, limit):
            try:
                self.examine(*order, now)
            except Exception as error:  # whatever is wrong with one must not hold up the others
                self._resting[order] = now + REST
                trace = None if isinstance(error, HazardFlowError) else error
                log.warning(
                    "originality.failed",
                    hazard=str(order[0]),
                    event=order[1],
                    error=str(error),
                    exc_info=trace,
                )
            else:
                self._resting.pop(order, None)
                done += 1
        return done

    def examine_hazard(self, hazard_id: uuid.UUID, now: datetime) -> None:
        """Examine everything of one hazard that waits: before its closure file is made. Raises what the store raises."""
        with self._database.reading(SYSTEM) as session:
            mine = sa.select(OriginalityOrder.event_seq).where(OriginalityOrder.hazard_id == hazard_id)
            waiting = session.scalars(mine.order_by(OriginalityOrder.event_seq)).all()
        for event_seq in waiting:
            self.examine(hazard_id, event_seq, now)

    def examine(self, hazard_id: uuid.UUID, event_seq: int, now: datetime) -> None:
        """Examine one event. The same event twice changes nothing. Raises what the store raises."""
        with self._database.reading(SYSTEM) as session:
            gathered = gathering.gather(session, hazard_id, event_seq, self._rules)
        seen = self._see(gathered.pieces)
        self._keep_prints(gathered.pieces, seen)
        doubts = self._of_making(gathered.pieces)
        with self._database.reading(SYSTEM) as session:
            doubts += [*self._of_facts(session, gathered), *self._of_bytes(session, gathered)]
            nearby = {id_: self._near(session, picture) for id_, picture in seen.items()}
        doubts += self._of_looks(gathered, seen, nearby)
        self._write(gathered, doubts, now)

    def _waiting(self, now: datetime, limit: int) -> list[_Order]:
        resting = {order for order, again_at in self._resting.items() if again_at > now}
        with self._database.reading(SYSTEM) as session:
            rows = session.execute(
                sa.select(OriginalityOrder.hazard_id, OriginalityOrder.event_seq)
                .order_by(OriginalityOrder.ordered_at, OriginalityOrder.hazard_id, OriginalityOrder.event_seq)
                .limit(limit + len(resting))
            ).all()
        return [order for row in rows if (order := (row[0], row[1])) not in resting][:limit]

    def _see(self, pieces: Sequence[Evidence]) -> dict[uuid.UUID, Picture]:
        """The pictures that are compared by their looks."""
        compared = [p for p in pieces if p.kind in {*self._rules.compared_kinds, SIGNATURE}]
        return {p.id: one for p in compared if (one := pictures.picture(self._store, p)) is not None}

    def _keep_prints(self, pieces: Sequence[Evidence], seen: Mapping[uuid.UUID, Picture]) -> None:
        rows = [similar.row(p, seen[p.id].prints.upright) for p in pieces if p.id in seen]
        if rows:
            with self._database.transaction(SYSTEM) as session:
                insert_rows(session, PhotoPrint.__table__, rows)

    def _of_making(self, pieces: Sequence[Evidence]) -> list[Doubt]:
        found: list[Doubt] = []
        for piece in pieces:
            if piece.kind in self._rules.compared_kinds and piece.mime.startswith("image/"):
                made = pictures.made(self._store, piece)
                found += checks.of_making(piece, made, self._rules) if made is not None else ()
            if piece.is_declared and (percent := pictures.fits(self._store, piece)) is not None:
                found += checks.of_copy(piece, percent, self._rules)
        return found

    def _of_facts(self, session: Session, gathered: Gathered) -> Iterator[Doubt]:
        """Times, places, pace."""
        around, rules = gathered.around, self._rules
        for piece in gathered.pieces:
            if piece.mime.startswith(("image/", "video/")):
                yield from checks.of_time(piece, around, rules)
                yield from checks.of_place(piece, around, rules)
                visits = gathering.visits(session, piece, not_of=gathered.relatives)
                yield from checks.of_travel(piece, visits, rules)
        if gathered.done_at is not None:
            pace = checks.of_pace(around, gathered.done_at, code=gathered.code, rules=rules)
            if pace is not None:
                hazard = gathered.hazard
                yield Doubt("too_fast", hazard.home_id, hazard.id, gathered.event.seq, measured=pace)

    def _of_bytes(self, session: Session, gathered: Gathered) -> Iterator[Doubt]:
        """The very same file elsewhere."""
        for piece in gathered.pieces:
            for other in gathering.same_bytes(session, piece):
                if not _are_kin(piece, other, gathered):
                    yield from checks.same_bytes(*checks.later_first(piece, other), self._rules)

    def _near(self, session: Session, picture: Picture) -> list[tuple[Near, Evidence]]:
        near = similar.near(
            session, picture.prints, distance_max=self._rules.limit("near_bits"), limit=CLOSE_LOOKS
        )
        ids = [one.evidence_id for one in near]
        stored = (
            {e.id: e for e in session.scalars(sa.select(Evidence).where(Evidence.id.in_(ids)))} if ids else {}
        )
        return [(one, stored[one.evidence_id]) for one in near]

    def _of_looks(
        self, gathered: Gathered, seen: Mapping[uuid.UUID, Picture], nearby: _Nearby
    ) -> Iterator[Doubt]:
        """A close look at each pair whose fingerprints are near and whose bytes differ."""
        for piece in (p for p in gathered.pieces if p.id in seen):
            look = Look.at(seen[piece.id].image)
            for near, other in nearby[piece.id]:
                if other.sha256 == piece.sha256 or _are_kin(piece, other, gathered):
                    continue
                image = pictures.small(self._store, near.display_sha256)
                if image is None:
                    continue
                alike = likeness(look, Look.at(image), mirrored=near.mirrored)
                yield from checks.reused(
                    *checks.later_first(piece, other),
                    bits=near.distance,
                    percent=int(alike * 100),
                    mirrored=near.mirrored,
                    rules=self._rules,
                )

    def _write(self, gathered: Gathered, doubts: Sequence[Doubt], now: datetime) -> None:
        hazard, event = gathered.hazard, gathered.event
        with self._database.transaction(SYSTEM) as session:
            insert_rows(
                session, OriginalityFlag.__table__, [flag_row(d, rules=self._rules, now=now) for d in doubts]
            )
            session.execute(
                sa.delete(OriginalityOrder).where(
                    OriginalityOrder.hazard_id == hazard.id,
                    OriginalityOrder.event_seq == event.seq,
                    # what came meanwhile ordered anew, and is looked at next
                    OriginalityOrder.ordered_at == gathered.ordered_at,
                )
            )


def _are_kin(piece: Evidence, other: Evidence, gathered: Gathered) -> bool:
    """Whether the other hazard has the photograph by a split or a merge, which nobody is blamed for."""
    return other.hazard_id != piece.hazard_id and other.hazard_id in gathered.relatives
