"""Scenes below and at street level: cable trench, valve well, manhole cover, exposed or elevated pipe."""

# One stroke a line: a drawing is read by its coordinates.
# fmt: off

from math import cos, pi, sin

from PIL import Image

from hazard_flow.simulation.drawing import textures as tx
from hazard_flow.simulation.drawing.camera import Light
from hazard_flow.simulation.drawing.canvas import Canvas, Point, dim, graded

YELLOW = (206, 158, 26)
GREY = (150, 156, 154)


def trench(c: Canvas) -> Light:
    """A bare main across a concrete cable trench; mended: sleeved, vented, sealed."""
    rng = c.rng
    wall = tx.concrete(rng, (900, 900))
    back = ((470, 250), (830, 240), (840, 610), (460, 620))
    c.face(dim(tx.concrete(rng, (400, 400)), 0.16), back)
    c.face(graded(wall, 1.0, 0.32, across=True), ((-60, -120), (470, 250), (460, 620), (-60, 1080)))
    c.face(graded(wall, 0.30, 0.92, across=True), ((830, 240), (1340, -120), (1340, 1080), (840, 610)))
    c.face(graded(tx.soil(rng, (900, 600)), 0.3, 0.8), ((460, 620), (840, 610), (1340, 1080), (-60, 1080)))
    c.face(dim(tx.concrete(rng, (600, 300)), 0.2), ((-60, -130), (1340, -130), (830, 240), (470, 250)))
    for k in range(5):
        y0, y1 = 210 + k * 92, 330 + k * 42
        c.tube([(-40, y0 + rng.randint(-8, 8)), (220, (y0 + y1) / 2 + 14), (468, y1)], 26 - k * 2, (38, 40, 42), gloss=0.35, cast=0.6)
    for x, y, tall in ((120, 150, 560), (330, 262, 330)):
        c.tube([(x, y), (x, y + tall)], 15, (104, 106, 104), worn=0.3, gloss=0.2, cast=0.6)
    c.plane((58, 66, 68), ((330, 960), (520, 690), (640, 660), (790, 690), (1010, 960)), soft=16, alpha=0.55)
    c.plane((126, 138, 140), ((560, 800), (660, 720), (720, 730), (700, 830)), soft=18, alpha=0.3)
    if not c.after:
        for x, y in ((196, 470), (1098, 455)):
            c.oval((18, 18, 17), (x, y), (92, 128), soft=5)
            c.stain((x - 150, y - 180, x + 150, y + 190), (52, 48, 42), 0.6, alpha=0.75)
        c.tube([(150, 478), (1140, 462)], 118, YELLOW, worn=0.34, gloss=0.4, cast=0.75)
        c.stain((430, 405, 900, 560), (74, 38, 18), 0.62, alpha=0.9)
        c.stain((500, 430, 760, 540), (150, 82, 34), 0.34, kind="grain", alpha=0.85)
        c.tube([(640, 526), (644, 610)], 4, (120, 132, 138), gloss=0.8, cast=0)
    else:
        for x, y in ((196, 470), (1098, 455)):
            c.oval(tx.surface(rng, (260, 320), ((86, 44, 30), (124, 66, 46), (150, 90, 66))), (x, y), (100, 136), soft=3)
        c.tube([(160, 478), (1130, 462)], 112, YELLOW, gloss=0.5, cast=0.6)
        c.tube([(228, 476), (1064, 464)], 158, GREY, gloss=0.75, cast=0.8)
        for x in (240, 1050):
            c.tube([(x, 392), (x, 552)], 34, (56, 60, 60), gloss=0.5, cast=0.5)
        for x in (430, 850):
            c.tube([(x, 396), (x + 2, 546)], 20, (214, 172, 30), gloss=0.2, cast=0)
        c.tube([(640, 400), (640, 120), (760, 96)], 46, GREY, gloss=0.7, cast=0.5)
        c.plane((236, 232, 208), ((560, 440), (700, 437), (702, 500), (562, 503)), soft=1)
        for k in range(3):
            c.stroke([(576, 454 + k * 15), (676 - k * 14, 452 + k * 15)], 4, (70, 66, 50))
    for x, y, away in ((150, 478, -1), (1138, 462, 1)):
        c.oval((12, 12, 12) if not c.after else (98, 52, 36), (x + away * 18, y), (44, 84), soft=13)
    c.light((620, 470), 900, ambient=0.36)
    return Light(gain=1.9, warmth=0.1, grain=8, vignette=0.4)


