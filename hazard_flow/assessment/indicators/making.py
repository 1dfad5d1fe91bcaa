"""Makes the figures of the running periods anew, and freezes those that are over. A worker's job; one period a transaction.

The running month is made every hour, quarter and year once a day. Some days after its end a period is made for the last time and frozen,
with the ids of the hazards behind each figure: what becomes known later changes later periods only.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.classes import classify
from hazard_flow.assessment.indicators.definition import Frame, Indicator, Ratio, frame_of
from hazard_flow.assessment.indicators.models import IndicatorValue, RegionValue, Scorecard, Snapshot
from hazard_flow.assessment.indicators.periods import KINDS, Period, period_of
from hazard_flow.assessment.indicators.policy import policy
from hazard_flow.assessment.indicators.regions import ALL, region_rows, regions_of
from hazard_flow.assessment.indicators.scorecards import keep_scores
from hazard_flow.assessment.indicators.tallies import tallies
from hazard_flow.clock import Clock
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.supervision.lines import Lines

JOB = "figures"
LOOK_EVERY_SECONDS = 60.0
#: how old the figures of a running period may become
FRESH_FOR = {"month": timedelta(hours=1), "quarter": timedelta(days=1), "year": timedelta(days=1)}
#: hazards of one frozen figure that are read at once
ROWS_AT_ONCE = 1_000
VALUE_KEY = ("home_id", "period", "indicator")
VALUE_COLUMNS = ("path", "division", "above", "below", "value", "is_bound", "made_at", "frozen_at")
REGION_KEY = ("division", "peers", "period", "indicator")
REGION_COLUMNS = ("above", "below", "value", "field", "made_at")


@dataclass
class FigureMaker:
    """The job."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    lines: Lines

    def __call__(self) -> int:
        """Make what is no longer fresh; how many periods were made."""
        now, made = self.clock.now(), 0
        with self.database.reading(SYSTEM) as session:
            due = list(stale(session, now, self.zone))
        for period in due:
            with self.database.transaction(SYSTEM) as session:
                make(session, period, now, self.zone, self.lines)
            made += 1
        return made


def stale(session: Session, now: datetime, zone: ZoneInfo) -> Sequence[Period]:
    """Running periods whose figures are old, and ended ones that are not frozen though it is time."""
    today = now.astimezone(zone).date()
    running = [period_of(today, kind) for kind in KINDS]
    ended = [one.before for one in running]
    made = {
        period: (at, frozen)
        for period, at, frozen in session.execute(
            sa.select(Scorecard.period, sa.func.max(Scorecard.made_at), sa.func.count(Scorecard.frozen_at))
            .where(Scorecard.period.in_([one.key for one in (*running, *ended)]))
            .group_by(Scorecard.period)
        )
    }
    found = [
        one for one in ended
        if one.key not in made or (not made[one.key][1] and made[one.key][0] < _last_look(one, zone) <= now)
    ]  # fmt: skip
    return [
        *found,
        *(one for one in running if one.key not in made or made[one.key][0] <= now - FRESH_FOR[one.kind]),
    ]


def _last_look(period: Period, zone: ZoneInfo) -> datetime:
    """When an ended period is made for the last time."""
    return period.ends_at(zone) + timedelta(days=policy().freeze_after_days)


def make(session: Session, period: Period, now: datetime, zone: ZoneInfo, lines: Lines) -> None:
    """Every figure and score of a period, for every enterprise and region. The session must see everything."""
    rules = policy()
    homes = session.scalars(
        sa.select(Organisation).where(Organisation.kind == "enterprise", Organisation.parent_id.is_(None)).order_by(Organisation.id)
    ).all()  # fmt: skip
    if not homes:
        return
    frame = frame_of(period, now, zone, rules, lines)
    is_last = now >= _last_look(period, zone)
    classes = classify(session, homes)
    supplies = {home: one.supply for home, one in classes.items()}
    ratios: dict[str, Mapping[uuid.UUID, Ratio]] = {}
    for indicator in indicators().values():
        ratios[indicator.id] = indicator.counter.count(session, frame, [one.id for one in homes])
        _keep(session, indicator, frame, homes, ratios[indicator.id], supplies, now=now, is_last=is_last)
    _keep_tallies(session, frame, homes, supplies, now=now)
    keep_scores(session, frame, homes, ratios, classes, now=now, is_last=is_last)


