"""Coordinate frames in use in China (domain 8.3), and the way between them. Pure.

WGS-84 is GPS's own. CGCS2000 (EPSG:4490), the legal national frame, agrees with it within decimetres and counts as the same here. GCJ-02 is
the shifted frame of Chinese map services. Its algorithm was never published; the one below is the public approximation known as
`wgtochina` (circulating since 2010, as in the MIT-licensed projects eviltransform and coordtransform, over the Krasovsky 1940
ellipsoid). It reproduces what map services answer to within 1–2 m. [M]
"""

import math

WGS84, CGCS2000, GCJ02 = "WGS84", "CGCS2000", "GCJ02"
#: frames a place may be given in
FRAMES = (WGS84, CGCS2000, GCJ02)
#: frames that agree with GPS to within a metre
GPS_FRAMES = frozenset({WGS84, CGCS2000, "WGS-84"})

_OTHERWISE = {
    "WGS84": WGS84,
    "EPSG4326": WGS84,
    "CRS84": WGS84,
    "OGCCRS84": WGS84,
    "CGCS2000": CGCS2000,
    "EPSG4490": CGCS2000,
    "GCJ02": GCJ02,
}
#: Krasovsky 1940: semi-major axis in metres, first eccentricity squared
_AXIS_M, _ECCENTRICITY2 = 6_378_245.0, 0.006_693_421_622_965_943
#: where the shift applies; outside, GCJ-02 is WGS-84
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
#: 1e-9 of a degree is a tenth of a millimetre
_CLOSE_ENOUGH = 1e-9
_ROUNDS_MAX = 10

LonLat = tuple[float, float]


def frame_of(words: str) -> str | None:
    """The frame a file or form names (`WGS-84`, `EPSG:4490`, `urn:ogc:def:crs:OGC:1.3:CRS84`, `gcj02`); None for any other."""
    plain = "".join(letter for letter in words.upper() if letter.isalnum())
    if plain.startswith("URNOGCDEFCRS"):
        plain = plain.removeprefix("URNOGCDEFCRS")
        authority = next((one for one in ("EPSG", "OGC") if plain.startswith(one)), "")
        plain = "EPSG" + plain[-4:] if authority == "EPSG" else "CRS84" if plain.endswith("CRS84") else plain
    return _OTHERWISE.get(plain)


def to_wgs84(lon: float, lat: float, crs: str) -> LonLat:
    """A point in WGS-84, decimal degrees; GCJ-02 is undone by iterating the way there, to within a millimetre of the approximation."""
    if crs != GCJ02:
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS_MAX):
        shifted_lon, shifted_lat = to_gcj02(guess_lon, guess_lat)
        off_lon, off_lat = shifted_lon - lon, shifted_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if abs(off_lon) < _CLOSE_ENOUGH and abs(off_lat) < _CLOSE_ENOUGH:
            break
    return guess_lon, guess_lat


def to_gcj02(lon: float, lat: float) -> LonLat:
    """A point of WGS-84 as Chinese map services show it, decimal degrees."""
    if not (_WEST < lon < _EAST and _SOUTH < lat < _NORTH):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    radians = math.radians(lat)
    sine = math.sin(radians)
    bent = 1 - _ECCENTRICITY2 * sine * sine
    root = math.sqrt(bent)
    metres_lat = math.radians(1) * (_AXIS_M * (1 - _ECCENTRICITY2)) / (bent * root)
    metres_lon = math.radians(1) * _AXIS_M / root * math.cos(radians)
    return lon + _shift_east(x, y) / metres_lon, lat + _shift_north(x, y) / metres_lat


def _waves(x: float) -> float:
    return (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0


def _shift_north(x: float, y: float) -> float:
    """In metres."""
    metres = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + _waves(x)
    metres += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    return metres + (160.0 * math.sin(y / 12.0 * math.pi) + 320 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0


def _shift_east(x: float, y: float) -> float:
    """In metres."""
    metres = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + _waves(x)
    metres += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    return metres + (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