def well(c: Canvas) -> Light:
    """Looking down a brick valve well: flooded and rusty, or drained and greased."""
    rng = c.rng
    brick = tx.brick(rng, (900, 700), (86, 34))
    floor = ((380, 330), (900, 330), (930, 720), (350, 720))
    c.face(graded(brick, 0.7, 0.5), ((100, -60), (1180, -60), floor[1], floor[0]))
    c.face(graded(brick, 0.9, 0.45, across=True), ((100, -60), floor[0], floor[3], (60, 1020)))
    c.face(graded(brick, 0.4, 0.74, across=True), (floor[1], (1180, -60), (1220, 1020), floor[2]))
    c.face(graded(brick, 0.42, 0.85), (floor[3], floor[2], (1220, 1020), (60, 1020)))
    wet = tx.soil(rng, (500, 400)) if not c.after else tx.concrete(rng, (500, 400))
    c.face(dim(wet, 0.5 if not c.after else 0.66), floor)
    for k in range(4):
        y = 170 + k * 42
        c.tube([(236 + k * 34, y + k * 60), (236 + k * 34 + 84, y + k * 60 - 6)], 15, (112, 84, 58), worn=0.5, gloss=0.2)
    c.tube([(330, 560), (950, 548)], 96, YELLOW, worn=0.4 if not c.after else 0.0, gloss=0.4, cast=0.8)
    for x in (520, 760):
        c.tube([(x, 478), (x + 4, 632)], 36, (70, 76, 78) if c.after else (92, 60, 40), worn=0.0 if c.after else 0.7, gloss=0.5)
        for k in range(4):
            c.oval((40, 40, 40), (x + 2, 490 + k * 43), (10, 9), soft=1.2)
    c.tube([(640, 560), (642, 420)], 58, (64, 110, 86) if c.after else (96, 66, 46), worn=0.0 if c.after else 0.7, gloss=0.5)
    ring = [(642 + 104 * x, 400 + 46 * y) for x, y in _circle(26)]
    c.tube([*ring, ring[0], ring[1]], 22, (170, 36, 28) if c.after else (104, 56, 38), worn=0.0 if c.after else 0.6, gloss=0.6, cast=0.7)
    for k in (2, 10, 19):
        c.tube([(642, 400), ring[k]], 15, (150, 34, 28) if c.after else (98, 54, 38), worn=0.0 if c.after else 0.5, gloss=0.4, cast=0.3)
    if not c.after:
        water = graded(tx.surface(rng, (700, 420), ((20, 26, 24), (38, 48, 44), (66, 78, 72)), kind="broad", bump=0.1), 0.7, 1.2)
        dry = c.image.copy()
        c.face(water, ((362, 500), (916, 500), (938, 738), (342, 738)), soft=5)
        c.image = Image.blend(c.image, dry, 0.26)
        for _ in range(10):
            x, y = c.hand.randint(400, 860), c.hand.randint(540, 720)
            c.oval((150, 166, 164), (x, y), (c.hand.randint(14, 60), c.hand.randint(1, 3)), soft=2.5, alpha=0.5)
        for _ in range(16):
            c.oval((72, 62, 40), (c.hand.randint(380, 900), c.hand.randint(540, 760)), (c.hand.randint(4, 16),
                c.hand.randint(2, 5)), soft=1.2, alpha=0.85)
        c.stain((340, 420, 940, 560), (44, 38, 28), 0.5, alpha=0.5)
    for x in (334, 946):
        c.oval(tx.concrete(rng, (80, 160)), (x, 555), (26, 66), soft=4)
    rim = [(640 + 700 * x, 450 + 590 * y) for x, y in _circle(40)]
    c.tube([*rim, rim[0], rim[1]], 86, (96, 98, 96), worn=0.25, gloss=0.3, cast=0.9, drop=(-0.5, -0.5))
    c.light((660, 520), 820, ambient=0.32)
    return Light(gain=1.85, warmth=0.06, grain=8, vignette=0.46)


