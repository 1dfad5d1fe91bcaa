"""Drawn photographs of gas pipes before and after repair, so that a printed page can be judged without a real one."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter


def scene(seed: int, *, repaired: bool, size: tuple[int, int] = (1280, 960)) -> bytes:
    """A wall, a pipe, a flange; rusty and leaking, or newly painted with its tag."""
    dice = random.Random(seed)
    width, height = size
    wall = (
        Image.effect_noise((width // 4, height // 4), 26).resize(size).filter(ImageFilter.GaussianBlur(1.2))
    )
    tint = dice.choice([(186, 180, 168), (168, 176, 184), (196, 186, 170)])
    image = Image.merge("RGB", [wall.point(lambda v, t=t: int(t + (v - 128) * 0.35)) for t in tint])
    draw = ImageDraw.Draw(image)
    for row, y in enumerate(range(0, height, 74)):
        draw.line((0, y, width, y), fill=tuple(int(t * 0.8) for t in tint), width=3)
        for x in range(-60 if row % 2 else 0, width, 150):
            draw.line((x, y, x, y + 74), fill=tuple(int(t * 0.8) for t in tint), width=3)
    y = height * dice.randint(38, 55) // 100
    x = width * dice.randint(25, 65) // 100
    _pipe(image, (0, y - 44, width, y + 44), dice, repaired, upright=False)
    _pipe(image, (x - 40, y, x + 40, height), dice, repaired, upright=True)
    for edge in (x - 170, x + 140):
        draw.rounded_rectangle(
            (edge, y - 78, edge + 34, y + 78), 6, fill="#c8a72a" if repaired else "#5c3a22"
        )
        for bolt in range(-58, 60, 38):
            draw.ellipse(
                (edge + 6, y + bolt - 10, edge + 28, y + bolt + 10), fill="#8c8f92" if repaired else "#3a2a1e"
            )
    if repaired:
        draw.rounded_rectangle(
            (x + 230, y - 250, x + 470, y - 120), 10, fill="#f7fbf8", outline="#12693a", width=6
        )
        draw.text((x + 250, y - 225), "0.0 %LEL", fill="#12693a", font_size=44)
        draw.line((x + 300, y - 120, x + 250, y - 40), fill="#8c8f92", width=4)
    else:
        draw.ellipse((x - 120, y - 110, x + 210, y + 110), outline="#e02418", width=10)
    draw.rectangle((0, height - 46, width, height), fill="#44484b")
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=84)
    return out.getvalue()


def _pipe(
    image: Image.Image, box: tuple[int, int, int, int], dice: random.Random, repaired: bool, *, upright: bool
) -> None:
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = box
    across = right - left if upright else bottom - top
    base = (238, 190, 40) if repaired else (142, 88, 48)
    for step in range(across):
        light = 0.45 + 0.75 * (1 - abs(step / across - 0.35) * 1.35)
        colour = tuple(max(0, min(255, int(c * light))) for c in base)
        line = (left + step, top, left + step, bottom) if upright else (left, top + step, right, top + step)
        draw.line(line, fill=colour)
    if not repaired:
        for _ in range(420):
            x, y, r = dice.randint(left, right), dice.randint(top, bottom), dice.randint(2, 9)
            draw.ellipse(
                (x - r, y - r, x + r, y + r), fill=dice.choice(["#4a2b16", "#7a4521", "#a0602c", "#32201a"])
            )
