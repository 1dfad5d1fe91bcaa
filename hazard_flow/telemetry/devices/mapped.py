"""Sites with devices on a map: where each is, how many devices it has, and the worst that is the matter there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hazard_flow.telemetry.devices.states import PLACES

#: rows of site and state read for one map; beyond it the worst are still there, because they come first
SITES_MAX = 5_000


@dataclass
class MappedSite:
    """One site."""

    code: str
    name: str
    address: str
    lon: float | None
    lat: float | None
    #: state → how many devices, the worst first
    devices: dict[str, int]
    alarm_level: int

    @property
    def state(self) -> str:
        """The worst state of its devices."""
        return next(iter(self.devices))

    @property
    def total(self) -> int:
        """How many devices it has."""
        return sum(self.devices.values())

    def feature(self) -> dict[str, Any]:
        """The site as GeoJSON; positions as stored, WGS-84."""
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [self.lon, self.lat]},
            "properties": {
                "code": self.code,
                "name": self.name,
                "state": self.state,
                "alarm_level": self.alarm_level,
                "devices": self.devices,
            },
        }


def features(rows: Sequence[Any], locale: str) -> list[MappedSite]:
    """The sites of `queries.places`, the worst first; a national frame that is shifted has no place on the map."""
    found: dict[Any, MappedSite] = {}
    for site, place, devices, alarm_level in rows:
        state = PLACES[place]
        if site.id not in found:
            is_placed = site.crs in ("WGS84", "WGS-84", "CGCS2000")
            found[site.id] = MappedSite(
                code=site.code,
                name=site.label.in_(locale),
                address=site.address,
                lon=site.lon if is_placed and site.lat is not None else None,
                lat=site.lat if is_placed and site.lon is not None else None,
                devices={},
                alarm_level=0,
            )
        found[site.id].devices[state] = found[site.id].devices.get(state, 0) + devices
        found[site.id].alarm_level = max(found[site.id].alarm_level, alarm_level)
    return list(found.values())