def cover(c: Canvas) -> Light:
    """A broken, displaced cover on the road; mended: a new one seated flush."""
    rng = c.rng
    road = tx.asphalt(rng, (1500, 1200))
    c.face(graded(road, 0.86, 1.04), ((-160, -60), (1440, -60), (1700, 1020), (-420, 1020)))
    c.face(tx.paint(rng, (900, 40), (214, 210, 198), worn=0.06), ((-60, 92), (1340, 26), (1340, 62), (-60, 136)), light=0.94)
    for _ in range(7):
        x, y = rng.randint(60, 1200), rng.randint(220, 900)
        crack: list[Point] = [(x, y)]
        for _ in range(6):
            crack.append((crack[-1][0] + rng.randint(-70, 90), crack[-1][1] + rng.randint(-26, 40)))
        c.tube(crack, 3, (34, 34, 34), gloss=0, cast=0)
    frame = [(620 + 330 * x, 520 + 236 * y) for x, y in _circle(40)]
    c.shadow(frame, blur=22, depth=0.5, shift=(10, 14))
    c.tube([*frame, frame[0], frame[1]], 44, (86, 86, 84), worn=0.3, gloss=0.3, cast=0.3)
    c.oval(dim(tx.brick(rng, (660, 480)), 0.13), (620, 520), (312, 218), soft=3)
    iron = tx.paint(rng, (700, 500), (96, 98, 98) if not c.after else (122, 126, 126), worn=0.32 if not c.after else 0.05)
    if not c.after:
        slid = [(766 + 320 * x, 474 + 222 * y) for x, y in _circle(40)]
        c.shadow(slid, blur=18, depth=0.75, shift=(-18, 30))
        _lid(c, iron, (766, 474), (318, 220))
        c.plane((12, 12, 12), ((520, 600), (560, 540), (610, 588), (640, 650), (570, 690)), soft=3)
        for k in range(5):
            x, y = 440 + k * 36, 760 + rng.randint(-24, 30)
            c.plane((116, 114, 108), ((x, y), (x + 26, y - 12), (x + 40, y + 10), (x + 8, y + 20)), soft=1)
        for x, y in ((210, 470), (1080, 720)):
            _cone(c, x, y)
    else:
        _lid(c, iron, (620, 518), (316, 222))
    c.light((640, 470), 1200, ambient=0.62)
    return Light(gain=1.42, warmth=-0.06, grain=6, vignette=0.26)


