"""What was really there, kept beside what the detectors showed: leaks, biogas, faults, area events, and the causes of every sample.

`begin` and `end` are numbers of samples from the month's beginning; the end is no longer part of it.
"""

from dataclasses import dataclass
from enum import IntFlag


class Cause(IntFlag):
    """What is behind a sample; none of them is an ordinary one."""

    LEAK = 1 << 0  # gas of a leak is there
    BIOGAS = 1 << 1  # gas of sewer or landfill is there
    SPIKE = 1 << 2
    DRIFT = 1 << 3
    STUCK = 1 << 4
    FAILED_HIGH = 1 << 5
    FIRMWARE = 1 << 6
    SKEWED = 1 << 7  # the detector's clock is wrong
    LOST = 1 << 8  # the detector's own dropout: nobody ever sees it
    OUTAGE = 1 << 9  # lost with its gateway
    LATE = 1 << 10  # sent in one batch with others
    DUPLICATE = 1 << 11  # delivered twice


#: flammable gas is there
GAS = Cause.LEAK | Cause.BIOGAS
#: a sample that never reaches us
GONE = Cause.LOST | Cause.OUTAGE


@dataclass(frozen=True)
class Leak:
    """One leak at one site, from its first gas to its end; `peak_lel` is the greatest true concentration of it at any detector."""

    site: str
    begin: int
    end: int
    peak_lel: float
    #: the detector that stands nearest
    detector: str


@dataclass(frozen=True)
class Spell:
    """Biogas at a site, from its coming to its going."""

    site: str
    begin: int
    end: int


@dataclass(frozen=True)
class Ailment:
    """A detector out of order: `cause` is STUCK, FAILED_HIGH or DRIFT."""

    detector: str
    cause: Cause
    begin: int
    end: int


@dataclass(frozen=True)
class AreaEvent:
    """Something that struck many sites at once."""

    kind: str
    upstream: str
    sites: tuple[str, ...]
    begin: int
    end: int
