"""Scenes behind doors: kitchen, bedroom, food stall, water heater, meter, detector, cylinder room."""

# One stroke a line: a drawing is read by its coordinates.
# fmt: off

from hazard_flow.simulation.drawing import textures as tx
from hazard_flow.simulation.drawing.camera import Light
from hazard_flow.simulation.drawing.canvas import Canvas, Point, dim, graded

SHEATH = (222, 182, 40)
STEEL = ((118, 122, 122), (168, 172, 172), (214, 218, 218))


def kitchen(c: Canvas) -> Light:
    """A hob and its hose: long, jointed, orange rubber; mended: sheathed steel hose and a self-closing valve."""
    rng = c.rng
    _tiled_room(c, (216, 210, 196))
    c.tube([(250, -30), (252, 260)], 46, (178, 180, 176), gloss=0.7)
    c.tube([(252, 236), (253, 330)], 62, (176, 140, 60), gloss=0.7, cast=0.5)
    handle = [(212, 282), (330, 262)] if not c.after else [(244, 250), (240, 340)]
    c.tube(handle, 22, (186, 40, 30), gloss=0.5)
    _worktop(c)
    _hob(c)
    if not c.after:
        path: list[Point] = [(253, 322), (258, 470), (330, 560), (470, 520), (560, 590), (640, 660), (760, 640)]
        c.tube(_smooth(path), 32, (196, 106, 40), worn=0.04, gloss=0.25, cast=0.6)
        for _ in range(26):
            x, y = _smooth(path)[rng.randrange(8, 90)]
            c.stroke([(x - 9, y + rng.randint(-8, 8)), (x + 9, y + rng.randint(-8, 8))], 3, (70, 34, 14), alpha=0.8)
        c.tube([(440, 534), (500, 530)], 46, (182, 186, 186), gloss=0.8)
        c.tube([(470, 530), (476, 470)], 30, (182, 186, 186), gloss=0.8)
        c.stain((180, 380, 700, 700), (120, 92, 56), 0.3, alpha=0.5)
    else:
        path = [(253, 330), (254, 460), (290, 590), (430, 640), (600, 652), (760, 642)]
        c.tube(_smooth(path), 38, SHEATH, gloss=0.4, cast=0.6)
        for k in range(0, 96, 3):
            x, y = _smooth(path)[k]
            c.stroke([(x - 15, y - 6), (x + 15, y + 6)], 3, (150, 116, 18), alpha=0.55)
        c.face(graded(tx.paint(rng, (110, 90), (232, 234, 230)), 1.04, 0.84), ((196, 330), (312, 328), (312, 424), (196, 426)))
        c.oval((40, 150, 88), (254, 376), (19, 19))
        c.tube([(735, 646), (790, 642)], 50, (186, 190, 190), gloss=0.8)
    c.light((600, 420), 1200, ambient=0.62)
    return Light(gain=1.26, warmth=0.3, grain=6)


def stall(c: Canvas) -> Light:
    """A breakfast stall: cylinder lying below the burner; mended: upright and apart."""
    rng = c.rng
    _tiled_room(c, (196, 190, 176))
    c.face(graded(tx.surface(rng, (700, 140), STEEL, kind="broad", bump=0.1), 1.1, 0.8),
        ((60, 420), (1120, 410), (1180, 500), (-20, 520)))
    c.face(dim(tx.paint(rng, (700, 300), (88, 90, 88)), 0.5), ((30, 520), (1140, 500), (1130, 800), (40, 830)), soft=3)
    for x in (90, 1080):
        c.tube([(x, 520), (x, 850)], 34, (150, 154, 154), gloss=0.7)
    c.oval(tx.paint(rng, (220, 60), (50, 50, 50)), (420, 440), (150, 36))
    c.oval(tx.paint(rng, (220, 90), (96, 98, 98)), (420, 392), (136, 62))
    for _ in range(7):
        c.oval((232, 228, 214), (c.hand.randint(340, 500), c.hand.randint(350, 392)), (34, 18), soft=3, alpha=0.8)
    c.face(graded(tx.tiles(rng, (900, 260), (110, 80), (132, 128, 120)), 0.6, 1.0), ((-40, 830), (1320, 800), (1320, 1000), (-40, 1000)))
    if not c.after:
        _cylinder(c, (560, 730), lying=True)
        c.tube(_smooth([(730, 700), (700, 600), (560, 560), (440, 470)]), 24, (170, 84, 34), gloss=0.2)
        c.stain((380, 480, 620, 640), (40, 30, 22), 0.5, alpha=0.8)
    else:
        _cylinder(c, (1040, 860))
        c.tube(_smooth([(1040, 420), (960, 360), (760, 470), (460, 452)]), 24, SHEATH, gloss=0.4)
    return Light(gain=1.3, warmth=0.36, grain=7)


