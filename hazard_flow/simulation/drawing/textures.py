"""Surfaces: seeded fractal noise coloured and embossed into concrete, soil, rust, tile and the like."""

from collections.abc import Sequence
from functools import cache, lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

Colour = tuple[int, int, int]
Size = tuple[int, int]

#: noise plates are made once per process and cut at random places, which is ten times faster than fresh noise
_PLATE: Size = (1300, 1100)
_EMBOSS = ImageFilter.Kernel((3, 3), (-2, -1, 0, -1, 0, 1, 0, 1, 2), scale=1.6, offset=128)


@cache
def _plate(kind: str) -> Image.Image:
    if kind == "relief":
        return Image.blend(_plate("fine"), _plate("grain"), 0.4).filter(_EMBOSS)
    cells = {
        "fine": (2, 4),
        "grain": (3, 7, 18),
        "cloud": (150, 70, 30, 12),
        "patch": (60, 24, 9, 4),
        "broad": (420, 200, 90),
    }[kind]
    rng = Random(f"plate:{kind}")
    plate: Image.Image | None = None
    for place, cell in enumerate(cells):
        size = (_PLATE[0] // cell + 2, _PLATE[1] // cell + 2)
        layer = Image.frombytes("L", size, rng.randbytes(size[0] * size[1])).resize(
            _PLATE, Image.Resampling.BICUBIC
        )
        plate = layer if plate is None else Image.blend(plate, layer, 1 / (place + 1.6))
    assert plate is not None
    return ImageOps.autocontrast(plate, cutoff=1)


def noise(rng: Random, size: Size, kind: str) -> Image.Image:
    """A grey field of one kind: fine, grain, cloud, patch or broad."""
    plate = _plate(kind)
    if size[0] > plate.width or size[1] > plate.height:
        return plate.resize(size)
    left, top = rng.randint(0, plate.width - size[0]), rng.randint(0, plate.height - size[1])
    cut = plate.crop((left, top, left + size[0], top + size[1]))
    return ImageOps.mirror(cut) if rng.random() < 0.5 else cut


def surface(
    rng: Random, size: Size, colours: Sequence[Colour], *, kind: str = "cloud", bump: float = 0.35
) -> Image.Image:
    """A rough surface from its dark, middle and light colour; `bump` 0–1 is how strongly its grain catches the light."""
    dark, middle, light = colours
    field = Image.blend(noise(rng, size, kind), noise(rng, size, "grain"), 0.22)
    if bump > 0:
        relief = noise(rng, size, "relief")
        field = ImageChops.overlay(field, relief.point(_damped(bump)))
    return _coloured(field, dark, middle, light)


@lru_cache(maxsize=64)
def _damped(bump: float) -> list[int]:
    return [round(128 + (v - 128) * bump * 0.42) for v in range(256)]


def soft_mask(
    rng: Random, size: Size, share: float, *, kind: str = "patch", edge: float = 0.12
) -> Image.Image:
    """Irregular patches covering about `share` (0–1) of the field, with soft edges."""
    return noise(rng, size, kind).point(_threshold(share, edge))


@lru_cache(maxsize=256)
def _threshold(share: float, edge: float) -> list[int]:
    limit, ramp = 255 * (1 - share), max(1.0, 255 * edge)
    return [round(max(0.0, min(255.0, (v - limit) / ramp * 255))) for v in range(256)]


def _coloured(field: Image.Image, dark: Colour, middle: Colour, light: Colour) -> Image.Image:
    return Image.merge("RGB", (field,) * 3).point(_ramp(dark, middle, light))


@lru_cache(maxsize=512)
def _ramp(dark: Colour, middle: Colour, light: Colour) -> list[int]:
    table: list[int] = []
    for low, half, high in zip(dark, middle, light, strict=True):
        table += [round(low + (half - low) * v / 127) for v in range(128)]
        table += [round(half + (high - half) * v / 128) for v in range(1, 129)]
    return table


def concrete(rng: Random, size: Size) -> Image.Image:
    """Cast concrete with stains."""
    base = surface(rng, size, ((86, 86, 80), (128, 127, 120), (170, 168, 158)), bump=0.5)
    return Image.composite(
        surface(rng, size, ((48, 47, 42), (74, 72, 64), (96, 94, 84))),
        base,
        soft_mask(rng, size, 0.24, kind="cloud", edge=0.4),
    )


def asphalt(rng: Random, size: Size) -> Image.Image:
    """A worn road."""
    return surface(rng, size, ((48, 50, 52), (84, 85, 86), (132, 131, 128)), kind="grain", bump=0.9)


def soil(rng: Random, size: Size) -> Image.Image:
    """Dug earth with clods."""
    base = surface(rng, size, ((66, 46, 30), (122, 90, 60), (176, 140, 100)), kind="patch", bump=0.95)
    return Image.composite(
        surface(rng, size, ((40, 29, 20), (72, 54, 38), (110, 84, 60)), kind="patch"),
        base,
        soft_mask(rng, size, 0.34, edge=0.3),
    )


def grass(rng: Random, size: Size) -> Image.Image:
    """A verge: blades as short strokes over a green ground."""
    image = surface(rng, size, ((34, 52, 22), (74, 98, 44), (128, 142, 74)), kind="patch", bump=0.8)
    draw = ImageDraw.Draw(image)
    for _ in range(size[0] * size[1] // 160):
        x, y, tall = rng.randrange(size[0]), rng.randrange(size[1]), rng.randint(6, 20)
        green = rng.randint(66, 156)
        draw.line(
            (x, y, x + rng.randint(-7, 7), y - tall),
            fill=(green - rng.randint(8, 40), green, green // 3),
            width=rng.randint(1, 2),
        )
    return image


def plaster(rng: Random, size: Size, tint: Colour = (206, 202, 190)) -> Image.Image:
    """A painted wall with dirt running down."""
    dark = (tint[0] - 44, tint[1] - 46, tint[2] - 50)
    light = (min(255, tint[0] + 22), min(255, tint[1] + 22), min(255, tint[2] + 22))
    return surface(rng, size, (dark, tint, light), kind="broad", bump=0.3)


def brick(rng: Random, size: Size, unit: Size = (92, 34)) -> Image.Image:
    """A brick wall with mortar joints."""
    wall = surface(rng, size, ((92, 50, 40), (138, 82, 64), (176, 118, 94)), bump=0.7)
    draw = ImageDraw.Draw(wall, "RGBA")
    for row, top in enumerate(range(0, size[1], unit[1])):
        shift = unit[0] // 2 if row % 2 else 0
        for left in range(-shift, size[0], unit[0]):
            shade = rng.randint(-26, 26)
            draw.rectangle(
                (left, top, left + unit[0] - 5, top + unit[1] - 5),
                fill=(0, 0, 0, -shade) if shade < 0 else (240, 210, 180, shade),
            )
        draw.rectangle((0, top + unit[1] - 5, size[0], top + unit[1]), fill=(168, 160, 148, 215))
        for left in range(-shift, size[0], unit[0]):
            draw.rectangle(
                (left + unit[0] - 5, top, left + unit[0], top + unit[1]), fill=(160, 152, 140, 205)
            )
    return wall


def tiles(rng: Random, size: Size, unit: Size, tint: Colour = (214, 210, 198)) -> Image.Image:
    """Glazed tiles with dark joints and a slight difference from tile to tile."""
    wall = surface(rng, size, (_shift(tint, -30), tint, _shift(tint, 18)), kind="broad", bump=0.12)
    draw = ImageDraw.Draw(wall, "RGBA")
    for top in range(0, size[1], unit[1]):
        for left in range(0, size[0], unit[0]):
            grey = rng.choice((0, 255))
            draw.rectangle(
                (left, top, left + unit[0], top + unit[1]), fill=(grey, grey, grey, rng.randint(0, 18))
            )
            draw.line((left + 4, top + 4, left + unit[0] - 4, top + 4), fill=(255, 255, 255, 70), width=2)
            draw.line((left, top, left, top + unit[1]), fill=(96, 90, 80, 190), width=3)
        draw.line((0, top, size[0], top), fill=(96, 90, 80, 190), width=3)
    return wall


def rust(rng: Random, size: Size) -> Image.Image:
    """Layered rust from dark brown to orange."""
    base = surface(rng, size, ((52, 26, 14), (112, 56, 26), (168, 96, 44)), kind="patch", bump=1.0)
    return Image.composite(
        surface(rng, size, ((126, 64, 24), (176, 98, 40), (206, 138, 72)), kind="grain"),
        base,
        soft_mask(rng, size, 0.22),
    )


def paint(rng: Random, size: Size, tint: Colour, *, worn: float = 0.0) -> Image.Image:
    """Painted steel; `worn` 0–1 is the share that has rusted through."""
    coat = surface(rng, size, (_shift(tint, -26), tint, _shift(tint, 14)), kind="broad", bump=0.16)
    if worn <= 0:
        return coat
    spots = soft_mask(rng, size, worn)
    coat = Image.composite(rust(rng, size), coat, spots)
    return Image.composite(
        surface(rng, size, ((70, 40, 24), (120, 76, 44), (150, 104, 66))),
        coat,
        ImageChops.multiply(
            spots.filter(ImageFilter.GaussianBlur(7)), spots.point([v // 3 for v in range(256)])
        ),
    )


def wood(rng: Random, size: Size, tint: Colour = (150, 108, 66)) -> Image.Image:
    """Boards: noise stretched along the grain."""
    field = (
        noise(rng, (size[0], max(8, size[1] // 14)), "patch")
        .resize((size[1], size[0]))
        .rotate(90, expand=True)
        .resize(size)
    )
    return _coloured(field, _shift(tint, -52), tint, _shift(tint, 40))


def _shift(colour: Colour, by: int) -> Colour:
    return (
        max(0, min(255, colour[0] + by)),
        max(0, min(255, colour[1] + by)),
        max(0, min(255, colour[2] + by)),
    )
