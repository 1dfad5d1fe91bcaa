"""A close look at two pictures whose fingerprints are near: are they one photograph, whatever was done to it since?

Both are made small, freed of their broad light and shade, and laid over each other: as they are and mirrored, turned by up to two
degrees, cropped by up to 4 %. The best fit counts. Other places of the same make fit far worse, though their fingerprints may be near.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import mul

from PIL import Image, ImageFilter, ImageOps

#: pixels each way: what is turned, and what is compared
_WORK, _SIDE = 96, 40
#: radius of what counts as broad light and shade, pixels of the compared size
_BROAD = 3
_TURNS_DEGREES = (0, -1, 1, -2, 2)
_CROPS = (0.0, 0.02, 0.04)
#: share of the side lost at each edge for every degree of turning
_EDGE_A_DEGREE = 0.018

_Details = list[float]


@dataclass(frozen=True)
class Look:
    """A picture prepared for close looks; each form is made when it is first needed."""

    grey: Image.Image

    @classmethod
    def at(cls, image: Image.Image) -> "Look":
        """Prepare a decoded picture of any size."""
        return cls(image.convert("L").resize((_WORK, _WORK), Image.Resampling.BILINEAR))

    @cached_property
    def cropped(self) -> list[_Details]:
        """As it is, the edges left out more and more."""
        return [_details(self.grey, crop) for crop in _CROPS]

    @cached_property
    def upright(self) -> list[_Details]:
        """Turned and cropped."""
        return list(_forms(self.grey))

    @cached_property
    def mirrored(self) -> list[_Details]:
        """The same in a mirror."""
        return list(_forms(ImageOps.mirror(self.grey)))


def likeness(one: Look, other: Look, *, mirrored: bool) -> float:
    """How well they fit, 0–1; 1 is the same picture."""
    forms = one.mirrored if mirrored else one.upright
    best = max(sum(map(mul, form, plain)) for form in forms for plain in other.cropped)
    return float(max(0.0, min(1.0, best)))


def _forms(grey: Image.Image) -> Iterator[_Details]:
    for degrees in _TURNS_DEGREES:
        turned = grey.rotate(degrees, Image.Resampling.BILINEAR) if degrees else grey
        for crop in _CROPS:
            yield _details(turned, crop + _EDGE_A_DEGREE * abs(degrees))


def _details(grey: Image.Image, crop: float) -> _Details:
    """The fine structure as a vector of length one."""
    edge = crop * _WORK
    box = (edge, edge, _WORK - edge, _WORK - edge)
    small = grey.transform((_WORK, _WORK), Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    small = small.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    broad = small.filter(ImageFilter.GaussianBlur(_BROAD))
    fine = [a - b for a, b in zip(small.tobytes(), broad.tobytes(), strict=True)]
    mean = sum(fine) / len(fine)
    level = [value - mean for value in fine]
    length = math.sqrt(sum(map(mul, level, level)))
    return [value / length for value in level] if length else level
