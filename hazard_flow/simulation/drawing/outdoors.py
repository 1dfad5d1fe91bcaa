"""Scenes in the open: regulator box, marker post, excavator, shed, planted tree, warning sign, riser on a wall."""

# One stroke a line: a drawing is read by its coordinates.
# fmt: off

from PIL import Image, ImageChops

from hazard_flow.simulation.drawing import textures as tx
from hazard_flow.simulation.drawing.camera import Light
from hazard_flow.simulation.drawing.canvas import Canvas, Point, dim, graded

YELLOW = (206, 158, 26)
SKY = ((150, 166, 184), (184, 197, 210), (220, 227, 232))


def cabinet(c: Canvas) -> Light:
    """A regulator box against a house wall: scratched and open to the road, or repainted behind guard posts."""
    rng = c.rng
    c.face(graded(tx.plaster(rng, (900, 460), (190, 180, 160)), 1.02, 0.86), ((-40, -40), (1320, -40), (1320, 590), (-40, 630)))
    c.face(graded(tx.tiles(rng, (900, 160), (90, 40), (150, 132, 114)), 0.9, 0.7), ((-40, 520), (1320, 490), (1320, 600), (-40, 640)))
    c.face(graded(tx.grass(rng, (900, 330)), 0.8, 1.08), ((-40, 630), (1320, 590), (1320, 1000), (-40, 1000)), soft=5)
    c.defocus(1.6)
    c.face(graded(tx.concrete(rng, (600, 160)), 1.0, 0.75), ((290, 735), (1010, 722), (1050, 800), (250, 818)))
    c.shadow([(250, 800), (1060, 782), (1200, 850), (330, 880)], blur=22, depth=0.5)
    box = (124, 136, 140) if not c.after else (146, 158, 160)
    worn = 0.2 if not c.after else 0.0
    c.shadow([(320, 190), (1060, 190), (1090, 770), (330, 790)], blur=26, depth=0.5, shift=(30, 12))
    c.face(graded(tx.paint(rng, (200, 600), box, worn=worn), 0.62, 0.5), ((960, 210), (1036, 176), (1036, 724), (960, 770)))
    c.face(graded(tx.paint(rng, (640, 90), box), 1.16, 1.0), ((300, 216), (370, 176), (1036, 176), (960, 214)))
    for left, right in ((300, 628), (634, 960)):
        c.face(graded(tx.paint(rng, (330, 540), box, worn=worn), 1.06, 0.84), ((left, 214), (right, 213), (right, 770), (left, 776)))
        for k in range(7):
            y = 262 + k * 17
            c.stroke([(left + 70, y), (right - 70, y)], 6, (46, 52, 54), alpha=0.85)
            c.stroke([(left + 70, y + 6), (right - 70, y + 6)], 3, (206, 212, 212), alpha=0.5)
    c.stroke([(631, 214), (631, 772)], 5, (40, 44, 46))
    c.tube([(606, 470), (606, 540)], 15, (62, 66, 68), gloss=0.6)
    c.plane((222, 186, 40), ((352, 424), (500, 423), (500, 540), (352, 541)), soft=0.8)
    c.plane((24, 24, 22), ((426, 438), (476, 520), (376, 521)), soft=0.8)
    c.plane((222, 186, 40), ((426, 456), (460, 511), (392, 512)), soft=0.8)
    c.stroke([(426, 472), (426, 494)], 7, (24, 24, 22))
    for k in range(4):
        c.stroke([(712, 440 + k * 24), (884 - k * 22, 439 + k * 24)], 7, (178, 38, 32) if k == 0 else (60, 66, 68))
    for x in (400, 540):
        c.tube([(x, 770), (x, 850)], 42, YELLOW, worn=worn, gloss=0.4, cast=0.4)
    if not c.after:
        c.stain((300, 560, 640, 800), (74, 48, 30), 0.5, alpha=0.8)
        c.stain((760, 220, 970, 560), (92, 66, 44), 0.34, alpha=0.6)
        for k in range(6):
            y = 596 + k * 16 + c.hand.randint(-5, 5)
            c.stroke([(690 + k * 9, y), (900 + c.hand.randint(-30, 40), y - c.hand.randint(2, 22))], 3, (196, 200, 200), alpha=0.75)
        c.face(graded(tx.grass(c.hand, (300, 160)), 0.9, 1.1), ((330, 740), (620, 760), (600, 900), (300, 890)), soft=16)
    else:
        for x, y in ((150, 900), (430, 930), (760, 930), (1080, 900)):
            _post(c, x, y)
    return Light(gain=1.12, warmth=0.1 if c.after else -0.06, vignette=0.26)


