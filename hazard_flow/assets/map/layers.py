"""What a map can show: features of the house register a layer each; the page and its API ask them for what lies in a viewport.

Positions are WGS-84, decimal degrees, (longitude, latitude). A layer never answers with more than its limits: it counts instead
(`Cluster`), or stops and the answer says that something was left out.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label

LonLat = tuple[float, float]

#: features of one layer in one answer; what goes beyond it is left out, and the answer says so
FEATURES_MAX = 3_000
#: things of one layer a list names
LISTED_MAX = 20
#: pixels of a side of the cells in which things are counted where they lie too close to be told apart
CELL_PX = 56
#: from this zoom on things stand by themselves; farther out a layer of many counts them by cell
ZOOM_SINGLE = 16
ZOOM_MIN, ZOOM_MAX = 3, 19
#: pixels of the whole world's side at zoom 0, as map servers and browsers count
_TILE_PX = 256


@dataclass(frozen=True)
class Viewport:
    """What somebody looks at: a box in decimal degrees, and how close."""

    west: float
    south: float
    east: float
    north: float
    zoom: int

    @property
    def cell_lon(self) -> float:
        """Degrees of longitude of one counting cell."""
        return CELL_PX * 360 / float(_TILE_PX * 2**self.zoom)

    @property
    def cell_lat(self) -> float:
        """Degrees of latitude of one counting cell, about as high as it is wide in the middle of the view."""
        return self.cell_lon * math.cos(math.radians((self.south + self.north) / 2))

    @property
    def pixel_lon(self) -> float:
        """Degrees of longitude of one pixel."""
        return self.cell_lon / CELL_PX

    @property
    def is_single(self) -> bool:
        """Whether things are near enough to stand by themselves."""
        return self.zoom >= ZOOM_SINGLE


@dataclass(frozen=True, slots=True)
class Point:
    """One thing at one place. `style`: key of a `Style` of its layer."""

    lon: float
    lat: float
    style: str
    #: a ring around it: the thing is overdue, in alarm, or the like
    ring: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """So many things near one place, drawn in the look of the worst of them; with `parts`, as a ring of their shares."""

    lon: float
    lat: float
    count: int
    style: str
    ring: bool = False
    #: (style, how many), in the order of the legend
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A line: a pipe, a track."""

    points: Sequence[LonLat]
    style: str


@dataclass(frozen=True, slots=True)
class Area:
    """A patch: a district, a lake. The first ring is its edge, the others are holes."""

    rings: Sequence[Sequence[LonLat]]
    style: str
    #: written in its middle
    name: Label | None = None


Feature = Point | Cluster | Way | Area


@dataclass(frozen=True)
class Style:
    """How things of one kind look, and what the legend calls them."""

    key: str
    #: key of the sentence in messages.yaml
    label: str
    #: name of a colour of hf.css without its dashes: `r1`, `brand`, `ink-3`, `tier-2`
    colour: str
    #: dot, square, diamond, triangle, octagon, cross, house, hexagon, bar; of lines and areas meaningless
    shape: str = "dot"
    #: width of a shape or of a line in pixels
    size_px: float = 10
    #: of a line: pixels drawn and left out
    dash: tuple[int, ...] = ()
    #: name of the colour of a shape's outline; the ground's where empty
    edge: str = ""
    #: whether the legend names it
    is_listed: bool = True


@dataclass(frozen=True)
class Listed:
    """One thing of the list beside the map, and of the panel that opens where somebody points: in the reader's language."""

    title: str
    href: str
    note: str = ""
    #: key of its look
    style: str = ""
    ring: bool = False
    #: (what, value) pairs, for the panel
    facts: Sequence[tuple[str, str]] = ()


#: (session, viewport, now) → what lies there; the layer's own right has been asked for, the session's scope still counts
Draws = Callable[[Session, Viewport, datetime], Iterable[Feature]]
#: (session, viewport, locale, now) → what there is to name in a view, the most urgent first, at most `LISTED_MAX`. The panel asks the
#: same of a box of some pixels around the place somebody points at.
Lists = Callable[[Session, Viewport, str, datetime], Sequence[Listed]]


@dataclass(frozen=True)
class Layer:
    """One layer. `order` is its place in the switch, and above which others it is drawn: the higher, the further up."""

    key: str
    #: key of the sentence in messages.yaml
    label: str
    #: who may see it
    right: str
    order: int
    draws: Draws
    #: its looks by key, in the order of the legend
    styles: tuple[Style, ...] = ()
    lists: Lists | None = None
    #: shown unless somebody puts it away
    is_on: bool = True
    #: drawn from what does not change by the minute: an answer may be up to half a minute old
    is_still: bool = False
    #: what a ring means here: key of the sentence; empty where there are none
    ring: str = ""
    #: whether its features are lines: the legend draws strokes
    is_lines: bool = False
    #: topic of `web.live` after whose changes it is asked for again
    follows: str = ""


@dataclass(frozen=True)
class Layers:
    """The registered layers by key, in order."""

    by_key: dict[str, Layer] = field(default_factory=dict)

    def register(self, layer: Layer) -> None:
        """One more."""
        assert layer.key not in self.by_key, f"the layer {layer.key!r} is registered already"
        self.by_key[layer.key] = layer
        ordered = sorted(self.by_key.values(), key=lambda one: one.order)
        self.by_key.clear()
        self.by_key.update({one.key: one for one in ordered})
