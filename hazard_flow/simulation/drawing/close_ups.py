"""Scenes at arm's length or in a station: instrument, signed notice, ledger, process skid, extinguishers."""

# One stroke a line: a drawing is read by its coordinates.
# fmt: off

from math import cos, pi, sin

from hazard_flow.simulation.drawing import textures as tx
from hazard_flow.simulation.drawing.camera import Light
from hazard_flow.simulation.drawing.canvas import Canvas, Point, dim, graded

YELLOW = (206, 158, 26)
#: segments a–g of a seven-segment digit, as ends on a 2 × 4 grid
_SEGMENTS: tuple[tuple[Point, Point], ...] = (
    ((0, 0), (2, 0)), ((2, 0), (2, 2)), ((2, 2), (2, 4)), ((0, 4), (2, 4)), ((0, 2), (0, 4)), ((0, 0), (0, 2)), ((0, 2), (2, 2)),
)  # fmt: skip
_DIGITS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def instrument(c: Canvas) -> Light:
    """A portable detector over the ground, its display readable: the reading before, 0 after."""
    c.may_mirror = False
    rng = c.rng
    ground = tx.asphalt(rng, (800, 620)) if rng.random() < 0.5 else tx.soil(rng, (800, 620))
    c.face(graded(ground, 0.84, 1.04), ((-60, -60), (1340, -60), (1400, 1020), (-120, 1020)))
    c.tube([(-60, 190), (1340, 110)], 150, YELLOW, worn=0.16 if not c.after else 0.02, gloss=0.35, cast=0.5)
    c.defocus(6)
    c.shadow([(420, 180), (900, 150), (1010, 990), (430, 1010)], blur=36, depth=0.62, shift=(40, 30))
    shell = (206, 120, 28)
    c.face(graded(tx.paint(rng, (300, 560), shell), 1.14, 0.84), ((430, 150), (862, 128), (900, 1010), (414, 1016)))
    c.face(graded(tx.paint(rng, (30, 560), (150, 84, 18)), 0.8, 0.6), ((862, 128), (908, 152), (950, 1010), (900, 1010)))
    c.tube([(640, 150), (650, -40)], 54, (58, 60, 62), gloss=0.5, cast=0.4)
    for k in range(6):
        c.stroke([(624, 40 + k * 18), (676, 38 + k * 18)], 5, (24, 24, 24))
    c.face(graded(tx.paint(rng, (260, 240), (40, 44, 46)), 1.1, 0.8), ((472, 220), (832, 204), (846, 520), (470, 530)))
    lcd = (168, 186, 150) if not c.after else (160, 188, 160)
    c.face(graded(tx.surface(rng, (240, 170), (_dark(lcd, 20), lcd, _dark(lcd, -16)), kind="broad", bump=0), 1.05, 0.92),
        ((506, 252), (802, 240), (812, 450), (506, 458)))
    _digits(c, c.reading if not c.after else "0", (548, 286), 24)
    c.stroke([(706, 412), (724, 386)], 6, (34, 42, 32))
    for k in range(3):
        c.stroke([(736 + k * 18, 390), (736 + k * 18, 412), (748 + k * 18, 412)], 5, (34, 42, 32))
    for k, tint in enumerate(((60, 62, 60), (190, 44, 34) if not c.after else (60, 120, 70), (60, 62, 60))):
        c.oval(dim(tx.paint(rng, (90, 70), tint), 1.0), (538 + k * 116, 640), (44, 34), soft=2)
        c.stroke([(522 + k * 116, 624), (548 + k * 116, 622)], 6, (236, 236, 230), alpha=0.4)
    if not c.after and c.reading not in ("", "0"):
        c.oval((255, 70, 50), (654, 176), (90, 40), soft=26, alpha=0.6)
        c.oval((255, 150, 130), (654, 176), (36, 13), soft=3)
    c.face(tx.paint(rng, (140, 100), (232, 230, 222)), ((556, 740), (776, 734), (780, 880), (556, 886)))
    for k in range(4):
        c.stroke([(576, 766 + k * 28), (756 - k * 30, 762 + k * 28)], 8, (60, 60, 58))
    for k in range(5):
        c.stroke([(452 + k * 6, 900 + k * 14), (884, 892 + k * 14)], 4, (150, 86, 20), alpha=0.7)
    return Light(gain=1.16, warmth=0.1, grain=6)