def marker(c: Canvas) -> Light:
    """A marker post in a verge: leaning or upright."""
    c.may_mirror = False
    rng = c.rng
    _open_country(c)
    base: Point = (600, 800)
    c.oval(tx.soil(rng, (260, 110)), (base[0] + 10, base[1] + 6), (150, 46), soft=9)
    lean = 150 if not c.after else 6
    top: Point = (base[0] + lean, 330 + abs(lean) * 0.55)
    c.shadow([(base[0] - 44, base[1]), (base[0] + 50, base[1]), (base[0] + 330, base[1] + 60), (base[0] + 250, base[1] + 90)],
        blur=14, depth=0.5)
    left, right = ((base[0] - 52, base[1]), (top[0] - 50, top[1])), ((base[0] + 52, base[1]), (top[0] + 50, top[1] + lean * 0.22))
    face = tx.paint(rng, (160, 460), (206, 170, 40), worn=0.12 if not c.after else 0.0)
    c.face(graded(face, 1.08, 0.8), (left[1], right[1], right[0], left[0]))
    c.face(graded(tx.paint(rng, (60, 460), (150, 118, 24)), 0.8, 0.55), (right[1], (right[1][0] + 24, right[1][1] - 12),
        (right[0][0] + 24, right[0][1] - 10), right[0]))
    for k, width in enumerate((58, 42, 58, 34)):
        share = 0.18 + k * 0.13
        x, y = top[0] + (base[0] - top[0]) * share, top[1] + (base[1] - top[1]) * share
        c.stroke([(x - width / 2, y), (x + width / 2, y + lean * 0.1)], 13, (160, 34, 26) if k < 2 else (48, 44, 34),
            alpha=0.9 if c.after else 0.62)
    c.face(graded(tx.grass(c.hand, (300, 120)), 0.95, 1.1), ((470, 776), (760, 770), (790, 850), (440, 860)), soft=20)
    return Light(gain=1.16, warmth=0.1 if c.after else 0.02, vignette=0.24)


def excavation(c: Canvas) -> Light:
    """A digger over an open trench close to a main; mended: machine gone, trench fenced, pipe exposed by hand."""
    rng = c.rng
    _open_country(c, horizon=330)
    c.face(graded(tx.soil(rng, (900, 500)), 0.86, 1.06), ((-40, 470), (1320, 430), (1320, 1000), (-40, 1000)), soft=9)
    for _ in range(60):
        x, y = rng.randint(0, 1280), rng.randint(520, 950)
        c.oval(dim(tx.soil(rng, (40, 30)), rng.uniform(0.6, 1.25)), (x, y), (rng.randint(8, 40), rng.randint(5, 20)), soft=2.5)
    hole = ((230, 660), (1110, 600), (1250, 820), (160, 900))
    c.face(dim(tx.soil(rng, (700, 300)), 0.34), hole, soft=7)
    c.face(graded(tx.soil(rng, (700, 120)), 1.0, 0.5), ((230, 640), (1110, 582), (1090, 680), (260, 740)), soft=5)
    c.tube([(170, 820), (1260, 726)], 58, YELLOW, worn=0.12, gloss=0.45, cast=0.7)
    if not c.after:
        _digger(c)
        c.stain((150, 560, 700, 760), (60, 42, 28), 0.5, alpha=0.6)
    else:
        for x in range(90, 1280, 170):
            foot = 590 - (x - 90) * 0.045
            c.tube([(x, foot), (x, foot - 170)], 15, (190, 64, 34), gloss=0.4, cast=0.4)
        for level in (-150, -86):
            for x in range(90, 1190, 60):
                tone = (214, 176, 40) if x // 60 % 2 else (36, 36, 34)
                at = 590 - (x - 90) * 0.045 + level
                c.plane(tone, ((x, at), (x + 60, at - 3), (x + 60, at + 21), (x, at + 24)), soft=0.8)
        c.face(tx.paint(rng, (200, 140), (34, 86, 168)), ((930, 380), (1110, 372), (1110, 470), (930, 480)))
        for k in range(3):
            c.stroke([(956, 404 + k * 22), (1080 - k * 20, 400 + k * 22)], 7, (236, 238, 240))
    return Light(gain=1.1, warmth=0.12, vignette=0.24)


