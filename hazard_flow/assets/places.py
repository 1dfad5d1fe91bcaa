"""Points on the ground and the metres between them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hazard_flow.assets.frames import FRAMES, GPS_FRAMES, WGS84, to_wgs84

_EARTH_M = 6_371_000
#: how far the approximation of a shifted frame may be out
_FRAME_M = 2.0


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
        crs = _said(thing, "crs") or WGS84
        if lon is None or lat is None or (crs not in GPS_FRAMES and crs not in FRAMES):
            return None
        unsure_m = float(_said(thing, "accuracy_m") or 0)
        if crs not in GPS_FRAMES:
            unsure_m += _FRAME_M
        lon, lat = to_wgs84(float(lon), float(lat), crs)
        return cls(lon, lat, unsure_m)

    def metres_to(self, other: "Place") -> float:
        """Along the ground, by the least it can be given how unsure both are."""
        a, b = math.radians(self.lat), math.radians(other.lat)
        half = math.sin((b - a) / 2) ** 2
        half += math.cos(a) * math.cos(b) * math.sin(math.radians(other.lon - self.lon) / 2) ** 2
        whole = 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))
        return max(0.0, whole - self.accuracy_m - other.accuracy_m)


def _said(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
