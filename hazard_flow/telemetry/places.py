"""Which site and device a signal's codes mean, looked up for a whole batch at once, within the source's organisation."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry.models import Device
from hazard_flow.telemetry.signals import Problem, Signal


@dataclass(frozen=True)
class Place:
    """Where a signal belongs; `device` None where the sender named only the site."""

    site: Asset
    device: Device | None


@dataclass
class Places:
    """The sites and devices a batch speaks of."""

    session: Session
    now: datetime
    devices: dict[tuple[uuid.UUID, str], Device]
    sites: Mapping[tuple[uuid.UUID, str], Asset]
    sites_by_id: Mapping[uuid.UUID, Asset]

    def find(self, home_id: uuid.UUID, signal: Signal) -> Place | Problem:
        """The place of a signal. A registered device stands where it is registered, whatever the message says or leaves out.

        A device nobody registered is entered as such at the site it names: a detector in alarm counts before its paperwork.
        """
        device = self.devices.get((home_id, signal.device)) if signal.device else None
        if device is not None:
            return Place(self.sites_by_id[device.site_id], device)
        site = self.sites.get((home_id, signal.site)) if signal.site else None
        if site is None:
            named = f"{signal.site or ''} {signal.device or ''}".strip()
            return Problem("unknown_place" if named else "no_place", named[:160])
        if signal.device:
            device = Device(
                home_id=home_id,
                code=signal.device,
                site_id=site.id,
                registered=False,
                created_at=self.now,
                status="unknown",
            )
            self.session.add(device)
            self.session.flush()
            self.devices[home_id, signal.device] = device
        return Place(site, device)


def look_up(session: Session, wanted: Sequence[tuple[uuid.UUID, Signal]], *, now: datetime) -> Places:
    """Read all sites and devices named by these (home, signal) pairs: three queries, whatever their number."""
    homes = {home for home, _ in wanted}
    device_codes = {signal.device for _, signal in wanted if signal.device}
    site_codes = {signal.site for _, signal in wanted if signal.site}
    devices = session.scalars(
        sa.select(Device).where(Device.home_id.in_(homes), Device.code.in_(device_codes))
    ).all()
    named = session.scalars(
        sa.select(Asset).where(Asset.home_id.in_(homes), Asset.code.in_(site_codes))
    ).all()
    by_id = {site.id: site for site in named}
    by_id |= _sites(session, {device.site_id for device in devices} - by_id.keys())
    return Places(
        session=session,
        now=now,
        devices={(device.home_id, device.code): device for device in devices},
        sites={(site.home_id, site.code): site for site in named},
        sites_by_id=by_id,
    )


def _sites(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Asset]:
    wanted = sorted(ids)
    return (
        {site.id: site for site in session.scalars(sa.select(Asset).where(Asset.id.in_(wanted)))}
        if wanted
        else {}
    )