def shed(c: Canvas) -> Light:
    """A tin shed over the main's strip; mended: gone, ground restored, marker set."""
    rng = c.rng
    _open_country(c, horizon=350)
    c.face(graded(tx.soil(rng, (900, 360)), 0.92, 1.08), ((-40, 620), (1320, 560), (1320, 1000), (-40, 1000)), soft=12)
    if not c.after:
        c.shadow([(250, 760), (1120, 720), (1240, 800), (330, 860)], blur=26, depth=0.6)
        tin = _sheet(c, (96, 122, 148))
        c.face(graded(tin, 1.05, 0.72), ((270, 400), (890, 372), (890, 748), (270, 792)))
        c.face(graded(_sheet(c, (84, 106, 130)), 0.66, 0.5), ((890, 372), (1120, 396), (1120, 712), (890, 748)))
        c.face(graded(_sheet(c, (150, 70, 56)), 1.12, 0.86), ((214, 420), (372, 304), (1040, 286), (910, 384)))
        c.face(graded(_sheet(c, (120, 54, 44)), 0.7, 0.6), ((910, 384), (1040, 286), (1176, 392), (1120, 410)))
        c.face(dim(tx.wood(rng, (160, 320), (104, 74, 48)), 0.8), ((430, 480), (560, 474), (560, 768), (430, 778)))
        for k in range(9):
            x = 610 + k * 52 + c.hand.randint(-12, 12)
            c.face(dim(tx.wood(rng, (90, 90), (150, 120, 84)), c.hand.uniform(0.6, 1)),
                ((x, 700), (x + 60, 694), (x + 60, 760), (x, 768)))
        c.stroke([(1120, 400), (1320, 330)], 3, (26, 26, 26))
    else:
        c.face(graded(tx.grass(rng, (600, 260)), 0.86, 1.1), ((200, 690), (1150, 640), (1240, 860), (130, 930)), soft=40)
        for _ in range(26):
            x, y = c.hand.randint(220, 1150), c.hand.randint(690, 880)
            c.oval(dim(tx.soil(rng, (40, 24)), 1.05), (x, y), (c.hand.randint(10, 34), c.hand.randint(4, 12)), soft=3)
        for x, y in ((330, 800), (1010, 750)):
            c.face(graded(tx.paint(rng, (60, 190), (206, 170, 40)), 1.1, 0.8),
                ((x, y - 180), (x + 44, y - 182), (x + 46, y), (x - 2, y + 2)))
            c.stroke([(x + 8, y - 130), (x + 38, y - 131)], 10, (160, 34, 26))
    return Light(gain=1.12, warmth=0.12 if c.after else 0.0, vignette=0.24)


def tree(c: Canvas) -> Light:
    """Young trees planted beside a marked main."""
    rng = c.rng
    _open_country(c)
    for x, y in ((330, 760), (720, 800), (1060, 730)):
        c.oval(tx.soil(rng, (160, 70)), (x, y), (96, 30), soft=6)
        if c.after:
            continue
        c.tube([(x, y), (x + 6, y - 330)], 26, (104, 84, 62), gloss=0.1)
        for side in (-1, 1):
            c.tube([(x + side * 90, y + 6), (x + 4, y - 170)], 10, (150, 128, 92), gloss=0.1)
        for _ in range(16):
            spot = (x + rng.randint(-104, 104), y - 380 + rng.randint(-110, 120))
            c.oval(dim(tx.grass(rng, (150, 120)), rng.uniform(0.5, 1.0)), spot, (rng.randint(30, 70), rng.randint(24, 52)), soft=6)
    c.face(graded(tx.paint(rng, (60, 150), (206, 170, 40)), 1.1, 0.8), ((540, 690), (584, 688), (586, 850), (538, 852)))
    return Light(gain=1.12, warmth=0.08, vignette=0.24)