def _keep(
    session: Session,
    indicator: Indicator,
    frame: Frame,
    homes: Sequence[Organisation],
    ratios: Mapping[uuid.UUID, Ratio],
    supplies: Mapping[uuid.UUID, str],
    *,
    now: datetime,
    is_last: bool,
) -> None:
    period = frame.period.key
    rows = [
        {
            "home_id": home.id, "period": period, "indicator": indicator.id, "path": home.path, "division": home.division,
            "above": float(ratio.above), "below": float(ratio.below),
            "value": indicator.value(ratio), "is_bound": ratio.is_bound, "made_at": now,
            "frozen_at": now if is_last else None,
        }
        for home in homes
        for ratio in [ratios.get(home.id, Ratio(0, 0))]
    ]  # fmt: skip
    insert_rows(
        session, IndicatorValue.__table__, rows, key=VALUE_KEY, update=VALUE_COLUMNS,
    )  # fmt: skip
    insert_rows(
        session,
        RegionValue.__table__,
        list(region_rows(indicator, homes, supplies, ratios, period=period, few=frame.policy.few, now=now)),
        key=REGION_KEY,
        update=REGION_COLUMNS,
    )
    if is_last:
        insert_rows(session, Snapshot.__table__, _snapshots(session, indicator, frame, homes, ratios))


def _keep_tallies(
    session: Session,
    frame: Frame,
    homes: Sequence[Organisation],
    supplies: Mapping[uuid.UUID, str],
    *,
    now: datetime,
) -> None:
    rows: list[dict[str, object]] = []
    regions: list[dict[str, object]] = []
    for name, by_home in tallies(session, frame, [one.id for one in homes]).items():
        plain = {"period": frame.period.key, "indicator": name, "below": 0.0, "made_at": now}
        sums: dict[tuple[str, str], float] = {}
        for home in homes:
            count = float(by_home.get(home.id, 0))
            rows.append(
                {**plain, "home_id": home.id, "path": home.path, "division": home.division, "above": count, "value": count,
                 "is_bound": False, "frozen_at": None}
            )  # fmt: skip
            for division in regions_of(home.division):
                for peers in filter(None, dict.fromkeys((ALL, supplies.get(home.id, "")))):
                    sums[division, peers] = sums.get((division, peers), 0.0) + count
        regions += [
            {**plain, "division": division, "peers": peers, "above": count, "value": count, "field": {}}
            for (division, peers), count in sums.items()
        ]
    insert_rows(session, IndicatorValue.__table__, rows, key=VALUE_KEY, update=VALUE_COLUMNS)
    insert_rows(session, RegionValue.__table__, regions, key=REGION_KEY, update=REGION_COLUMNS)


def _snapshots(
    session: Session,
    indicator: Indicator,
    frame: Frame,
    homes: Sequence[Organisation],
    ratios: Mapping[uuid.UUID, Ratio],
) -> list[dict[str, object]]:
    """The ids behind the figures of enterprises that have any."""
    found = []
    for home in homes:
        if home.id not in ratios:
            continue
        counted: list[str] = []
        others: list[str] = []
        after: uuid.UUID | None = None
        while cases := indicator.counter.cases(session, frame, home.id, limit=ROWS_AT_ONCE, after=after):
            for case in cases:
                if case.hazard_id is not None:
                    (counted if case.is_counted else others).append(case.hazard_id.hex)
            after = cases[-1].hazard_id
            if len(cases) < ROWS_AT_ONCE or after is None:
                break
        if counted or others:
            rows = {"counted": counted, "others": others}
            found.append({"home_id": home.id, "period": frame.period.key, "indicator": indicator.id, "path": home.path,
                          "division": home.division, "rows": rows})  # fmt: skip
    return found