def notice(c: Canvas) -> Light:
    """A filled-in notice on a clipboard, signed and stamped."""
    c.may_mirror = False
    rng = c.rng
    c.face(graded(tx.wood(rng, (800, 600), (150, 112, 74)), 0.92, 1.06), ((-60, -60), (1340, -60), (1340, 1020), (-60, 1020)))
    c.shadow([(300, 60), (1030, 90), (990, 960), (230, 930)], blur=24, depth=0.6, shift=(20, 18))
    c.face(dim(tx.wood(rng, (400, 500), (86, 58, 40)), 0.9), ((290, 50), (1030, 84), (986, 990), (224, 944)))
    sheet = ((318, 96), (1004, 126), (964, 968), (258, 926))
    c.face(graded(tx.plaster(rng, (380, 460), (230, 228, 220)), 1.08, 0.98), sheet)
    _lines(c, sheet)
    _grid(c, sheet)
    ring: list[Point] = [(812 + 92 * x, 792 + 88 * y) for x, y in _circle()]
    c.stroke([*ring, ring[0]], 9, (196, 40, 34), alpha=0.72)
    c.plane((196, 40, 34),
        [(812 + r * x, 792 + r * 0.95 * y) for (x, y), r in zip(_circle(10, -0.25), (44, 18) * 5, strict=True)], alpha=0.7)
    pen: list[Point] = [(420, 850)]
    for k in range(16):
        pen.append((pen[-1][0] + rng.randint(4, 20), 850 + rng.randint(-34, 26) - k))
    c.stroke(pen, 6, (28, 40, 96), alpha=0.9)
    c.tube([(520, 66), (800, 76)], 62, (150, 154, 156), gloss=0.9, cast=0.5)
    c.tube([(1090, 300), (1180, 860)], 30, (30, 40, 90), gloss=0.8, cast=0.5)
    c.light((620, 420), 1150, ambient=0.66)
    return Light(gain=1.12, warmth=0.24, grain=6)


def ledger(c: Canvas) -> Light:
    """An open record book: rows left empty, or filled in."""
    c.may_mirror = False
    rng = c.rng
    c.face(graded(tx.wood(rng, (800, 600), (128, 98, 70)), 0.95, 1.05), ((-60, -60), (1340, -60), (1340, 1020), (-60, 1020)))
    c.shadow([(90, 170), (1210, 140), (1260, 860), (60, 890)], blur=26, depth=0.6, shift=(14, 18))
    pages: list[tuple[Point, Point, Point, Point]] = [
        ((110, 170), (640, 190), (640, 880), (66, 860)),
        ((640, 190), (1190, 150), (1240, 840), (640, 880)),
    ]
    for side, page in enumerate(pages):
        c.face(graded(tx.plaster(rng, (300, 360), (228, 224, 208)), *((1.02, 0.86) if side == 0 else (0.86, 1.02)), across=True), page)
        for row in range(13):
            a, b = _at(page, 0.05, 0.1 + row * 0.068), _at(page, 0.95, 0.1 + row * 0.068)
            c.stroke([a, b], 3, (96, 110, 140), alpha=0.7)
            for column in range(4):
                empty = not c.after and (side == 1 or row > 7 or (row + column) % 5 == 0)
                if row == 0 or empty:
                    continue
                x, y = _at(page, 0.1 + column * 0.23, 0.07 + row * 0.068)
                mark: list[Point] = [(x, y)]
                for _ in range(7):
                    mark.append((mark[-1][0] + rng.randint(4, 15), y + rng.randint(-11, 8)))
                c.stroke(mark, 4, (30, 38, 84), alpha=0.85)
        for column in range(5):
            c.stroke([_at(page, 0.05 + column * 0.225, 0.1), _at(page, 0.05 + column * 0.225, 0.92)], 3, (96, 110, 140), alpha=0.7)
        c.stroke([_at(page, 0.3, 0.055), _at(page, 0.7, 0.055)], 16, (60, 60, 62), alpha=0.8)
    c.shadow([(626, 190), (656, 190), (660, 880), (622, 880)], blur=12, depth=0.35)
    c.tube([(930, 930), (1240, 640)], 28, (36, 38, 40), gloss=0.8, cast=0.5)
    return Light(gain=1.14, warmth=0.22, grain=6)