def bedroom(c: Canvas) -> Light:
    """A pipe and its valve beside a bed; mended: cut back and plugged at the wall."""
    rng = c.rng
    c.face(graded(tx.plaster(rng, (900, 640), (214, 202, 180)), 1.02, 0.86), ((-40, -40), (1320, -40), (1320, 700), (-40, 720)))
    c.face(graded(tx.wood(rng, (900, 300), (158, 118, 78)), 0.7, 1.05), ((-40, 710), (1320, 690), (1320, 1000), (-40, 1000)))
    c.face(graded(tx.plaster(rng, (260, 420), (168, 188, 204)), 1.25, 1.0), ((860, 70), (1190, 66), (1190, 420), (860, 426)))
    for x in (840, 1025, 1206):
        c.tube([(x, 50), (x, 440)], 20, (216, 214, 208), gloss=0.2)
    for k in range(11):
        x = 1100 + k * 22
        c.tube([(x, 30), (x + rng.randint(-5, 5), 620)], 32, (150, 92, 80), gloss=0.1, cast=0.25)
    if not c.after:
        c.tube([(190, -30), (192, 330), (640, 322), (1330, 300)], 44, (192, 192, 186), gloss=0.6, cast=0.6)
        c.tube([(400, 326), (486, 325)], 66, (176, 142, 64), gloss=0.7)
        c.tube([(442, 322), (446, 250)], 20, (186, 40, 30), gloss=0.5)
    else:
        c.oval(tx.plaster(rng, (120, 120), (226, 220, 206)), (192, 300), (84, 70), soft=8)
        for x in (520, 900):
            c.oval(tx.plaster(rng, (80, 60), (228, 222, 210)), (x, 316), (44, 26), soft=6)
        c.tube([(190, -30), (191, 150)], 44, (192, 192, 186), gloss=0.6)
        c.tube([(191, 140), (191, 186)], 60, (176, 142, 64), gloss=0.8)
    c.shadow([(260, 860), (1010, 820), (1100, 920), (300, 960)], blur=26, depth=0.6)
    c.face(graded(tx.wood(rng, (300, 260), (104, 70, 44)), 1.1, 0.8), ((170, 470), (460, 462), (460, 760), (170, 780)))
    c.face(graded(tx.plaster(rng, (500, 240), (122, 138, 158)), 1.1, 0.8), ((300, 640), (980, 620), (1120, 780), (300, 810)), soft=6)
    c.face(graded(tx.plaster(rng, (500, 160), (96, 110, 132)), 0.95, 0.6), ((300, 808), (1120, 778), (1120, 880), (300, 930)), soft=4)
    c.face(graded(tx.plaster(rng, (200, 120), (230, 226, 216)), 1.1, 0.84), ((300, 600), (520, 594), (540, 684), (300, 696)), soft=14)
    c.light((640, 380), 1200, ambient=0.6)
    return Light(gain=1.24, warmth=0.34, grain=7)


def heater(c: Canvas) -> Light:
    """A water heater with its flue: rusty and overdue, or new and led outside."""
    rng = c.rng
    _tiled_room(c, (206, 212, 208))
    c.oval((24, 24, 24), (980, 150), (70, 66), soft=2)
    flue = (168, 172, 172)
    c.tube([(640, 260), (640, 150), (980, 150)], 84, flue, worn=0.3 if not c.after else 0.0, gloss=0.5, cast=0.6)
    if not c.after:
        c.stain((560, 90, 760, 250), (60, 34, 20), 0.5, alpha=0.9)
        c.oval((16, 14, 12), (700, 168), (20, 12), soft=2)
    c.shadow([(440, 250), (840, 250), (860, 800), (460, 820)], blur=22, depth=0.5, shift=(18, 16))
    coat = (216, 208, 186) if not c.after else (228, 230, 230)
    c.face(graded(tx.paint(rng, (300, 460), coat, worn=0.05 if not c.after else 0.0), 1.06, 0.84),
        ((440, 240), (840, 236), (842, 800), (438, 806)))
    c.plane((40, 44, 46), ((560, 520), (720, 519), (720, 570), (560, 571)))
    c.stroke([(590, 545), (650, 545)], 20, (90, 210, 130) if c.after else (66, 60, 58))
    c.oval(tx.surface(rng, (60, 60), STEEL), (520, 700), (34, 34))
    c.oval(tx.surface(rng, (60, 60), STEEL), (760, 700), (34, 34))
    c.face(tx.paint(rng, (140, 90), (232, 230, 222)), ((560, 340), (720, 339), (720, 440), (560, 441)))
    for k in range(5):
        c.stroke([(574, 356 + k * 17), (706 - k % 3 * 26, 356 + k * 17)], 5, (80, 80, 78))
    for x, tint in ((520, (176, 178, 176)), (640, SHEATH if c.after else (190, 108, 46)), (750, (176, 178, 176))):
        c.tube(_smooth([(x, 800), (x + 4, 860), (x - 20, 980)]), 30, tint, gloss=0.5)
    return Light(gain=1.22, warmth=0.16, grain=6)


