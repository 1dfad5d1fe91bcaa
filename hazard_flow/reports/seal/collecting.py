"""The signing library's readers and writers refer to themselves: told here when they can go."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def collected() -> Iterator[None]:
    """Frees at the end what was made inside and only holds itself, at half a millisecond.

    Such a circle keeps its megabyte of file until the interpreter looks through everything, which for a few hundred objects a file
    it does after hundreds of files. They are young: the younger generations suffice.
    """
    try:
        yield
    finally:
        gc.collect(1)
