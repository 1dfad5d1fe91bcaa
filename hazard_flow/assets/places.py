"""Points on the ground and the metres between them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_EARTH_M = 6_371_000
#: national frames that agree with GPS to within a metre; the shifted ones of map services do not
_GPS_FRAMES = frozenset({"WGS84", "WGS-84", "CGCS2000"})


@dataclass(frozen=True)
class Place:
    """A point in GPS's frame, and how unsure it is."""

    lon: float
    lat: float
    accuracy_m: float = 0.0

    @classmethod
    def of(cls, thing: Any) -> "Place | None":
        """The point of a form, a piece of evidence, an asset or a hazard; None without one, or in a frame that can't be compared."""
        lon, lat = _said(thing, "lon"), _said(thing, "lat")
        if lon is None or lat is None or (_said(thing, "crs") or "WGS84") not in _GPS_FRAMES:
            return None
        return cls(float(lon), float(lat), float(_said(thing, "accuracy_m") or 0))

    def metres_to(self, other: "Place") -> float:
        """Along the ground, by the least it can be given how unsure both are."""
        a, b = math.radians(self.lat), math.radians(other.lat)
        half = math.sin((b - a) / 2) ** 2
        half += math.cos(a) * math.cos(b) * math.sin(math.radians(other.lon - self.lon) / 2) ** 2
        whole = 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))
        return max(0.0, whole - self.accuracy_m - other.accuracy_m)


def _said(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
