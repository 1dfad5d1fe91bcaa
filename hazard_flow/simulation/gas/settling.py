"""The gas city's sites and detectors entered in a database through the ordinary operations, for whoever feeds its messages in."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.operations import add_asset
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.simulation.gas.places import Site
from hazard_flow.telemetry.devices.operations import enter

#: the south-west corner of the grid the sites stand on, and how far apart they are, degrees
WEST, SOUTH, APART = 119.36, 32.36, 0.006
#: sites side by side
A_ROW = 15


def settle_sites(session: Session, standing: Sequence[Site], *, owner: Organisation, now: datetime) -> None:
    """Enter the regulators, every site with its detectors, and the gateways they speak through, as the owner's.

    A gateway hangs in the first of the wells it serves.
    """
    for code in dict.fromkeys(site.regulator for site in standing):
        label = Label(zh=f"{code} 调压站", en=f"Regulator station {code}")
        add_asset(session, organisation=owner, code=code, kind="regulator", label=label, now=now)
    gateways: set[str] = set()
    for site in standing:
        row, column = divmod(site.number, A_ROW)
        add_asset(
            session,
            organisation=owner,
            code=site.code,
            kind="valve_well",
            label=Label(zh=f"{site.code} 阀井", en=f"Valve well {site.code}"),
            now=now,
            address=f"{site.segment} 管段 {site.number % A_ROW + 1} 号井",
            lon=WEST + column * APART,
            lat=SOUTH + row * APART,
        )
        session.flush()
        here = {"site": site.code, "upstream": site.regulator}
        if site.gateway not in gateways:
            gateways.add(site.gateway)
            enter(session, {**here, "code": site.gateway, "kind": "gateway"}, now=now, by=None)
        for detector in site.detectors:
            given = {**here, "code": detector, "kind": "gas_detector", "gateway": site.gateway}
            enter(session, given, now=now, by=None)


def is_settled(session: Session, standing: Sequence[Site]) -> bool:
    """Whether the first of these sites is there: they are entered together."""
    return session.scalars(sa.select(Asset.id).where(Asset.code == standing[0].code)).first() is not None
