"""I19: hours registered detectors were heard, of the hours they were there [D]."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.counting import OfFeature
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label
from hazard_flow.telemetry.models import Alert, Device

#: the rule that speaks of a detector that is not heard
SILENT = "silent"
_HOUR = timedelta(hours=1)


class Watched(NamedTuple):
    """One detector within a period: from when on it was there, and the spans it was not heard."""

    since: datetime
    until: datetime
    silences: tuple[tuple[datetime, datetime], ...]


def counts(devices: Iterable[Watched]) -> tuple[float, float]:
    """Hours heard and hours due. Spans of one detector do not overlap: one episode ends before the next begins."""
    due = dark = timedelta(0)
    for one in devices:
        due += one.until - one.since
        for begun, ended in one.silences:
            dark += max(timedelta(0), min(ended, one.until) - max(begun, one.since))
    return (due - dark) / _HOUR, due / _HOUR


def _sums(
    session: Session, homes: Sequence[uuid.UUID], frame: Frame
) -> Mapping[uuid.UUID, tuple[float, float]]:
    silences: dict[uuid.UUID, list[tuple[datetime, datetime]]] = {}
    for device_id, begun, ended in session.execute(
        sa.select(Alert.device_id, Alert.started_at, Alert.ended_at)
        .join(Device, Device.id == Alert.device_id)
        .where(
            Alert.rule == SILENT,
            Alert.merged_into_id.is_(None),
            Device.home_id.in_(list(homes)),
            Alert.started_at < frame.until_at,
            sa.or_(Alert.ended_at.is_(None), Alert.ended_at > frame.begins_at),
        )
    ):
        assert device_id is not None, "joined by it"
        silences.setdefault(device_id, []).append((begun, ended or frame.until_at))
    watched: dict[uuid.UUID, list[Watched]] = {}
    for device_id, home, created_at in session.execute(
        sa.select(Device.id, Device.home_id, Device.created_at).where(
            Device.home_id.in_(list(homes)),
            Device.registered.is_(True),
            Device.expect_every_seconds.is_not(None),
            Device.created_at < frame.until_at,
        )
    ):
        since = max(created_at, frame.begins_at)
        watched.setdefault(home, []).append(
            Watched(since, frame.until_at, tuple(silences.get(device_id, ())))
        )
    return {home: counts(devices) for home, devices in watched.items()}


INDICATOR = Indicator(
    id="I19",
    key="devices_online",
    label=Label(zh="监测设备在线率", en="Detectors online"),
    formula=Label(
        zh="监测设备在线小时数 ÷ 应在线小时数", en="hours detectors were heard ÷ hours they were registered"
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="注销常掉线的设备；登记与注销均留痕",
        en="taking detectors that fail off the register; that is on record",
    ),
    counter=OfFeature(_sums, page="/devices", pure=counts),
    examples=(
        Example(
            Label(
                zh="两台设备各应在线24小时，一台失联6小时：42／48",
                en="two detectors for 24 hours, one not heard for 6: 42 of 48",
            ),
            above=42,
            below=48,
            given=(
                {
                    "since": "2026-10-03",
                    "until": "2026-10-04",
                    "silences": (("2026-10-03T06:00", "2026-10-03T12:00"),),
                },
                {"since": "2026-10-03", "until": "2026-10-04", "silences": ()},
            ),
        ),
    ),
)