def meter(c: Canvas) -> Light:
    """A meter and its pipe hung with things and boxed in; mended: free."""
    c.may_mirror = False
    rng = c.rng
    _tiled_room(c, (204, 198, 184))
    c.tube([(300, -30), (300, 300), (470, 306)], 44, (186, 188, 184), gloss=0.6)
    c.tube([(760, 306), (930, 300), (932, 1000)], 44, (186, 188, 184), gloss=0.6)
    c.shadow([(440, 330), (800, 330), (810, 720), (450, 730)], blur=20, depth=0.5, shift=(16, 14))
    c.face(graded(tx.paint(rng, (260, 290), (222, 220, 210)), 1.06, 0.82), ((440, 320), (800, 316), (800, 690), (440, 700)))
    for x in (500, 736):
        c.tube([(x, 260), (x, 336)], 58, (176, 144, 70), gloss=0.7)
    c.plane((30, 32, 34), ((500, 420), (740, 418), (740, 480), (500, 482)))
    for k in range(7):
        c.plane((236, 236, 230), ((510 + k * 33, 428), (534 + k * 33, 428), (534 + k * 33, 472), (510 + k * 33, 473)), soft=0.8)
        c.stroke([(518 + k * 33, 438), (526 + k * 33, 450), (518 + k * 33, 464)], 4, (20, 20, 20) if k < 5 else (190, 30, 24))
    c.face(tx.paint(rng, (120, 70), (236, 236, 232)), ((520, 540), (720, 539), (720, 640), (520, 641)))
    for k in range(12):
        c.stroke([(536 + k * 14, 556), (536 + k * 14, 606)], rng.randint(3, 9), (24, 24, 24))
    if not c.after:
        for k in range(3):
            x = 320 + k * 190 + c.hand.randint(-20, 20)
            tint = ((96, 120, 150), (170, 76, 60), (196, 186, 160))[k]
            c.face(graded(tx.plaster(rng, (120, 240), tint), 1.1, 0.62),
                ((x - 56, 288), (x + 66, 292), (x + 84, 600 + k * 40), (x - 80, 560 + k * 40)), soft=4)
            c.stroke([(x - 20, 300), (x - 34, 560)], 10, (tint[0] // 2, tint[1] // 2, tint[2] // 2), alpha=0.4)
        c.face(dim(tx.wood(rng, (200, 500), (176, 140, 96)), 0.9), ((-20, 120), (250, 150), (250, 990), (-20, 1000)))
        c.tube([(930, 420), (1330, 330)], 8, (60, 90, 60), gloss=0.2)
    return Light(gain=1.22, warmth=0.26, grain=6)


def detector(c: Canvas) -> Light:
    """A gas alarm on a wall and its valve: lamp dark, wires cut; mended: green lamp, valve linked."""
    rng = c.rng
    c.face(graded(tx.plaster(rng, (900, 680), (208, 206, 198)), 1.04, 0.84), ((-40, -40), (1320, -40), (1320, 1000), (-40, 1000)))
    c.stain((60, 300, 1240, 960), (150, 142, 126), 0.3, kind="cloud", alpha=0.5)
    c.tube([(-40, 800), (1330, 780)], 62, SHEATH, gloss=0.5, cast=0.6)
    c.face(graded(tx.paint(rng, (200, 160), (176, 40, 34)), 1.1, 0.7), ((790, 640), (980, 636), (980, 800), (790, 806)))
    c.tube([(760, 794), (1010, 790)], 94, (160, 128, 66), gloss=0.7, cast=0.5)
    c.shadow([(330, 170), (690, 170), (700, 560), (340, 570)], blur=18, depth=0.5, shift=(16, 14))
    c.face(graded(tx.paint(rng, (270, 290), (232, 232, 226)), 1.05, 0.86), ((330, 164), (690, 160), (692, 550), (328, 556)))
    for ring in range(6):
        c.stroke([(400 + ring * 44, 440), (400 + ring * 44, 520)], 12, (60, 62, 62))
    for k, tint in enumerate(((60, 200, 96) if c.after else (52, 56, 52), (86, 80, 40), (210, 44, 34) if not c.after else (82, 44, 40))):
        x = 420 + k * 90
        if (k == 0 and c.after) or (k == 2 and not c.after):
            c.oval(tint, (x, 230), (46, 46), soft=16, alpha=0.5)
        c.oval(tint, (x, 230), (17, 17), soft=1.2)
    c.plane((54, 70, 62), ((420, 290), (600, 289), (600, 370), (420, 371)))
    c.stroke([(450, 330), (500, 330)], 22, (150, 196, 160) if c.after else (72, 84, 78))
    if c.after:
        c.tube(_smooth([(510, 552), (512, 640), (700, 700), (800, 690)]), 13, (40, 42, 44), gloss=0.5)
    else:
        c.tube(_smooth([(510, 552), (516, 620), (560, 690), (548, 740)]), 13, (40, 42, 44), gloss=0.5)
        for dx in (-12, 4, 16):
            c.stroke([(548, 738), (548 + dx, 776)], 5, (186, 96, 40))
        c.tube(_smooth([(800, 690), (740, 690), (700, 720)]), 13, (40, 42, 44), gloss=0.5)
    return Light(gain=1.2, warmth=0.12, grain=6)


def cylinders(c: Canvas) -> Light:
    """A cylinder room: crowded under a plain switch and a closed window; mended: chained, vented, with a detector."""
    rng = c.rng
    c.face(graded(tx.plaster(rng, (900, 560), (190, 188, 176)), 0.9, 0.74), ((-40, -40), (1320, -40), (1320, 620), (-40, 640)))
    c.face(graded(tx.concrete(rng, (900, 360)), 0.6, 1.02), ((-40, 630), (1320, 610), (1320, 1000), (-40, 1000)), soft=2)
    c.stain((0, 460, 1280, 760), (80, 74, 62), 0.4, kind="cloud", alpha=0.6)
    c.face(graded(tx.plaster(rng, (200, 160), (110, 122, 128)), 0.9, 1.1), ((110, 60), (400, 62), (400, 290), (110, 286)))
    if not c.after:
        for k in range(3):
            c.face(dim(tx.wood(rng, (200, 40), (150, 118, 80)), 0.9),
                ((80, 80 + k * 76), (430, 70 + k * 76), (430, 122 + k * 76), (80, 134 + k * 76)))
        c.face(tx.paint(rng, (60, 80), (226, 224, 214)), ((1000, 300), (1084, 300), (1084, 400), (1000, 400)))
        c.plane((200, 198, 188), ((1020, 318), (1064, 318), (1064, 382), (1020, 382)))
        c.tube([(1042, -20), (1042, 300)], 9, (236, 236, 230), gloss=0.2)
    else:
        for k in range(9):
            c.stroke([(118, 76 + k * 24), (394, 78 + k * 24)], 10, (206, 210, 208))
        c.oval(tx.paint(rng, (200, 200), (66, 70, 72)), (720, 170), (120, 112))
        for k in range(5):
            c.tube([(720, 170), (720 + 96 * (1, 0.3, -0.8, -0.8, 0.3)[k], 170 + 92 * (0, 0.95, 0.6, -0.6, -0.95)[k])], 30,
                (150, 154, 156), gloss=0.4, cast=0.2)
        c.face(graded(tx.paint(rng, (90, 120), (228, 228, 222)), 1.1, 0.8), ((1000, 130), (1110, 130), (1110, 270), (1000, 270)))
        c.oval((60, 210, 100), (1054, 164), (10, 10))
    spots = [(130, 820), (330, 800), (540, 815), (740, 800), (950, 820), (1150, 806)] if not c.after else [(330, 800), (640,
        806), (950, 800)]
    for x, y in spots:
        _cylinder(c, (x + (c.hand.randint(-14, 14) if not c.after else 0), y), worn=0.26 if not c.after else 0.05)
    if not c.after:
        for x, y in ((240, 930), (650, 940), (1060, 934)):
            _cylinder(c, (x, y), worn=0.34)
    else:
        c.tube(_smooth([(180, 560), (400, 590), (640, 566), (880, 590), (1120, 556)]), 11, (180, 184, 186), gloss=0.8)
    c.light((640, 420), 980, ambient=0.46)
    return Light(gain=1.5, warmth=0.2, grain=7)


def _tiled_room(c: Canvas, tint: tx.Colour) -> None:
    wall = tx.tiles(c.rng, (900, 680), (104, 78), tint)
    c.face(graded(wall, 1.04, 0.8), ((-60, -60), (1340, -40), (1330, 1010), (-50, 1000)))
    c.stain((40, 200, 900, 760), (150, 122, 76), 0.2, kind="cloud", alpha=0.32)


def _worktop(c: Canvas) -> None:
    c.face(graded(tx.surface(c.rng, (700, 200), STEEL, kind="broad", bump=0.08), 1.12, 0.82),
        ((-60, 700), (1340, 660), (1400, 1000), (-80, 1000)))
    c.stroke([(-40, 702), (1330, 662)], 9, (232, 236, 236), alpha=0.85)


def _hob(c: Canvas) -> None:
    c.shadow([(700, 700), (1290, 680), (1330, 800), (720, 830)], blur=18, depth=0.55)
    c.face(graded(tx.paint(c.rng, (420, 130), (58, 60, 62)), 1.3, 0.8), ((730, 560), (1240, 545), (1300, 740), (720, 770)))
    c.face(graded(tx.surface(c.rng, (420, 50), STEEL, kind="broad", bump=0.1), 1.0, 0.7),
        ((720, 770), (1300, 740), (1300, 820), (720, 850)))
    for x, y in ((870, 640), (1130, 628)):
        for radius, tone in ((84, 26), (56, 70), (30, 120)):
            c.oval((tone, tone, tone), (x, y), (radius, radius * 0.42))
        for side in (-1, 0, 1):
            c.tube([(x + side * 66, y - 26), (x - side * 20, y + 26)], 11, (40, 40, 40), gloss=0.3, cast=0.4)
    for x in (880, 1130):
        c.oval(tx.surface(c.rng, (60, 60), STEEL), (x, 798), (26, 26))
        c.stroke([(x, 798), (x + 8, 780)], 6, (60, 62, 62))


def _cylinder(c: Canvas, foot: Point, *, lying: bool = False, worn: float = 0.2) -> None:
    """An LPG cylinder, 150 wide and about 340 tall, standing on `foot` or lying around it."""
    x, y = foot
    grey = (150, 154, 150)
    if lying:
        c.shadow([(x - 240, y + 60), (x + 230, y + 50), (x + 250, y + 110), (x - 220, y + 116)], blur=16, depth=0.6)
        c.tube([(x - 170, y), (x + 120, y)], 168, grey, worn=worn, gloss=0.5, cast=0.4)
        c.oval(graded(tx.paint(c.rng, (80, 160), grey, worn=worn), 1.1, 0.6), (x - 168, y), (46, 84), soft=2)
        c.oval(graded(tx.paint(c.rng, (80, 160), grey, worn=worn), 1.1, 0.6), (x + 122, y), (42, 84), soft=2)
        c.tube([(x + 150, y), (x + 200, y - 24)], 34, (176, 142, 64), gloss=0.7)
        return
    c.shadow([(x - 80, y - 10), (x + 84, y - 14), (x + 190, y + 30), (x + 30, y + 44)], blur=14, depth=0.55)
    c.tube([(x, y - 8), (x, y - 26)], 132, (120, 124, 122), worn=worn, gloss=0.3, cast=0.3)
    c.tube([(x, y - 40), (x, y - 250)], 156, grey, worn=worn, gloss=0.5, cast=0.5)
    c.oval(graded(tx.paint(c.rng, (150, 80), grey, worn=worn), 1.2, 0.92), (x, y - 250), (77, 40), soft=2)
    c.stroke([(x - 60, y - 150), (x + 60, y - 150)], 13, (178, 40, 34), alpha=0.8)
    c.stroke([(x - 44, y - 120), (x + 44, y - 120)], 9, (178, 40, 34), alpha=0.6)
    for side in (-1, 1):
        c.tube([(x + side * 46, y - 270), (x + side * 46, y - 330)], 14, grey, worn=worn, gloss=0.4, cast=0.3)
    c.tube([(x - 50, y - 336), (x + 50, y - 336)], 18, grey, worn=worn, gloss=0.5, cast=0.4)
    c.tube([(x, y - 280), (x, y - 322)], 28, (178, 144, 66), gloss=0.8, cast=0.3)


def _smooth(path: list[Point]) -> list[Point]:
    """About a hundred points of a curve through the given ones (Catmull-Rom)."""
    ends = [path[0], *path, path[-1]]
    out: list[Point] = []
    each = max(4, 100 // (len(path) - 1))
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for k in range(each):
            t = k / each
            out.append((_spline(ax, bx, cx, dx, t), _spline(ay, by, cy, dy, t)))
    return [*out, path[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - 3 * c + d - a) * t * t * t)
