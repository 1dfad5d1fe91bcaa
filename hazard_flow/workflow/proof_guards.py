"""What a named guard depends on, found by asking it: the real guard is run on a view that notes what it looks at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hazard_flow.workflow import guards
from hazard_flow.workflow.guards import GuardView

#: what the exploration always knows; of requests and marks it follows some; everything else (facts, the form, the hour) may be either way
KNOWN = frozenset({"state", "stage", "level", "actor_roles"})
_SOME_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Followed:
    """The requests and marks an exploration keeps account of; one it does not may be either way."""

    flags: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


NOTHING = Followed()


class _Watched:
    """A GuardView that remembers whether it was asked for anything the exploration does not know."""

    def __init__(self, view: GuardView, followed: Followed) -> None:
        self._view = view
        self._followed = followed
        self.asked_unknown = False

    def __getattr__(self, name: str) -> Any:
        self.asked_unknown = self.asked_unknown or name not in KNOWN
        return getattr(self._view, name)

    def is_open(self, flag: str) -> bool:
        self.asked_unknown = self.asked_unknown or flag not in self._followed.flags
        return self._view.is_open(flag)

    def has_mark(self, mark: str) -> bool:
        self.asked_unknown = self.asked_unknown or mark not in self._followed.marks
        return self._view.has_mark(mark)


def may_pass(name: str, *, followed: Followed = NOTHING, marks: Collection[str] = (), **known: Any) -> bool:
    """Whether the guard can let pass where these things are so: it does, or what it refuses by may yet change."""
    if name not in guards.REGISTRY:
        return name in marks or name not in followed.marks
    passes, asked_unknown = _ask(name, followed=followed, marks=marks, **known)
    return passes or asked_unknown


def surely_passes(name: str, **known: Any) -> bool:
    """Whether the guard lets pass where these things are so, whatever else."""
    if name not in guards.REGISTRY:
        return False
    passes, asked_unknown = _ask(name, followed=NOTHING, **known)
    return passes and not asked_unknown


def _ask(name: str, *, followed: Followed, **known: Any) -> tuple[bool, bool]:
    blank = {
        "state": None,
        "stage": None,
        "level": None,
        "urgency": None,
        "source": None,
        "now": _SOME_INSTANT,
    }
    watched = _Watched(GuardView(**{**blank, **known}), followed)
    passes = guards.REGISTRY[name](watched)  # type: ignore[arg-type]  # stands in for the view, attribute by attribute
    return bool(passes), watched.asked_unknown
