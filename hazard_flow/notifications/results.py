"""What one round of the post has done, by outcome and channel: for the caller, and for the worker's pulse."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["sent", "handed", "dropped", "failed", "retried"]


@dataclass
class DrainResult:
    """How many messages reached the inbox or left the house, were handed to a person, dropped, given up, or will be tried again."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome, channel: str, number: int = 1) -> None:
        """Count messages; `channel` is the one that carried them, or the ladder's word where none did."""
        self.counts[f"{outcome}.{channel}"] += number

    def merge(self, other: "DrainResult") -> None:
        """Take over what another one has counted."""
        self.counts.update(other.counts)

    def tally(self) -> Counter[str]:
        """The numbers for the worker's pulse."""
        return self.counts

    @property
    def sent(self) -> int:
        """In the inbox, or out of the house."""
        return self._sum("sent")

    @property
    def handed(self) -> int:
        """Left to a person."""
        return self._sum("handed")

    @property
    def dropped(self) -> int:
        """Outdated, or their person gone."""
        return self._sum("dropped")

    @property
    def failed(self) -> int:
        """Given up, into the dead-letter list."""
        return self._sum("failed")

    @property
    def retried(self) -> int:
        """To be tried again."""
        return self._sum("retried")

    def _sum(self, outcome: Outcome) -> int:
        return sum(number for name, number in self.counts.items() if name.startswith(f"{outcome}."))
