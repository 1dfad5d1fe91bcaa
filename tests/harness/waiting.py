"""Waiting for what somebody else does: asked again until it holds, never longer than a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(
    ask: Callable[[], T], holds: Callable[[T], bool], *, seconds: float = 30, every_seconds: float = 0.2
) -> T:
    """The first answer that holds; fails after so many seconds, showing the last one."""
    until = time.monotonic() + seconds
    while not holds(answer := ask()):
        assert time.monotonic() < until, f"still waiting: {answer!r}"
        time.sleep(every_seconds)
    return answer
