"""Recorded samples as series for a replay: out of the database, or out of a CSV file, and into one."""

import csv
import io
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry.models import Device, StoredSignal
from hazard_flow.telemetry.recorded import evaluated
from hazard_flow.telemetry.replay import Series, Spot
from hazard_flow.telemetry.signals import observed_instant

COLUMNS = (
    "site",
    "device",
    "quantity",
    "observed_at",
    "value",
    "received_at",
    "gateway",
    "upstream",
    "expect_every_seconds",
)
NEEDED = ("site", "device", "quantity", "observed_at", "value")


@dataclass(frozen=True)
class Record:
    """Samples by device and quantity, and where the devices stand."""

    topology: Mapping[str, Spot]
    series: tuple[Series, ...]


class RecordRefused(Exception):
    """A line of a file is no sample; says which and why."""


class _Collector:
    def __init__(self) -> None:
        self.topology: dict[str, Spot] = {}
        self._samples: dict[tuple[str, str], tuple[array[float], array[float], array[float]]] = {}

    def add(self, device: str, quantity: str, observed: float, value: float, received: float) -> None:
        columns = self._samples.setdefault((device, quantity), (array("d"), array("d"), array("d")))
        for column, number in zip(columns, (observed, value, received), strict=True):
            column.append(number)

    def record(self) -> Record:
        return Record(
            self.topology,
            tuple(
                Series(device, quantity, *columns) for (device, quantity), columns in self._samples.items()
            ),
        )


def from_database(session: Session, *, since: datetime, until: datetime) -> Record:
    """The samples observed in a span. Codes are made unique by the organisation where two have the same."""
    collector = _Collector()
    gateway, upstream = aliased(Asset), aliased(Asset)
    rows = session.execute(
        sa.select(Device, Asset.code, gateway.code, upstream.code)
        .join(Asset, Asset.id == Device.site_id)
        .outerjoin(gateway, gateway.id == Device.gateway_id)
        .outerjoin(upstream, upstream.id == Device.upstream_id)
    )
    names: dict[object, str] = {}
    for device, site, gate, supply in rows:
        name = device.code if device.code not in collector.topology else f"{device.code}@{device.id.hex[:6]}"
        names[device.id] = name
        every = timedelta(seconds=device.expect_every_seconds) if device.expect_every_seconds else None
        collector.topology[name] = Spot(site, gate, supply, every)
    samples = session.execute(
        sa.select(
            StoredSignal.device_id,
            StoredSignal.quantity,
            StoredSignal.observed_at,
            StoredSignal.value,
            StoredSignal.received_at,
        )
        .where(StoredSignal.observed_at >= since, StoredSignal.observed_at <= until, evaluated())
        .order_by(StoredSignal.observed_at)
        .execution_options(yield_per=5_000)
    )
    for device_id, quantity, observed, value, received in samples:
        if device_id in names and value is not None:
            collector.add(names[device_id], quantity, observed.timestamp(), value, received.timestamp())
    return collector.record()


def from_csv(lines: Iterable[str]) -> Record:
    """The samples of a file with the columns `NEEDED` and any others of `COLUMNS`; raises `RecordRefused`."""
    reader = csv.DictReader(lines)
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise RecordRefused(f"1: no column {', '.join(missing)}")
    collector = _Collector()
    for row in reader:
        try:
            _take(collector, row)
        except ValueError as error:
            raise RecordRefused(f"{reader.line_num}: {error}") from error
    return collector.record()


def _take(collector: _Collector, row: Mapping[str, str | None]) -> None:
    device = row["device"] or ""
    if not device:
        raise ValueError("no device")
    if device not in collector.topology:
        every = row.get("expect_every_seconds")
        collector.topology[device] = Spot(
            row["site"] or device,
            row.get("gateway") or None,
            row.get("upstream") or None,
            timedelta(seconds=float(every)) if every else None,
        )
    observed = _seconds(row["observed_at"])
    received = _seconds(row["received_at"]) if row.get("received_at") else observed
    collector.add(device, row["quantity"] or "", observed, float(row["value"] or ""), received)


def _seconds(stamp: str | None) -> float:
    instant, remark = observed_instant(stamp or None, datetime.max.replace(tzinfo=UTC) - timedelta(days=1))
    if remark or not stamp:
        raise ValueError(f"{stamp!r} is no instant")
    return instant.timestamp()


def to_csv(record: Record) -> Iterator[str]:
    """The record as lines of a file that `from_csv` reads."""
    yield ",".join(COLUMNS) + "\n"
    for series in record.series:
        spot = record.topology[series.device]
        every = "" if spot.expect_every is None else f"{spot.expect_every.total_seconds():g}"
        received = series.observed if series.received is None else series.received
        for observed, value, came in zip(series.observed, series.values, received, strict=True):
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow(
                (
                    spot.site,
                    series.device,
                    series.quantity,
                    _stamp(observed),
                    f"{value:g}",
                    _stamp(came),
                    spot.gateway or "",
                    spot.upstream or "",
                    every,
                )
            )
            yield line.getvalue()


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