def skid(c: Canvas) -> Light:
    """Station pipework with flanges, valve and gauge: rusty, unsealed, or overhauled and tagged."""
    rng = c.rng
    c.face(graded(tx.surface(rng, (640, 300),
        ((140, 150, 160), (176, 186, 194), (206, 212, 216)), kind="broad", bump=0), 1.08, 0.94),
            ((-40, -40), (1320, -40), (1320, 420), (-40, 420)))
    c.face(graded(tx.plaster(rng, (700, 160), (150, 156, 160)), 0.9, 0.74), ((-40, 300), (1320, 280), (1320, 470), (-40, 480)))
    for x in (120, 520, 940, 1240):
        c.tube([(x, -40), (x, 480)], 30, (86, 104, 128), gloss=0.3)
    c.defocus(5)
    c.face(graded(tx.concrete(rng, (800, 460)), 0.8, 1.05), ((-40, 470), (1320, 455), (1320, 1000), (-40, 1000)), soft=3)
    worn = 0.3 if not c.after else 0.02
    c.shadow([(-40, 820), (1320, 800), (1320, 900), (-40, 930)], blur=30, depth=0.5)
    for x in (250, 980):
        c.face(graded(tx.paint(rng, (90, 260), (92, 98, 104), worn=worn / 2), 1.05, 0.7),
            ((x - 40, 690), (x + 40, 688), (x + 56, 890), (x - 56, 894)))
    c.tube([(-60, 660), (1340, 640)], 132, (200, 164, 48), worn=worn, gloss=0.5, cast=0.55)
    for x in (400, 452, 800, 852):
        c.tube([(x, 556), (x + 3, 752)], 34, (150, 154, 156), worn=worn, gloss=0.6, cast=0.5)
        for k in range(4):
            c.tube([(x - 22, 580 + k * 48), (x + 26, 579 + k * 48)], 13, (96, 92, 84), worn=worn, gloss=0.6, cast=0.3)
    c.tube([(626, 640), (628, 430)], 118, (176, 60, 44) if c.after else (148, 76, 56), worn=worn, gloss=0.5, cast=0.5)
    c.tube([(520, 410), (742, 404)], 46, (60, 64, 68), worn=worn, gloss=0.5)
    c.tube([(628, 400), (630, 290)], 30, (160, 164, 166), gloss=0.8)
    c.tube([(1080, 640), (1084, 380)], 28, (170, 174, 176), gloss=0.8, cast=0.5)
    c.oval((54, 56, 58), (1084, 330), (98, 98), soft=1.5)
    c.oval((236, 236, 230), (1084, 330), (82, 82), soft=1)
    for dx, dy in _circle(20)[1:10]:
        c.stroke([(1084 - 66 * dy, 330 + 66 * dx), (1084 - 78 * dy, 330 + 78 * dx)], 5, (40, 40, 40))
    c.stroke([(1084, 330), (1138, 288) if not c.after else (1060, 274)], 7, (196, 36, 30))
    c.tube([(200, 620), (206, 330), (300, 300)], 44, (176, 180, 182), worn=worn, gloss=0.6, cast=0.5)
    if not c.after:
        c.stain((360, 560, 900, 800), (86, 50, 30), 0.4, alpha=0.7)
        c.stain((520, 780, 760, 960), (60, 56, 50), 0.5, alpha=0.6)
        c.stroke([(452, 560), (480, 470), (470, 430)], 4, (120, 120, 118), alpha=0.8)
    else:
        c.stroke([(706, 420), (742, 500)], 4, (200, 40, 34))
        c.face(tx.paint(rng, (70, 90), (236, 214, 60)), ((712, 496), (792, 492), (796, 600), (716, 606)))
        for k in range(4):
            c.stroke([(726, 520 + k * 20), (780 - k % 2 * 18, 518 + k * 20)], 5, (40, 40, 36))
    return Light(gain=1.12, warmth=0.04, grain=6)


