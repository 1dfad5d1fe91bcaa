"""Two valve wells with a detector each in the founded city, and who sends from there."""

from hazard_flow.assets.operations import add_asset
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.operations import register_device, register_source
from tests.chaos.place import Place
from tests.harness.cast import HENGCHUAN

#: device → site
DETECTORS = {"G-101": "TVW-1", "G-102": "TVW-2"}


def equip(place: Place, *, kind: str = "mqtt") -> str:
    """Wells, detectors and a source; the secret of its address."""
    now = place.application.clock.now()
    with place.database.transaction(SYSTEM) as session:
        enterprise = session.get_one(Organisation, place.founded.units[HENGCHUAN])
        for device, site in DETECTORS.items():
            well = add_asset(
                session,
                organisation=enterprise,
                code=site,
                kind="valve_well",
                label=Label(zh=f"{site} 阀井", en=f"Valve well {site}"),
                now=now,
                lon=119.4,
                lat=32.4,
            )
            register_device(session, device, site=well, now=now)
        _, token = register_source(session, kind, name=kind, organisation=enterprise, now=now)
    return token
