"""Follows the event feed and gives risk points their colour now. A worker's job; no transaction of a hazard ever waits for it.

Each run: 1 gather for points that are new or have moved · 2 read events on from the cursor · 3 fold each into what is known of its hazard,
and that into what presses on its points · 4 compare the alarms that fire with those that press. All set-based, in one transaction that
holds the cursor: a run that dies leaves nothing, two at once follow each other, the same events again change nothing. `rebuild` reads
the feed from its beginning and must come to the same colours.

A hazard that names its risk point presses on that one, else on every point at its asset: who does not say where it happened is heard
everywhere it may have been [D]. One reported past a manager presses on nothing until it is handed on.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment import accident_calls, calls, feed
from hazard_flow.assessment.models import FollowedHazard
from hazard_flow.assessment.places import PointBook
from hazard_flow.assessment.standing import Standing, Told, after
from hazard_flow.assets.models import Asset
from hazard_flow.hazards.rules import rules_of
from hazard_flow.risk import reviews
from hazard_flow.risk.dynamic import Factor
from hazard_flow.risk.models import RiskFactor, RiskPoint
from hazard_flow.risk.operations import Press, keep_colour, set_dynamic
from hazard_flow.schedule.bulk import among, insert_rows
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.rules import speaks_of_gas
from hazard_flow.workflow.deadlines import Reckoning

JOB = "risk"
FOLLOW_EVERY_SECONDS = 2.0
CURSOR = "risk"
#: events folded in one transaction, and transactions in one run, so that the worker's watchdog sees it alive
BATCH, BATCHES_A_RUN = 500, 20
#: points whose surroundings are gathered in one transaction
GATHERED_MAX = 500
_COLUMNS = tuple(
    column.key
    for column in sa.inspect(FollowedHazard).columns
    if column.key not in ("hazard_id", "home_id", "number")
)


@dataclass
class Followed:
    """What one run did."""

    events: int = 0
    colours: int = 0
    reviews: int = 0

    def tally(self) -> Counter[str]:
        """The numbers for the worker's pulse."""
        return Counter({"risk.events": self.events, "risk.colours": self.colours})


def run(database: Database, now: datetime) -> Followed:
    """Follow the feed to its end, or as far as one run may go."""
    done = Followed()
    for _ in range(BATCHES_A_RUN):
        with database.transaction(SYSTEM) as session:
            more = follow(session, now, done)
        if not more:
            break
    with database.transaction(SYSTEM) as session:
        done.reviews += accident_calls.open_for_accidents(session, now, _days(session))
        done.reviews += reviews.open_periodic(session, now, _days(session))
    return done


def follow(session: Session, now: datetime, done: Followed | None = None, *, limit: int = BATCH) -> bool:
    """One stretch of the feed and the alarms of this moment, in this transaction; whether there may be more. It must see everything."""
    done = done if done is not None else Followed()
    cursor = feed.held_cursor(session, CURSOR)
    done.colours += gather(session, now)
    events = feed.read_on(session, rules_of(session), since=cursor.next_leaf, limit=limit)
    end = feed.end_of(session, since=cursor.next_leaf, limit=limit)
    done.colours += _take(session, events)
    done.events += len(events)
    done.colours += set_dynamic(session, alarms(session, now))
    is_full = end - cursor.next_leaf >= limit
    cursor.next_leaf = end
    session.flush()
    return is_full


def rebuild(session: Session, now: datetime) -> Sequence[str]:
    """Forget everything and read the feed from its beginning; codes of the points that come to another colour, which is set and told.

    History, reviews and proposals are kept as they are: they are what people were shown.
    """
    cursor = feed.held_cursor(session, CURSOR)
    before = {point.id: point.dynamic for point in _points(session)}
    session.execute(sa.delete(FollowedHazard))
    session.execute(sa.delete(RiskFactor))
    session.expire_all()
    place, to = 0, cursor.next_leaf
    while place < to:
        step = min(BATCH, to - place)
        events = feed.read_on(session, rules_of(session), since=place, limit=step)
        _take(session, events, is_silent=True)
        place += step
    set_dynamic(session, alarms(session, now), keeps_history=False)
    _unpressed(session)
    changed = [point for point in _points(session) if point.dynamic != before.get(point.id, point.dynamic)]
    _tell(session, changed, now)
    return [point.code for point in changed]


def gather(session: Session, now: datetime) -> int:
    """What pressed before a point was entered, or at the asset it moved to; how many colours changed."""
    fresh = session.scalars(
        sa.select(RiskPoint)
        .where(RiskPoint.is_followed.is_(False), RiskPoint.ended_at.is_(None))
        .order_by(RiskPoint.id)
        .limit(GATHERED_MAX)
        .with_for_update()
    ).all()
    if not fresh:
        return 0
    at = {point.asset_id for point in fresh if point.asset_id is not None}
    codes = {point.code for point in fresh}
    open_here = session.scalars(
        sa.select(FollowedHazard).where(
            sa.or_(
                among(session, FollowedHazard.asset_id, at) if at else sa.false(),
                FollowedHazard.risk_point.in_(codes),
            ),
            FollowedHazard.stage != "closed",
        )
    ).all()
    book = PointBook.load(session, [row.standing for row in open_here])
    wanted = {point.id for point in fresh}
    presses = [
        press
        for row in sorted(open_here, key=lambda row: (row.reported_at, row.hazard_id))
        for press in _presses(row.hazard_id, None, row.standing, book, at=now, cause="gathered", detail={})
        if press.point_id in wanted
    ]
    for point in fresh:
        point.is_followed = True
    session.flush()
    return set_dynamic(session, presses)


