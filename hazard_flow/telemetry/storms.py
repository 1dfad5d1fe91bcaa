"""When many alerts of one upstream are one event, and when it is over. Pure: instants in, a yes or an instant out."""

from collections.abc import Collection
from datetime import datetime

from hazard_flow.telemetry.rules import Storm


def gathers(rule: Storm, fired: Collection[datetime], at: datetime) -> bool:
    """Whether subjects that last fired at these instants make a storm at `at`: enough of them within the window before it."""
    return sum(at - rule.window < one <= at for one in fired) >= rule.min_alerts


def ends_at(rule: Storm, fired: Collection[datetime]) -> datetime:
    """When a storm is over if nothing more fires: as soon as fewer than `below` lie within the window. `fired` has at least that many."""
    return sorted(fired)[-rule.below] + rule.window