def sign(c: Canvas) -> Light:
    """Warning signs on a depot wall: bleached, or new."""
    c.may_mirror = False
    rng = c.rng
    c.face(graded(tx.plaster(rng, (900, 640), (196, 196, 188)), 1.04, 0.88), ((-40, -40), (1320, -40), (1320, 860), (-40, 880)))
    c.face(graded(tx.concrete(rng, (900, 160)), 0.9, 1.0), ((-40, 870), (1320, 850), (1320, 1000), (-40, 1000)), soft=3)
    c.stain((100, 500, 1200, 900), (96, 90, 78), 0.4, kind="cloud", alpha=0.5)
    fade = 0.0 if c.after else 0.62
    for x, red in ((180, True), (520, False), (860, True)):
        if not c.after and x == 860:
            for dx, dy in ((0, 0), (250, 0), (0, 330), (250, 330)):
                c.oval((70, 66, 60), (x + dx, 250 + dy), (7, 7))
            c.plane((214, 213, 206), ((x - 14, 236), (x + 264, 236), (x + 264, 596), (x - 14, 596)), alpha=0.6, soft=2)
            continue
        board = Image.blend(tx.paint(rng, (280, 380), (232, 232, 226)), Image.new("RGB", (280, 380), (212, 208, 196)), fade)
        c.shadow([(x - 14, 236), (x + 264, 236), (x + 264, 600), (x - 14, 600)], blur=10, depth=0.45, shift=(8, 12))
        c.face(graded(board, 1.02, 0.92), ((x - 14, 236), (x + 264, 236), (x + 264, 596), (x - 14, 596)))
        tone = _mix((196, 30, 28) if red else (222, 180, 20), (206, 198, 186), fade)
        dark = _mix((24, 24, 24), (170, 166, 156), fade)
        if red:
            c.oval(tone, (x + 125, 380), (104, 104))
            c.oval((236, 236, 230), (x + 125, 380), (80, 80), alpha=1 - fade * 0.3)
            c.plane(dark, ((x + 100, 424), (x + 122, 330), (x + 150, 424)), soft=1)
            c.stroke([(x + 60, 316), (x + 190, 444)], 22, tone)
        else:
            c.plane(dark, ((x + 125, 270), (x + 246, 478), (x + 4, 478)), soft=1)
            c.plane(tone, ((x + 125, 300), (x + 222, 464), (x + 28, 464)), soft=1)
            c.stroke([(x + 125, 350), (x + 125, 416)], 20, dark)
            c.oval(dark, (x + 125, 442), (12, 12))
        for k in range(2):
            c.stroke([(x + 40 + k * 24, 520 + k * 34), (x + 210 - k * 24, 520 + k * 34)], 16, tone if k == 0 else dark, alpha=0.9)
    if not c.after:
        c.stain((160, 230, 800, 640), (126, 90, 60), 0.24, alpha=0.5)
    return Light(gain=1.08, warmth=0.05, vignette=0.22)


def riser(c: Canvas) -> Light:
    """A riser on a house wall: rusted through its paint, or replaced and painted."""
    rng = c.rng
    c.face(graded(tx.tiles(rng, (900, 640), (60, 30), (176, 158, 138)), 1.0, 0.82), ((-40, -40), (1320, -40), (1320, 800), (-40, 830)))
    c.face(graded(tx.concrete(rng, (900, 200)), 0.85, 1.02), ((-40, 820), (1320, 790), (1320, 1000), (-40, 1000)), soft=3)
    c.stain((420, 380, 840, 900), (84, 74, 60), 0.42, kind="cloud", alpha=0.6)
    c.face(graded(tx.plaster(rng, (280, 400), (86, 92, 96)), 0.7, 0.95), ((930, 60), (1230, 54), (1230, 430), (930, 440)))
    c.stroke([(1080, 58), (1080, 432)], 12, (196, 198, 198))
    c.tube([(250, -30), (262, 900)], 44, (196, 196, 190), gloss=0.3, worn=0.02)
    worn = 0.52 if not c.after else 0.0
    c.tube([(620, -40), (622, 820), (600, 872), (520, 940)], 66, YELLOW, worn=0.06, gloss=0.45, cast=0.6)
    if not c.after:
        c.tube([(621, 330), (622, 800)], 68, (150, 108, 52), worn=worn, gloss=0.15, cast=0.2)
        c.stain((550, 250, 700, 480), (74, 38, 20), 0.55, alpha=0.9)
        c.stain((560, 320, 690, 830), (62, 32, 18), 0.55, alpha=0.85)
        c.stain((540, 780, 760, 960), (120, 70, 40), 0.45, alpha=0.7)
    for y, lean in ((150, 0), (470, 16 if not c.after else 0), (740, 22 if not c.after else 0)):
        c.tube([(566, y + lean), (676, y)], 20, (90, 92, 92) if not c.after else (178, 184, 186),
            worn=0.5 if not c.after else 0.0, gloss=0.6)
    c.tube([(586, 600), (660, 600)], 46, (178, 140, 54) if c.after else (122, 84, 46), worn=worn / 2, gloss=0.4)
    c.tube([(590, 592), (720, 560)], 15, (178, 34, 28) if c.after else (120, 54, 40), gloss=0.5)
    return Light(gain=1.12, warmth=0.06 if c.after else -0.08, vignette=0.28)


