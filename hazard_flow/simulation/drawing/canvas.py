"""A canvas with one light: faces in perspective, tubes, soft shadows, stains. Scenes draw on it; the camera develops it."""

from collections.abc import Sequence
from copy import copy
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from hazard_flow.simulation.drawing import textures
from hazard_flow.simulation.drawing.textures import Colour, Size

Point = tuple[float, float]
#: what scenes draw in; pixels are fewer, because the camera enlarges and adds its own grain
WIDTH, HEIGHT = 1280, 960
SCALE = 0.65
PIXELS: Size = (round(WIDTH * SCALE), round(HEIGHT * SCALE))


class Canvas:
    """The picture being made. `after` says whether the scene is drawn as found or as mended; all randomness comes from `rng`."""

    def __init__(self, seed: str, *, after: bool, reading: str = "") -> None:
        self.image = Image.new("RGB", PIXELS, (90, 90, 88))
        self.seed = seed
        self.after = after
        #: what an instrument in the picture shows
        self.reading = reading
        #: the same for both views, so that they share their viewpoint and their walls
        self.rng = Random(seed)
        #: how the picture is framed: the same for both views
        self.frame = Random(f"{seed}:frame")
        #: differs between the two views, and from take to take: weather, dirt, hand
        self.hand = Random(f"{seed}:{after}")
        #: mirrored scenes differ from their twins at other places; scenes with figures or letters turn it off
        self.may_mirror = True

    def take(self, number: int) -> "Canvas":
        """What is drawn, to be photographed once more."""
        again = copy(self)
        again.frame = Random(f"{self.seed}:frame")
        again.hand = Random(f"{self.seed}:{self.after}:{number}")
        return again

    def face(
        self, texture: Image.Image, quad: Sequence[Point], *, light: float = 1.0, soft: float = 0.8
    ) -> None:
        """A flat texture seen in perspective; `quad` runs from its upper left corner clockwise."""
        quad = _scaled(quad)
        left, top, right, bottom = _bounds(quad)
        size = (right - left, bottom - top)
        local = [(x - left, y - top) for x, y in quad]
        seen = texture.transform(
            size, Image.Transform.PERSPECTIVE, _perspective(local, texture.size), Image.Resampling.BILINEAR
        )
        # drawn a little smaller where the edge is soft: it must not show the nothing beyond the texture
        edge = _inset(local, soft * SCALE * 2) if soft > 1 else local
        mask = _polygon_mask(size, edge, soft * SCALE)
        self.image.paste(dim(seen, light), (left, top), mask)

    def plane(
        self, colour: Colour, points: Sequence[Point], *, soft: float = 0.8, alpha: float = 1.0
    ) -> None:
        """A patch of one colour."""
        points, soft = _scaled(points), soft * SCALE
        left, top, right, bottom = _bounds(points, pad=int(soft * 3) + 1)
        mask = _polygon_mask((right - left, bottom - top), [(x - left, y - top) for x, y in points], soft)
        if alpha < 1:
            mask = mask.point([round(v * alpha) for v in range(256)])
        self.image.paste(colour, (left, top, left + mask.width, top + mask.height), mask)

    def shadow(self, points: Sequence[Point], *, blur: float, depth: float, shift: Point = (0, 0)) -> None:
        """Darken under a shape; `depth` 0–1."""
        moved = [(x + shift[0], y + shift[1]) for x, y in points]
        self.plane((8, 9, 10), moved, soft=blur, alpha=depth)

    def oval(
        self,
        texture: Image.Image | Colour,
        centre: Point,
        radii: Point,
        *,
        soft: float = 0.8,
        alpha: float = 1.0,
    ) -> None:
        """A filled ellipse."""
        ((x, y), (rx, ry)), soft = _scaled((centre, radii)), soft * SCALE
        pad = int(soft * 3) + 2
        size = (int(rx * 2) + 2 * pad, int(ry * 2) + 2 * pad)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).ellipse((pad, pad, size[0] - pad, size[1] - pad), fill=round(255 * alpha))
        picture = (
            texture.resize(size) if isinstance(texture, Image.Image) else Image.new("RGB", size, texture)
        )
        self.image.paste(picture, (int(x - size[0] / 2), int(y - size[1] / 2)), _softened(mask, soft))

    def tube(
        self, path: Sequence[Point], width: float, colour: Colour, *, worn: float = 0.0, gloss: float = 0.6, cast: float = 0.5,
        drop: Point = (0.25, 0.55),
    ) -> None:  # fmt: skip
        """A round pipe or hose along a path.

        `worn` rusts it, `gloss` is its highlight, `cast` the depth of its shadow, `drop` how far that falls, in widths.
        """
        path, width = _scaled(path), width * SCALE
        left, top, right, bottom = _bounds(path, pad=int(width * 1.5) + 6)
        size = (right - left, bottom - top)
        local = [(x - left, y - top) for x, y in path]
        if cast > 0:
            fall = [(x + drop[0] * width, y + drop[1] * width) for x, y in local]
            mask = _stroke(size, fall, width, 255).filter(ImageFilter.BoxBlur(width * 0.3 + 1))
            self.image.paste(
                (10, 10, 11), (left, top, right, bottom), mask.point([round(v * cast) for v in range(256)])
            )
        mask = _softened(_stroke(size, local, width, 255), 0.8)
        shade = Image.new("L", size, 0)
        draw = ImageDraw.Draw(shade)
        steps = max(6, min(16, int(width / 3)))
        for step in range(steps):
            t = step / (steps - 1)
            grey = round(62 + 150 * (1 - (1 - t) ** 1.8))
            moved = [(x - width * 0.13 * t, y - width * 0.2 * t) for x, y in local]
            _line(draw, moved, width * (1 - 0.86 * t), grey)
        shade = shade.filter(ImageFilter.BoxBlur(max(0.8, width * 0.08)))
        skin = textures.paint(self.rng, size, colour, worn=worn)
        body = ImageChops.multiply(skin, Image.merge("RGB", (shade,) * 3))
        body = ImageChops.add(body, dim(skin, 0.16))
        if gloss > 0:
            shine = _stroke(
                size,
                [(x - width * 0.12, y - width * 0.2) for x, y in local],
                width * 0.16,
                round(180 * gloss),
            )
            shine = shine.filter(ImageFilter.BoxBlur(width * 0.06 + 0.6))
            if worn:
                shine = ImageChops.multiply(shine, textures.soft_mask(self.rng, size, 0.75))
            body = ImageChops.screen(body, Image.merge("RGB", (shine,) * 3))
        self.image.paste(body, (left, top), mask)

    def stain(
        self,
        box: tuple[int, int, int, int],
        colour: Colour,
        share: float,
        *,
        kind: str = "patch",
        alpha: float = 0.8,
    ) -> None:
        """Irregular dirt inside a box, fading towards its edges."""
        box = (round(box[0] * SCALE), round(box[1] * SCALE), round(box[2] * SCALE), round(box[3] * SCALE))
        size = (box[2] - box[0], box[3] - box[1])
        fade = Image.new("L", size, 0)
        ImageDraw.Draw(fade).ellipse(
            (size[0] * 0.06, size[1] * 0.06, size[0] * 0.94, size[1] * 0.94), fill=255
        )
        mask = ImageChops.multiply(
            textures.soft_mask(self.rng, size, share, kind=kind, edge=0.3),
            fade.filter(ImageFilter.GaussianBlur(min(size) * 0.1)),
        )
        self.image.paste(colour, box, mask.point([round(v * alpha) for v in range(256)]))

    def defocus(self, radius: float) -> None:
        """Blur all that is drawn so far: the background lies outside the depth of field."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * SCALE))

    def light(self, centre: Point, reach: float, *, ambient: float) -> None:
        """Light falling off from a place: `ambient` 0–1 is what the far corners keep."""
        small = Image.new("L", (64, 48))
        cx, cy = centre[0] / WIDTH * 64, centre[1] / HEIGHT * 48
        span = reach / WIDTH * 64
        far = [((x - cx) ** 2 + (y - cy) ** 2) ** 0.5 / span for y in range(48) for x in range(64)]
        small.putdata([round(255 * (1 - (1 - ambient) * min(1.0, share**1.7))) for share in far])
        fall = small.resize(PIXELS, Image.Resampling.BICUBIC)
        self.image = ImageChops.multiply(self.image, Image.merge("RGB", (fall,) * 3))

    def stroke(self, path: Sequence[Point], width: float, colour: Colour, *, alpha: float = 1.0) -> None:
        """A flat line, for small marks."""
        path = _scaled(path)
        fill = (*colour, round(255 * alpha))
        ImageDraw.Draw(self.image, "RGBA").line(
            list(path), fill=fill, width=max(1, round(width * SCALE)), joint="curve"
        )


def dim(picture: Image.Image, light: float) -> Image.Image:
    """A picture under more or less light."""
    if light == 1.0:
        return picture
    return picture.point([min(255, round(v * light)) for v in range(256)] * len(picture.getbands()))


def graded(picture: Image.Image, start: float, end: float, *, across: bool = False) -> Image.Image:
    """A picture whose light runs from `start` to `end`, top to bottom or left to right."""
    ramp = Image.new("L", (1, 64))
    ramp.putdata([max(0, min(255, round(255 * (start + (end - start) * k / 63)))) for k in range(64)])
    if across:
        ramp = ramp.rotate(90, expand=True)
    return ImageChops.multiply(picture, Image.merge("RGB", (ramp.resize(picture.size),) * 3))


def _scaled(points: Sequence[Point]) -> Sequence[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _stroke(size: Size, path: Sequence[Point], width: float, value: int) -> Image.Image:
    mask = Image.new("L", size, 0)
    _line(ImageDraw.Draw(mask), path, width, value)
    return mask


def _line(draw: ImageDraw.ImageDraw, path: Sequence[Point], width: float, value: int) -> None:
    draw.line(list(path), fill=value, width=max(1, round(width)), joint="curve")


def _polygon_mask(size: Size, points: Sequence[Point], soft: float) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon(list(points), fill=255)
    return _softened(mask, soft)


def _softened(mask: Image.Image, soft: float) -> Image.Image:
    """A mask with a soft edge; a box is a third of the work, and at less than a pixel nobody sees the difference."""
    return mask.filter(ImageFilter.GaussianBlur(soft) if soft > 1 else ImageFilter.BoxBlur(soft))


def _inset(points: Sequence[Point], by: float) -> Sequence[Point]:
    cx, cy = sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
    return [(x + (by if x < cx else -by), y + (by if y < cy else -by)) for x, y in points]


def _bounds(points: Sequence[Point], pad: int = 2) -> tuple[int, int, int, int]:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    left, top = max(-WIDTH, int(min(xs)) - pad), max(-HEIGHT, int(min(ys)) - pad)
    return left, top, min(2 * WIDTH, int(max(xs)) + pad), min(2 * HEIGHT, int(max(ys)) + pad)


def _perspective(quad: Sequence[Point], size: Size) -> tuple[float, ...]:
    """The eight coefficients that bring output pixels of `quad` back to a texture of `size`."""
    source = ((0, 0), (size[0], 0), (size[0], size[1]), (0, size[1]))
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(quad, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):
        pivot = max(range(column, 8), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(8):
            if row != column and rows[row][column]:
                share = rows[row][column] / rows[column][column]
                rows[row] = [a - share * b for a, b in zip(rows[row], rows[column], strict=True)]
    return tuple(rows[k][8] / rows[k][k] for k in range(8))