def alarms(session: Session, now: datetime) -> list[Press]:
    """What changed about the alarms that fire at places with risk points, against what presses there."""
    at_points = sa.select(RiskPoint.asset_id).where(
        RiskPoint.asset_id.is_not(None), RiskPoint.ended_at.is_(None)
    )
    firing: dict[uuid.UUID, int] = {}
    rows = session.execute(
        sa.select(Alert.site_id, Alert.alert_class, sa.func.max(Alert.level))
        .where(Alert.condition == "firing", Alert.merged_into_id.is_(None), Alert.site_id.in_(at_points))
        .group_by(Alert.site_id, Alert.alert_class)
    )
    for site_id, alert_class, level in rows:
        if speaks_of_gas(alert_class):
            firing[site_id] = max(level, firing.get(site_id, 0))
    pressing: dict[tuple[uuid.UUID, uuid.UUID], int] = {
        (row.point_id, row.subject_id): row.alarm_level
        for row in session.scalars(sa.select(RiskFactor).where(RiskFactor.kind == "alarm"))
    }
    touched = set(firing) | {site for _, site in pressing}
    if not touched:
        return []
    points = session.execute(
        sa.select(RiskPoint.id, Asset.id, Asset.code)
        .join(Asset, Asset.id == RiskPoint.asset_id)
        .where(RiskPoint.asset_id.in_(touched), RiskPoint.ended_at.is_(None))
        .order_by(RiskPoint.id)
    ).all()
    return [
        Press(
            at=now, point_id=point_id, kind="alarm", subject_id=site, name=code, detail={"alarm_level": level},
            factor=Factor("alarm", alarm_level=level) if level else None,
        )
        for point_id, site, code in points
        if (level := firing.get(site, 0)) != pressing.get((point_id, site), 0)
    ]  # fmt: skip


@dataclass
class _Batch:
    """The hazards of a stretch of events, as they stand while it is folded."""

    standings: dict[uuid.UUID, Standing]
    touched: set[uuid.UUID] = field(default_factory=set)


def _take(session: Session, events: Sequence[Told], *, is_silent: bool = False) -> int:
    """Fold events into standings, and these into what presses; how many colours changed."""
    if not events:
        return 0
    rows = session.scalars(
        sa.select(FollowedHazard).where(
            among(session, FollowedHazard.hazard_id, {event.hazard_id for event in events})
        )
    )
    batch = _Batch({row.hazard_id: row.standing for row in rows})
    steps: list[tuple[Told, Standing | None, Standing]] = []
    for event in events:
        before = batch.standings.get(event.hazard_id)
        now_standing = after(before, event)
        if now_standing is None or now_standing == before:
            continue
        batch.standings[event.hazard_id] = now_standing
        batch.touched.add(event.hazard_id)
        steps.append((event, before, now_standing))
    book = PointBook.load(
        session, [one for _, before, now in steps for one in (before, now) if one is not None]
    )
    presses = [
        press
        for event, before, standing in steps
        for press in _presses(
            event.hazard_id, before, standing, book, at=event.at, cause="hazard",
            detail={"type": event.type, "action": event.data.get("action") or event.data.get("timer") or "", "seq": event.seq,
                    "actor": event.actor},
        )
    ]  # fmt: skip
    insert_rows(
        session,
        FollowedHazard.__table__,
        [{"hazard_id": id_, **asdict(batch.standings[id_])} for id_ in sorted(batch.touched)],
        key=("hazard_id",),
        update=_COLUMNS,
    )
    changed = set_dynamic(session, presses, keeps_history=not is_silent)
    if not is_silent:
        calls.open_calls(session, steps, book, _days(session))
    return changed


def _presses(
    hazard_id: uuid.UUID, before: Standing | None, now: Standing, book: PointBook, *, at: datetime, cause: str, detail: dict[str, object]
) -> Iterable[Press]:  # fmt: skip
    """How one step of a hazard changes what presses on which points: it lifts where it no longer belongs, then lays on."""
    there = set(book.points_of(before)) if before is not None and before.factor is not None else set()
    here = set(book.points_of(now)) if now.factor is not None else set()
    if before is not None and before.factor == now.factor and there == here:
        return
    for point_id in sorted(there | here):
        yield Press(
            at=at, point_id=point_id, kind="hazard", subject_id=hazard_id, name=now.number, detail=detail, cause=cause,
            factor=now.factor if point_id in here else None,
        )  # fmt: skip


def _days(session: Session) -> Reckoning:
    return rules_of(session).reckoning_at("")


def _points(session: Session) -> Sequence[RiskPoint]:
    return session.scalars(
        sa.select(RiskPoint).where(RiskPoint.ended_at.is_(None)).order_by(RiskPoint.id)
    ).all()


def _unpressed(session: Session) -> None:
    """Points on which nothing presses have the colour that is left under their measures."""
    session.execute(
        sa.update(RiskPoint)
        .where(RiskPoint.ended_at.is_(None), RiskPoint.id.not_in(sa.select(RiskFactor.point_id)))
        .values(dynamic=RiskPoint.residual)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _tell(session: Session, changed: Sequence[RiskPoint], now: datetime) -> None:
    for point in changed:
        keep_colour(session, point, at=now, cause="rebuilt")
    session.flush()
