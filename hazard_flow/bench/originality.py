"""How well a photograph used again is found, and how often different ones are taken for the same; and what a look-up costs among a million.

All photographs are synthetic: drawn by the demo city's painter, several of every kind of scene, which makes them more alike than real
places are. A photograph from outside would need a licence we can't give. The thresholds of `hazards/originality/rules.v2.yaml` marked `B`
were chosen by these figures.
"""

import io
import itertools
import math
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from PIL import Image, ImageEnhance, ImageOps
from rich.progress import track
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from hazard_flow.bench import Bar, Line, Options
from hazard_flow.evidence.display import make_copies
from hazard_flow.evidence.fingerprints import BITS, DISTANCE_MAX, Fingerprint, Prints, prints_of
from hazard_flow.evidence.likeness import Look, likeness
from hazard_flow.evidence.models import PhotoPrint
from hazard_flow.evidence.similar import columns, near
from hazard_flow.hazards.originality.rules import shipped_rules
from hazard_flow.simulation.drawing.camera import Shot
from hazard_flow.simulation.photographs import SCENES, Order, draw_all
from hazard_flow.storage import tables
from hazard_flow.storage.base import new_id

#: of every kind of scene: 23 × 9 = 207 different photographs
PLACES, PLACES_QUICK = 9, 1
STORED, STORED_QUICK = 1_000_000, 20_000
LOOK_UPS = 50
#: likeness from which on two are taken for one; the middle one is chosen
PERCENTS = (85, 90, 93, 96)
_AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
_INSERTED_AT_ONCE = 20_000

Disguise = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class Seen:
    """A photograph as the evidence store keeps its small copy."""

    image: Image.Image
    prints: Prints
    look: Look


def run(options: Options) -> Sequence[Line]:
    """Detection by disguise and threshold, false warnings by threshold, and the look-up among many stored fingerprints."""
    print("All photographs are synthetic, drawn for this measurement. 全部照片为程序绘制，非实拍。")
    originals = list(_photographs(PLACES_QUICK if options.quick else PLACES))
    seen = [_seen(data) for data in track(originals, description="fingerprints")]
    lines = [Line("photographs", len(seen), "pieces", "synthetic, all different")]
    lines += _detection(originals, seen)
    lines += _false_warnings(seen)
    lines += _look_up(seen, STORED_QUICK if options.quick else STORED)
    return lines


def _photographs(places: int) -> Iterator[bytes]:
    orders = [
        Order(
            scene,
            f"bench:{place}:{scene}",
            after=False,
            shot=Shot(_AT + timedelta(minutes=n), 119.4, 32.4, device="TB-003"),
        )
        for n, (place, scene) in enumerate(itertools.product(range(places), SCENES))
    ]
    yield from track(draw_all(orders, workers=2), total=len(orders), description="drawing")


def _seen(data: bytes) -> Seen:
    with Image.open(io.BytesIO(make_copies(data, "image/jpeg").thumb)) as thumb:
        image = thumb.convert("L")
    prints = prints_of(image)
    assert prints is not None, "a drawn photograph has something to see"
    return Seen(image, prints, Look.at(image))


# detection


def _detection(originals: Sequence[bytes], seen: Sequence[Seen]) -> Iterator[Line]:
    chosen = shipped_rules().limit("likeness_percent")
    for name, disguise in DISGUISES.items():
        fits = [
            _fit(_seen(_saved(disguise(_opened(data)))), original)
            for data, original in track(zip(originals, seen, strict=True), total=len(seen), description=name)
        ]
        for percent in PERCENTS:
            found = sum(fit >= percent / 100 for fit in fits)
            bar = Bar(90, at_least=True) if percent == chosen else None
            yield Line(f"found: {name} @{percent}", 100 * found / len(fits), "%", "of all", bar=bar)


