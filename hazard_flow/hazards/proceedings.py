"""What stands open on a hazard beside its state: requests and measures, signatures still to come, how often limited acts were done.

A frozen value read from and written to one JSON column; ids and instants are text, as in events.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Opened:
    """A request or measure that stands open: who opened it (None: the system), when, and with which event."""

    by: str | None
    at: str
    seq: int


@dataclass(frozen=True)
class Control:
    """An interim control in force (domain 2.3)."""

    code: str
    by: str | None
    at: str
    seq: int


@dataclass(frozen=True)
class Proceedings:
    """The open proceedings of one hazard."""

    #: flag → who opened it
    open: Mapping[str, Opened] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    #: act → who has signed so far; emptied when the hazard moves on
    signed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: act → who did it, once for each time, over the hazard's whole life
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: act beside the steps that asked for evidence → the event that did it last
    last: Mapping[str, int] = field(default_factory=dict)
    #: who classified and assigned it last
    classifier: str | None = None
    #: how many levels above the state's own holder the next step is owed
    steps_up: int = 0

    def opening(self, flag: str, opened: Opened) -> "Proceedings":
        """With this flag open."""
        return replace(self, open={**self.open, flag: opened})

    def shutting(self, flag: str) -> "Proceedings":
        """Without this flag; lifting controls lifts them all."""
        return replace(
            self,
            open={name: opened for name, opened in self.open.items() if name != flag},
            controls=() if flag == CONTROL else self.controls,
        )

    def signing(self, action: str, who: str) -> "Proceedings":
        """With one more signature."""
        return replace(self, signed={**self.signed, action: (*self.signed.get(action, ()), who)})

    def using(self, action: str, who: str) -> "Proceedings":
        """With one more use of a limited act."""
        return replace(self, uses={**self.uses, action: (*self.uses.get(action, ()), who)})

    def applicant(self, flag: str | None) -> uuid.UUID | None:
        """Who made the open request of this kind."""
        opened = self.open.get(flag or "")
        return uuid.UUID(opened.by) if opened is not None and opened.by else None


CONTROL = "control"


def read(row: Mapping[str, Any] | None) -> Proceedings:
    """From the column; an empty one is a hazard with nothing open."""
    row = row or {}
    return Proceedings(
        open={name: Opened(**opened) for name, opened in row.get("open", {}).items()},
        controls=tuple(Control(**control) for control in row.get("controls", ())),
        signed={action: tuple(people) for action, people in row.get("signed", {}).items()},
        uses={action: tuple(people) for action, people in row.get("uses", {}).items()},
        last={action: int(seq) for action, seq in row.get("last", {}).items()},
        classifier=row.get("classifier"),
        steps_up=int(row.get("steps_up", 0)),
    )


def steps_up(row: Mapping[str, Any] | None) -> int:
    """How many levels above the state's own holder the next step is owed, without reading the rest: every firing asks it."""
    return int((row or {}).get("steps_up", 0))


def write(found: Proceedings) -> dict[str, Any]:
    """For the column."""
    return asdict(found)
