"""Short numbers that stay near when a picture is saved again, resized, brightened or cropped a little, and how to look near ones up.

Two 64-bit numbers a picture, because what moves the one often leaves the other: `phash` by the coarse cosine waves of its brightness,
`dhash` by which of two neighbours is brighter. Near is only a hint: `likeness` looks closely at what is near.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps, ImageStat

BITS = 64
#: a number is cut into so many bands, and looked up by bands that differ in at most one bit
BANDS, BAND_BITS = 4, 16
#: two numbers no further apart than this share a band but for one bit (pigeonhole): the look-up misses none of them
DISTANCE_MAX = 2 * BANDS - 1
#: grey levels (0–255); a picture that varies less is a wall or darkness, and all of those look alike
CONTRAST_MIN = 4.0
_MASK = (1 << BAND_BITS) - 1


@dataclass(frozen=True)
class Fingerprint:
    """The two numbers of one picture."""

    phash: int
    dhash: int

    def distance(self, other: "Fingerprint") -> int:
        """How many bits differ, by the number that differs less."""
        return min((self.phash ^ other.phash).bit_count(), (self.dhash ^ other.dhash).bit_count())


@dataclass(frozen=True)
class Prints:
    """A picture as it is, and as a mirror shows it."""

    upright: Fingerprint
    mirrored: Fingerprint


def prints_of(image: Image.Image) -> Prints | None:
    """The fingerprints of a decoded picture; None where there is too little to see."""
    grey = image.convert("L")
    if ImageStat.Stat(grey).stddev[0] < CONTRAST_MIN:
        return None
    return Prints(_fingerprint(grey), _fingerprint(ImageOps.mirror(grey)))


def perceptual_hash(image: Image.Image) -> int:
    """64-bit pHash: 32 × 32 grey, the low 8 × 8 of its cosine transform against their median."""
    grey = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS).tobytes()
    rows = [[sum(grey[32 * y + x] * _COSINES[u][x] for x in range(32)) for u in range(8)] for y in range(32)]
    low = [sum(rows[y][u] * _COSINES[v][y] for y in range(32)) for v in range(8) for u in range(8)]
    ordered = sorted(low)
    median = (ordered[31] + ordered[32]) / 2
    return sum((value > median) << (63 - place) for place, value in enumerate(low))


def difference_hash(image: Image.Image) -> int:
    """64-bit dHash: 9 × 8 grey, whether each is brighter than its right neighbour."""
    grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    found = 0
    for y in range(8):
        for x in range(8):
            found = found << 1 | (grey[9 * y + x] > grey[9 * y + x + 1])
    return found


def bands(number: int) -> tuple[int, ...]:
    """The bands of a number, highest bits first."""
    return tuple(number >> BAND_BITS * place & _MASK for place in reversed(range(BANDS)))


def near_bands(band: int) -> Iterator[int]:
    """A band and those that differ from it in one bit."""
    yield band
    for place in range(BAND_BITS):
        yield band ^ 1 << place


def signed(number: int) -> int:
    """The number as a database's 64-bit integer holds it."""
    return number - (1 << BITS) if number >> BITS - 1 else number


def unsigned(number: int) -> int:
    """Back from a database."""
    return number & (1 << BITS) - 1


def _fingerprint(grey: Image.Image) -> Fingerprint:
    return Fingerprint(perceptual_hash(grey), difference_hash(grey))


_COSINES = [[math.cos(math.pi * u * (2 * x + 1) / 64) for x in range(32)] for u in range(8)]
