"""What the labels say of a moment at a site: whether flammable gas is there, and what is behind a reading."""

from enum import StrEnum

import numpy as np

from hazard_flow.bench.telemetry.naive import LIMIT_LEL
from hazard_flow.simulation.gas.city import SiteMonth
from hazard_flow.simulation.gas.labels import GAS, Cause, Leak

#: what an alarm speaks of lies within so many samples before it
BEHIND = 16
#: an alarm after the end of a leak still speaks of it for so many samples: the well is being vented
VENTED = 240


class Behind(StrEnum):
    """What is behind an alarm, the first that applies; the detector's own failure before what else is at the site."""

    FAILED_HIGH = "failed_high"
    STUCK = "stuck"
    LEAK = "leak"
    BIOGAS = "biogas"
    SPIKE = "spike"
    DRIFT = "drift"
    OTHER = "other"


_CAUSES = {Behind.FAILED_HIGH: Cause.FAILED_HIGH, Behind.STUCK: Cause.STUCK}
_AT_THE_SITE = {
    Behind.LEAK: Cause.LEAK,
    Behind.BIOGAS: Cause.BIOGAS,
    Behind.SPIKE: Cause.SPIKE,
    Behind.DRIFT: Cause.DRIFT,
}


def behind(month: SiteMonth, place: int | None, sample: int) -> Behind:
    """What an alarm at this sample is about; `place` is the detector's, None where the whole site spoke."""
    window = slice(max(0, sample - BEHIND + 1), sample + 1)
    own = month.causes if place is None else month.causes[place : place + 1]
    seen = np.bitwise_or.reduce(own[:, window], axis=None)
    for name, cause in _CAUSES.items():
        if place is not None and seen & cause:
            return name
    around = seen | (np.bitwise_or.reduce(month.causes[:, window], axis=None) & GAS)
    return next((name for name, cause in _AT_THE_SITE.items() if around & cause), Behind.OTHER)


def gas_is_there(month: SiteMonth, sample: int, *, present_lel: float) -> bool:
    """Whether a patrol sent at this sample would have found flammable gas at the site."""
    window = slice(max(0, sample - BEHIND + 1), sample + 1)
    return bool(month.gas[:, window].max() >= present_lel)


def crossing(month: SiteMonth, leak: Leak) -> int | None:
    """The first sample of a leak that anybody received at or above the alarm limit, of a working detector; None: nobody ever did."""
    window = slice(leak.begin, min(leak.end + VENTED, month.values.shape[1]))
    causes = month.causes[:, window]
    broken = causes & np.uint16(Cause.STUCK | Cause.FAILED_HIGH | Cause.SPIKE)
    shown = (
        (np.nan_to_num(month.values[:, window], nan=0.0) >= LIMIT_LEL)
        & (causes & np.uint16(Cause.LEAK) != 0)
        & (broken == 0)
    )
    found = np.flatnonzero(shown.any(axis=0))
    return leak.begin + int(found[0]) if len(found) else None
