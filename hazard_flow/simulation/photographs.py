"""Evidence photographs of the demo city, drawn on demand: same order, same bytes; before and after share their viewpoint."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context

from hazard_flow.simulation.drawing import close_ups, indoors, outdoors, underground
from hazard_flow.simulation.drawing.camera import Light, Shot, develop
from hazard_flow.simulation.drawing.canvas import Canvas

Scene = Callable[[Canvas], Light]

SCENES: Mapping[str, Scene] = {
    "trench": underground.trench,
    "well": underground.well,
    "cover": underground.cover,
    "pipe": underground.pipe,
    "cabinet": outdoors.cabinet,
    "marker": outdoors.marker,
    "excavation": outdoors.excavation,
    "shed": outdoors.shed,
    "tree": outdoors.tree,
    "sign": outdoors.sign,
    "riser": outdoors.riser,
    "kitchen": indoors.kitchen,
    "stall": indoors.stall,
    "bedroom": indoors.bedroom,
    "heater": indoors.heater,
    "meter": indoors.meter,
    "detector": indoors.detector,
    "cylinders": indoors.cylinders,
    "instrument": close_ups.instrument,
    "notice": close_ups.notice,
    "ledger": close_ups.ledger,
    "skid": close_ups.skid,
    "extinguisher": close_ups.extinguisher,
}
#: where daylight is the light, so that a picture taken at night needs the tablet's own
_BY_DAYLIGHT = frozenset(
    {"cover", "pipe", "cabinet", "marker", "excavation", "shed", "tree", "sign", "riser", "skid"}
)
_DAY_BEGINS, _DAY_ENDS = 6, 19


@dataclass(frozen=True)
class Order:
    """One photograph to draw."""

    scene: str
    #: names the place; the same for both views of it
    seed: str
    after: bool
    shot: Shot
    #: what the instrument's display shows
    reading: str = ""
    #: a further picture of the same view
    take: int = 0


def draw(order: Order) -> bytes:
    """The photograph as a JPEG of about 1600 × 1200 pixels with EXIF."""
    drawn, light = _scene(order.scene, order.seed, after=order.after, reading=order.reading)
    canvas = drawn.take(order.take)
    if order.scene in _BY_DAYLIGHT and not _DAY_BEGINS <= order.shot.taken_at.hour < _DAY_ENDS:
        canvas.light((640, 500), 620, ambient=0.1)
        light = replace(light, gain=light.gain * 1.15, warmth=light.warmth - 0.1, grain=10.0, vignette=0.5)
    return develop(canvas, light, order.shot)


@lru_cache(maxsize=8)
def _scene(scene: str, seed: str, *, after: bool, reading: str) -> tuple[Canvas, Light]:
    """A scene is drawn once and photographed several times: at the repair, at the re-check."""
    canvas = Canvas(f"{scene}:{seed}", after=after, reading=reading)
    return canvas, SCENES[scene](canvas)


def draw_all(orders: Sequence[Order], *, workers: int = 2) -> Iterator[bytes]:
    """The photographs in the order asked for, drawn by several processes; by this one alone when `workers` is 0."""
    if workers == 0:
        yield from map(draw, orders)
        return
    # spawn: a forked child would inherit the locks of threads that are not there any more
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(draw, orders, chunksize=6)
