"""What a named guard depends on, found by asking it: the real guard is run on a view that notes what it looks at."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from hazard_flow.workflow import guards
from hazard_flow.workflow.guards import GuardView

#: what the exploration always knows; of requests it follows one at a time; everything else (facts, the form, the hour) may be either way
KNOWN = frozenset({"state", "stage", "level", "actor_roles"})
_SOME_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)


class _Watched:
    """A GuardView that remembers whether it was asked for anything the exploration does not know."""

    def __init__(self, view: GuardView, followed: Collection[str]) -> None:
        self._view = view
        self._followed = followed
        self.asked_unknown = False

    def __getattr__(self, name: str) -> Any:
        self.asked_unknown = self.asked_unknown or name not in KNOWN
        return getattr(self._view, name)

    def is_open(self, flag: str) -> bool:
        self.asked_unknown = self.asked_unknown or flag not in self._followed
        return self._view.is_open(flag)

    def has_mark(self, mark: str) -> bool:
        self.asked_unknown = True
        return self._view.has_mark(mark)


def may_pass(name: str, *, followed: Collection[str] = (), **known: Any) -> bool:
    """Whether the guard can let pass where these things are so: it does, or what it refuses by may yet change.

    A mark's own guard may always pass: that every mark asked for can be set is checked by itself.
    """
    question = guards.REGISTRY.get(name)
    if question is None:
        return True
    blank = {
        "state": None,
        "stage": None,
        "level": None,
        "urgency": None,
        "source": None,
        "now": _SOME_INSTANT,
    }
    watched = _Watched(GuardView(**{**blank, **known}), followed)
    passes = question(watched)  # type: ignore[arg-type]  # stands in for the view, attribute by attribute
    return bool(passes) or watched.asked_unknown
