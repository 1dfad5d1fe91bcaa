"""Seeded draws: every subject of every site rolls dice of its own, so that a changed figure moves only what it speaks of."""

import zlib

import numpy as np
from numpy.typing import NDArray

from hazard_flow.simulation.gas.parameters import Range

Array = NDArray[np.float32]

#: an exponential kernel is cut where a thousandth is left
_KERNEL_SPANS = 7.0


def dice(seed: int, subject: str, number: int = 0) -> np.random.Generator:
    """The dice of one subject (`leak`, `head`, …) of one site, district or other thing by its number."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode()), number])


def between(rolls: np.random.Generator, bounds: Range) -> float:
    """Evenly from a range."""
    return float(rolls.uniform(*bounds))


def slow(rolls: np.random.Generator, drawn: NDArray[np.float64], samples: int) -> Array:
    """A curve through `drawn` values an even distance apart, begun at a random place between the first two."""
    steps = len(drawn) - 2
    at = rolls.uniform(0, 1) + np.arange(samples) * (steps / samples)
    curve: Array = np.interp(at, np.arange(len(drawn)), drawn).astype(np.float32)
    return curve


def correlated(rolls: np.random.Generator, samples: int, *, correlation: float) -> Array:
    """Noise of standard deviation 1 that forgets itself within `correlation` samples."""
    kernel = np.exp(-np.arange(max(1, int(correlation * _KERNEL_SPANS))) / correlation)
    kernel /= np.sqrt(np.sum(kernel**2))
    white = rolls.standard_normal(samples + len(kernel) - 1)
    return np.convolve(white, kernel, "valid").astype(np.float32)


def spans(rolls: np.random.Generator, *, count: float, mean: float, samples: int) -> list[tuple[int, int]]:
    """As many stretches as Poisson's law gives for `count`, each as long as the exponential law does; begin and end, within the month."""
    begins = rolls.uniform(0, samples, rolls.poisson(count))
    lengths = rolls.exponential(mean, len(begins))
    return sorted(
        (int(begin), min(samples, int(begin) + max(1, round(length))))
        for begin, length in zip(begins, lengths, strict=True)
    )