def _fit(one: Seen, other: Seen) -> float:
    """What the worker would find: nothing where the fingerprints are not near, else the better of both close looks."""
    upright, mirrored = (p.distance(other.prints.upright) for p in (one.prints.upright, one.prints.mirrored))
    if min(upright, mirrored) > shipped_rules().limit("near_bits"):
        return 0.0
    return likeness(one.look, other.look, mirrored=mirrored < upright)


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def _saved(image: Image.Image, quality: int = 75) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _cropped(image: Image.Image, share: float) -> Image.Image:
    x, y = round(image.width * share), round(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


def _turned(image: Image.Image, degrees: float) -> Image.Image:
    """Turned, and cropped to what holds no empty corner."""
    slope = math.tan(math.radians(abs(degrees)))
    x, y = round(image.height * slope / 2) + 1, round(image.width * slope / 2) + 1
    turned = image.rotate(degrees, Image.Resampling.BICUBIC)
    return turned.crop((x, y, image.width - x, image.height - y))


def _saved_badly(image: Image.Image) -> Image.Image:
    return _opened(_saved(image, quality=40))


DISGUISES: Mapping[str, Disguise] = {
    "saved at quality 40": _saved_badly,
    "resized to 640": lambda image: image.resize((640, 480)),
    "brighter by 25 %": lambda image: ImageEnhance.Brightness(image).enhance(1.25),
    "darker by 25 %": lambda image: ImageEnhance.Brightness(image).enhance(0.75),
    "cropped by 2 %": lambda image: _cropped(image, 0.02),
    "turned by 2 degrees": lambda image: _turned(image, 2),
    "mirrored": ImageOps.mirror,
    "mirrored and cropped": lambda image: _cropped(ImageOps.mirror(image), 0.02),
    "cropped, brighter, saved": lambda image: _saved_badly(
        ImageEnhance.Brightness(_cropped(image, 0.02)).enhance(1.15)
    ),
}


# false warnings


def _false_warnings(seen: Sequence[Seen]) -> Iterator[Line]:
    limit, chosen = shipped_rules().limit("near_bits"), shipped_rules().limit("likeness_percent")
    fits = dict.fromkeys(range(len(seen)), 0.0)
    near_pairs = 0
    pairs = list(itertools.combinations(range(len(seen)), 2))
    for a, b in track(pairs, description="different photographs"):
        if any(
            p.distance(seen[b].prints.upright) <= limit
            for p in (seen[a].prints.upright, seen[a].prints.mirrored)
        ):
            near_pairs += 1
            fit = _fit(seen[a], seen[b])
            fits[a], fits[b] = max(fits[a], fit), max(fits[b], fit)
    share = 100 * near_pairs / len(pairs)
    yield Line("near by fingerprint alone", share, "%", f"of {len(pairs)} different pairs")
    for percent in PERCENTS:
        warned = sum(fit >= percent / 100 for fit in fits.values())
        bar = Bar(2, at_least=False) if percent == chosen else None
        yield Line(
            f"false warnings @{percent}", 100 * warned / len(seen), "%", "of different photos", bar=bar
        )


# a million


def _look_up(seen: Sequence[Seen], stored: int) -> Iterator[Line]:
    """Stored fingerprints are those of the photographs with many bits turned: as uneven as real ones, not as even as dice."""
    tables.load()  # the table refers to others
    dice = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        engine = sa.create_engine(f"sqlite:///{Path(folder) / 'prints.db'}")
        table = PhotoPrint.__table__
        with engine.begin() as connection:
            connection.execute(CreateTable(table))  # type: ignore[arg-type] # filled first, indexed at the end
            for start in track(range(0, stored, _INSERTED_AT_ONCE), description="storing"):
                rows = [
                    _row(_blurred(dice.choice(seen).prints.upright, dice))
                    for _ in range(start, start + _INSERTED_AT_ONCE)
                ]
                connection.execute(sa.insert(PhotoPrint), rows)
            for index in table.indexes:  # type: ignore[attr-defined] # a table has them
                index.create(connection)
        took, missed = [], 0
        with Session(engine) as session:
            for one in dice.choices(seen, k=LOOK_UPS):
                hidden = _row(_turned_bits(one.prints.upright, dice, DISTANCE_MAX))
                session.execute(sa.insert(PhotoPrint), [hidden])
                started = time.perf_counter()
                found = near(session, one.prints, distance_max=DISTANCE_MAX, limit=stored)
                took.append((time.perf_counter() - started) * 1000)
                missed += hidden["evidence_id"] not in {n.evidence_id for n in found}
                session.rollback()
        engine.dispose()
    yield Line(
        f"look-up among {stored}",
        statistics.median(took),
        "ms",
        "median, SQLite",
        bar=Bar(100, at_least=False),
    )
    yield Line(f"look-up among {stored}: p95", statistics.quantiles(took, n=20)[18], "ms", "SQLite")
    yield Line(
        f"missed at {DISTANCE_MAX} bits", missed, "pieces", f"of {LOOK_UPS}", bar=Bar(0, at_least=False)
    )


def _row(one: Fingerprint) -> dict[str, object]:
    return {"evidence_id": new_id(), "hazard_id": new_id(), "display_sha256": "", **columns(one)}


def _blurred(one: Fingerprint, dice: random.Random) -> Fingerprint:
    """Another photograph's fingerprint made of one: each bit turned with one chance in four."""
    return Fingerprint(
        *(n ^ (dice.getrandbits(BITS) & dice.getrandbits(BITS)) for n in (one.phash, one.dhash))
    )


def _turned_bits(one: Fingerprint, dice: random.Random, count: int) -> Fingerprint:
    """So many bits of each number turned."""
    masks = (sum(1 << place for place in dice.sample(range(BITS), count)) for _ in range(2))
    return Fingerprint(one.phash ^ next(masks), one.dhash ^ next(masks))
