"""I07: of the hazards whose 180 days of watching end in the period, those that came back: re-opened, or the same place and code [D]."""

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OneByOne, operators
from hazard_flow.assessment.indicators.definition import Case, Example, Frame, Indicator
from hazard_flow.i18n import Label


def _cases(session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Iterable[Case]:
    watch = timedelta(days=frame.policy.recurs_within_days)
    begins, ends = frame.begins_at - watch, frame.until_at - watch
    closed = session.execute(
        sa.select(Fact.home_id, Fact.hazard_id, Fact.number, Fact.asset_id, Fact.catalogue_code, Fact.closed_at).where(
            Fact.home_id.in_(list(homes)), operators(frame), Fact.resolution == "rectified",
            Fact.closed_at >= begins, Fact.closed_at < ends,
        )
    ).all()  # fmt: skip
    again, at_places = _later(session, frame, homes, begins)
    for home, hazard_id, number, asset_id, code, closed_at in closed:
        assert closed_at is not None, "asked for"
        reports = sorted([*again[hazard_id], *(at_places[asset_id, code] if asset_id and code else ())])
        place = bisect_right(reports, closed_at)
        is_back = place < len(reports) and reports[place] <= closed_at + watch
        yield Case(home, hazard_id, number, is_back, reports[place] if is_back else closed_at)


def _later(
    session: Session, frame: Frame, homes: Sequence[uuid.UUID], since: datetime
) -> tuple[dict[uuid.UUID, list[datetime]], dict[tuple[uuid.UUID, str], list[datetime]]]:
    """When others were reported since: by the hazard they re-open, and by place and code."""
    again: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    at_places: dict[tuple[uuid.UUID, str], list[datetime]] = defaultdict(list)
    rows = session.execute(
        sa.select(Fact.reopen_of_id, Fact.asset_id, Fact.catalogue_code, Fact.reported_at).where(
            Fact.home_id.in_(list(homes)), operators(frame), Fact.reported_at > since, Fact.reported_at < frame.until_at,
            sa.or_(Fact.reopen_of_id.is_not(None), sa.and_(Fact.asset_id.is_not(None), Fact.catalogue_code != "")),
        )
    )  # fmt: skip
    for reopen_of, asset_id, code, reported_at in rows:
        if reopen_of is not None:
            again[reopen_of].append(reported_at)
        if asset_id is not None and code:
            at_places[asset_id, code].append(reported_at)
    return again, at_places


INDICATOR = Indicator(
    id="I07",
    key="recurrence_rate",
    label=Label(zh="复发率", en="Recurrence rate"),
    formula=Label(
        zh="销号后180天内重新开启或同一部位同类隐患再次发现的 ÷ 观察期（180天）在本期届满的已销号隐患",
        en="re-opened, or found again there with the same code within 180 days ÷ cancelled ones whose 180 days end in the period",
    ),
    unit="percent",
    better="less",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="同一部位换一个隐患编码上报；按部位汇总的复发清单由异常监测列出",
        en="reporting it under another code; the radar lists places that recur whatever the code",
    ),
    counter=OneByOne(_cases),
    examples=(
        Example(
            Label(
                zh="四月销号三件：一件五月重新开启，一件八月同一部位再现，一件未再现：2／3",
                en="three cancelled in April: one re-opened in May, one found again at its place in August, one never: 2 of 3",
            ),
            above=2,
            below=3,
            facts=(
                {"name": "a", "closed_at": "2026-04-10", "resolution": "rectified"},
                {
                    "name": "b",
                    "closed_at": "2026-04-20",
                    "resolution": "rectified",
                    "asset": "well",
                    "catalogue_code": "VLV-G02",
                },
                {
                    "name": "c",
                    "closed_at": "2026-04-20",
                    "resolution": "rectified",
                    "asset": "well",
                    "catalogue_code": "VLV-G07",
                },
                {"reported_at": "2026-05-10", "reopen_of": "a"},
                {"reported_at": "2026-08-10", "asset": "well", "catalogue_code": "VLV-G02"},
            ),
        ),
    ),
)