def pipe(c: Canvas) -> Light:
    """A pipe on its support beside a bank or bridge: coating gone, or newly painted."""
    rng = c.rng
    c.face(graded(tx.surface(rng, (1300, 420),
        ((142, 158, 176), (176, 190, 204), (214, 222, 228)), kind="broad", bump=0), 1.1, 0.92),
            ((-40, -40), (1320, -40), (1320, 330), (-40, 330)))
    trees = tx.grass(rng, (500, 300))
    for _ in range(26):
        spot = (rng.randint(-60, 1340), 330 + rng.randint(-46, 20))
        c.oval(dim(trees, rng.uniform(0.5, 0.95)), spot, (rng.randint(40, 110), rng.randint(34, 90)), soft=9)
    c.face(graded(tx.grass(rng, (1300, 500)), 0.8, 1.05), ((-40, 330), (1320, 330), (1320, 640), (-40, 700)))
    c.defocus(5)
    c.face(graded(tx.soil(rng, (1300, 600)), 0.85, 1.02), ((-40, 660), (1320, 590), (1320, 1000), (-40, 1000)), soft=6)
    for _ in range(70):
        x, y = rng.randint(0, 1280), rng.randint(690, 950)
        grey = rng.randint(80, 160)
        c.oval((grey, grey - 6, grey - 16), (x, y), (rng.randint(4, 20), rng.randint(3, 12)), soft=1.2)
    c.shadow([(-40, 730), (1320, 640), (1320, 760), (-40, 850)], blur=34, depth=0.62)
    for x, y in ((330, 560), (960, 520)):
        c.face(graded(tx.concrete(rng, (180, 320)), 1.0, 0.62), ((x - 76, y), (x + 76, y - 8), (x + 92, y + 240), (x - 92, y + 250)))
    c.tube([(-60, 540), (1340, 440)], 178, (196, 150, 30) if c.after else (178, 140, 44), worn=0.03 if c.after else 0.3,
        gloss=0.55, cast=0.7)
    if not c.after:
        c.stain((420, 380, 900, 600), (96, 52, 26), 0.6, alpha=0.92)
        c.stain((470, 410, 820, 570), (170, 96, 44), 0.3, kind="grain", alpha=0.8)
        for _ in range(9):
            x, y = c.hand.randint(430, 880), c.hand.randint(410, 540)
            flake = [(x + c.hand.randint(-26, 26), y + c.hand.randint(-16, 16)) for _ in range(5)]
            c.shadow(flake, blur=3, depth=0.5, shift=(3, 6))
            c.plane((198, 162, 74), flake, soft=0.8, alpha=0.92)
    else:
        c.tube([(1010, 384), (1014, 552)], 26, (190, 44, 34), gloss=0.2, cast=0)
    for x, y in ((330, 520), (960, 474)):
        c.tube([(x - 6, y - 96), (x + 8, y + 96)], 30, (92, 96, 98), worn=0.35 if not c.after else 0.0, gloss=0.5, cast=0.4)
    return Light(gain=1.2, warmth=0.12 if c.after else -0.08, grain=6, vignette=0.24)


def _lid(c: Canvas, iron: Image.Image, centre: Point, radii: Point) -> None:
    c.oval((52, 52, 50), (centre[0] + 2, centre[1] + 15), radii, soft=1.5)
    c.oval(graded(iron, 1.04, 0.8), centre, radii)
    for ring in (0.9, 0.62, 0.34):
        line = [(centre[0] + radii[0] * ring * x, centre[1] + radii[1] * ring * y) for x, y in _circle(36)]
        c.tube([*line, line[0], line[1]], 8, (112, 114, 114), gloss=0.35, cast=0.6)
    for k in range(0, 24, 2):
        x, y = _circle(24)[k]
        c.tube([(centre[0] + radii[0] * 0.4 * x, centre[1] + radii[1] * 0.4 * y), (centre[0] + radii[0] * 0.84 * x,
            centre[1] + radii[1] * 0.84 * y)], 9, (112, 114, 114), gloss=0.3, cast=0.6)  # fmt: skip
    for side in (-1, 1):
        c.oval((22, 22, 22), (centre[0] + side * radii[0] * 0.74, centre[1]), (17, 11), soft=1.5)


def _cone(c: Canvas, x: int, y: int) -> None:
    c.shadow([(x - 70, y + 6), (x + 150, y + 30), (x + 150, y + 60), (x - 60, y + 44)], blur=16, depth=0.5)
    c.plane((44, 40, 38), ((x - 82, y + 20), (x + 82, y + 14), (x + 92, y + 46), (x - 90, y + 52)), soft=1)
    c.face(graded(tx.paint(c.rng, (160, 260), (214, 84, 30)), 1.12, 0.62, across=True),
        ((x - 15, y - 220), (x + 15, y - 220), (x + 64, y + 30), (x - 64, y + 34)))
    for top, half in ((-150, 27), (-70, 42)):
        c.face(graded(tx.paint(c.rng, (120, 50), (226, 226, 220)), 1.1, 0.6, across=True),
            ((x - half, y + top), (x + half, y + top), (x + half + 9, y + top + 42), (x - half - 9, y + top + 42)))


def _circle(steps: int) -> list[Point]:
    return [(cos(2 * pi * k / steps), sin(2 * pi * k / steps)) for k in range(steps)]
