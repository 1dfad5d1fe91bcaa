"""The naive peer: a hazard whenever a reading reaches 25 %LEL, over as soon as it reads less or nothing. What most panels do."""

import numpy as np
from numpy.typing import NDArray

from hazard_flow.simulation.gas.city import SiteMonth

LIMIT_LEL = 25.0


def raised(month: SiteMonth) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every hazard it opens at a site: detectors' places and numbers of samples, side by side."""
    high = np.nan_to_num(month.values, nan=0.0) >= LIMIT_LEL
    begins = high.copy()
    begins[:, 1:] &= ~high[:, :-1]
    places, samples = np.nonzero(begins)
    return places, samples
