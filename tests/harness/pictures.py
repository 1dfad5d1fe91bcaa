"""Small plain pictures in place of the drawn ones, for tests that only need the demo city to have some."""

import io
from collections.abc import Iterator
from random import Random

from PIL import Image

from hazard_flow.simulation.photographs import Order


def plain(orders: list[Order], *, workers: int) -> Iterator[bytes]:
    """One picture for each order, no two alike."""
    for number, _ in enumerate(orders):
        out = io.BytesIO()
        Image.frombytes("L", (32, 24), Random(number).randbytes(32 * 24)).save(out, "JPEG")
        yield out.getvalue()
