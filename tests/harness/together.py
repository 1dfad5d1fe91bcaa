"""Many hands at the same moment: threads that start together, and what became of each."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def together(hands: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Run `work(0)`, `work(1)`, … at once; the result or the exception of each, in order."""
    start = threading.Barrier(hands)
    results: list[T | Exception] = [RuntimeError("never ran")] * hands

    def one(number: int) -> None:
        start.wait(timeout=10)
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody is stuck"
    return results