def extinguisher(c: Canvas) -> Light:
    """Four extinguishers in a box: rusty with the needle in red, or replaced."""
    rng = c.rng
    c.face(graded(tx.concrete(rng, (800, 560)), 1.0, 0.84), ((-40, -40), (1320, -40), (1320, 760), (-40, 780)))
    c.face(graded(tx.concrete(rng, (800, 260)), 0.75, 1.05), ((-40, 770), (1320, 750), (1320, 1000), (-40, 1000)), soft=3)
    worn = 0.24 if not c.after else 0.0
    c.shadow([(150, 260), (1150, 250), (1200, 900), (160, 920)], blur=24, depth=0.5, shift=(16, 12))
    c.face(dim(tx.paint(rng, (400, 260), (120, 26, 22)), 0.5), ((160, 280), (1140, 268), (1140, 880), (150, 900)))
    for k in range(4):
        x = 280 + k * 240
        c.tube([(x, 840), (x, 520)], 150, (196, 32, 26), worn=worn, gloss=0.6, cast=0.6)
        c.tube([(x, 500), (x, 440)], 66, (40, 42, 44), gloss=0.5)
        c.tube([(x - 60, 420), (x + 54, 400)], 26, (36, 38, 40), gloss=0.6)
        c.tube([(x + 30, 450), (x + 80, 560), (x + 70, 740)], 22, (28, 28, 30), gloss=0.4)
        c.oval((226, 226, 220), (x - 8, 470), (30, 30), soft=1)
        needle: Point = (x - 26, 486) if not c.after else (x - 8, 448)
        c.stroke([(x - 30, 482), (x - 22, 456)], 8, (196, 40, 34))
        c.stroke([(x - 16, 446), (x, 446)], 8, (50, 150, 70))
        c.stroke([(x - 8, 470), needle], 5, (20, 20, 20))
        c.face(tx.paint(rng, (70, 80), (232, 228, 214), worn=worn / 2), ((x - 56, 620), (x + 46, 618), (x + 46, 730), (x - 56, 733)))
        for row in range(4):
            c.stroke([(x - 46, 638 + row * 24), (x + 34 - row % 2 * 20, 637 + row * 24)], 6, (70, 70, 68))
        if c.after:
            c.face(tx.paint(rng, (50, 70), (244, 240, 226)), ((x + 40, 520), (x + 88, 518), (x + 88, 600), (x + 40, 602)))
    c.face(graded(tx.paint(rng, (400, 90), (170, 30, 26), worn=worn), 1.1, 0.84), ((150, 800), (1150, 790), (1160, 900), (140, 914)))
    c.face(graded(tx.paint(rng, (400, 50), (170, 30, 26), worn=worn), 1.2, 1.0), ((140, 240), (1150, 228), (1140, 284), (156, 298)))
    return Light(gain=1.2, warmth=0.02, grain=6)


def _digits(c: Canvas, text: str, at: Point, unit: float) -> None:
    x, y = at
    for mark in text or "0":
        if mark == ".":
            c.oval((34, 42, 32), (x - unit * 0.3, y + unit * 4), (unit * 0.26, unit * 0.26))
            x += unit * 0.5
            continue
        for name in _DIGITS[int(mark)]:
            (ax, ay), (bx, by) = _SEGMENTS["abcdefg".index(name)]
            gap = 0.14
            ends: list[Point] = [
                (x + (ax + gap * (bx - ax)) * unit, y + (ay + gap * (by - ay)) * unit),
                (x + (bx - gap * (bx - ax)) * unit, y + (by - gap * (by - ay)) * unit),
            ]
            c.stroke(ends, unit * 0.44, (34, 42, 32), alpha=0.92)
        x += unit * 3


def _lines(c: Canvas, page: tuple[Point, Point, Point, Point]) -> None:
    c.stroke([_at(page, 0.28, 0.07), _at(page, 0.72, 0.07)], 24, (52, 52, 54), alpha=0.85)
    for row in range(4):
        c.stroke([_at(page, 0.1, 0.15 + row * 0.042), _at(page, 0.86 - row % 3 * 0.12, 0.15 + row * 0.042)], 9, (96, 96, 96), alpha=0.8)
    for row in range(5):
        c.stroke([_at(page, 0.1, 0.66 + row * 0.032), _at(page, 0.56 - row % 2 * 0.2, 0.66 + row * 0.032)], 8, (110, 110, 110), alpha=0.7)


def _grid(c: Canvas, page: tuple[Point, Point, Point, Point]) -> None:
    for row in range(7):
        y = 0.34 + row * 0.046
        c.stroke([_at(page, 0.08, y), _at(page, 0.92, y)], 3, (60, 60, 60), alpha=0.8)
        if row < 6:
            c.stroke([_at(page, 0.11, y + 0.024), _at(page, 0.24, y + 0.024)], 9, (90, 90, 90), alpha=0.8)
            mark = [_at(page, 0.32 + k * 0.035, y + 0.024 + c.rng.uniform(-0.012, 0.012)) for k in range(4 + row * 5 % 9)]
            c.stroke(mark, 5, (30, 42, 100), alpha=0.85)
    for x in (0.08, 0.28, 0.92):
        c.stroke([_at(page, x, 0.34), _at(page, x, 0.616)], 3, (60, 60, 60), alpha=0.8)


def _at(page: tuple[Point, Point, Point, Point], u: float, v: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = page
    top, bottom = (ax + (bx - ax) * u, ay + (by - ay) * u), (dx + (cx - dx) * u, dy + (cy - dy) * u)
    return (top[0] + (bottom[0] - top[0]) * v, top[1] + (bottom[1] - top[1]) * v)


def _circle(steps: int = 36, start: float = 0.0) -> list[Point]:
    return [(cos(2 * pi * (k / steps + start)), sin(2 * pi * (k / steps + start))) for k in range(steps)]


def _dark(colour: tx.Colour, by: int) -> tx.Colour:
    return (colour[0] - by, colour[1] - by, colour[2] - by)