def _open_country(c: Canvas, horizon: int = 360) -> None:
    rng = c.rng
    sky = tx.surface(rng, (640, 240), SKY, kind="broad", bump=0)
    c.face(graded(sky, 0.98, 1.14), ((-40, -40), (1320, -40), (1320, horizon + 30), (-40, horizon + 30)))
    trees = tx.grass(rng, (500, 300))
    for _ in range(24):
        spot = (rng.randint(-60, 1340), horizon + rng.randint(-40, 16))
        c.oval(dim(trees, rng.uniform(0.45, 0.9)), spot, (rng.randint(40, 110), rng.randint(30, 84)), soft=9)
    for _ in range(3):
        x, tall, wide = rng.randint(-40, 1200), rng.randint(110, 230), rng.randint(120, 210)
        block = tx.tiles(rng, (200, 240), (34, 30), (150, 156, 164))
        c.face(dim(block, 0.95), ((x, horizon - tall), (x + wide, horizon - tall), (x + wide, horizon), (x, horizon)), soft=2)
        for k in range(10):
            left, top = x + 16 + k % 5 * (wide - 30) / 5, horizon - tall + 18 + k // 5 * 52
            c.plane((84, 96, 108), ((left, top), (left + 16, top), (left + 16, top + 28), (left, top + 28)), soft=1)
    for _ in range(14):
        spot = (rng.randint(-60, 1340), horizon + rng.randint(-16, 14))
        c.oval(dim(trees, rng.uniform(0.4, 0.7)), spot, (rng.randint(30, 90), rng.randint(20, 44)), soft=8)
    c.face(graded(tx.grass(rng, (900, 500)), 0.84, 1.08), ((-40, horizon + 6), (1320, horizon), (1320, 1000), (-40, 1000)), soft=9)
    c.defocus(2.6)


def _digger(c: Canvas) -> None:
    rng = c.rng
    body = (212, 158, 30)
    c.shadow([(60, 600), (640, 570), (690, 660), (100, 690)], blur=24, depth=0.62)
    c.tube([(120, 610), (560, 586)], 104, (44, 44, 44), gloss=0.1, cast=0.5)
    for k in range(8):
        c.oval((84, 82, 78), (140 + k * 56, 614 - k * 3), (20, 22), soft=1.5)
    c.face(graded(tx.paint(rng, (420, 200), body, worn=0.05), 1.1, 0.7), ((90, 350), (470, 330), (500, 530), (86, 556)))
    c.face(graded(tx.plaster(rng, (200, 240), (70, 88, 100)), 1.2, 0.7), ((330, 190), (520, 180), (536, 470), (330, 484)))
    c.stroke([(330, 190), (520, 180), (536, 470), (330, 484), (330, 190)], 14, body)
    c.face(graded(tx.paint(rng, (260, 60), body), 1.2, 1.0), ((310, 160), (540, 150), (540, 186), (320, 196)))
    c.tube([(500, 450), (720, 130), (800, 150)], 64, body, worn=0.08, gloss=0.5, cast=0.35)
    c.tube([(780, 130), (960, 420)], 52, body, worn=0.08, gloss=0.5, cast=0.35)
    c.tube([(600, 250), (780, 230)], 22, (170, 174, 176), gloss=0.9, cast=0.2)
    c.face(graded(tx.paint(rng, (200, 180), (86, 82, 76), worn=0.4), 1.1, 0.6), ((900, 400), (1030, 420), (1000, 590), (850, 560)))
    for k in range(4):
        x = 856 + k * 40
        c.plane((70, 68, 64), ((x, 558 + k * 8), (x + 22, 562 + k * 8), (x + 8, 610 + k * 8)), soft=1)


def _post(c: Canvas, x: int, y: int) -> None:
    c.shadow([(x - 30, y), (x + 34, y), (x + 160, y + 40), (x + 100, y + 60)], blur=12, depth=0.5)
    c.tube([(x, y), (x, y - 300)], 52, (222, 180, 30), gloss=0.5, cast=0.3)
    for k in (90, 190):
        c.tube([(x, y - k), (x, y - k - 44)], 53, (32, 32, 32), gloss=0.4, cast=0)


def _sheet(c: Canvas, tint: tx.Colour) -> Image.Image:
    """Corrugated sheet."""
    sheet = tx.paint(c.rng, (420, 260), tint, worn=0.12)
    ribs = Image.new("L", (14, 1))
    ribs.putdata([150, 176, 208, 236, 255, 240, 214, 190, 168, 150, 136, 128, 132, 140])
    wave = Image.new("L", sheet.size)
    for left in range(0, sheet.width, 14):
        wave.paste(ribs.resize((14, sheet.height)), (left, 0))


    return ImageChops.multiply(sheet, Image.merge("RGB", (wave,) * 3))


def _mix(one: tx.Colour, two: tx.Colour, share: float) -> tx.Colour:
    a, b, c = (round(p + (q - p) * share) for p, q in zip(one, two, strict=True))
    return (a, b, c)
