"""What a named guard depends on, found by asking it: the real guard is run on a view that notes what it looks at."""

from datetime import UTC, datetime
from typing import Any

from hazard_flow.workflow import guards
from hazard_flow.workflow.guards import GuardView

#: what the exploration keeps track of; everything else (facts, the form, the hour) may be either way
TRACKED = frozenset(
    {"state", "stage", "level", "actor_roles", "open_controls", "open_extension", "open_transfer"}
)
_SOME_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)


class _Watched:
    """A GuardView that remembers which of its answers were asked for."""

    def __init__(self, view: GuardView) -> None:
        self._view = view
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return getattr(self._view, name)


def may_pass(name: str, **known: Any) -> bool:
    """Whether the guard can let pass where these things are so: it does, or what it refuses by may yet change."""
    blank = {
        "state": None,
        "stage": None,
        "level": None,
        "urgency": None,
        "source": None,
        "now": _SOME_INSTANT,
    }
    watched = _Watched(GuardView(**{**blank, **known}))
    passes = guards.REGISTRY[name](watched)  # type: ignore[arg-type]  # stands in for the view, attribute by attribute
    return bool(passes) or not watched.asked <= TRACKED
