"""Every physical quantity by name: unit, span, how a value is said in both languages. Data in quantities.yaml; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.i18n import Label
from hazard_flow.telemetry.rules import Quantity

#: the unit of what is 0 or 1
SWITCH = "on/off"


@dataclass(frozen=True)
class Signal:
    """A quantity as people read it; `words` (for 0 and for 1) where it is a switch."""

    quantity: Quantity
    label: Label
    digits: int
    #: values that lie so close together are drawn as a quiet line
    calm: float = 1.0
    words: tuple[Label, Label] | None = None

    @property
    def is_switch(self) -> bool:
        """Whether it is 0 or 1 and nothing between."""
        return self.words is not None

    @property
    def unit(self) -> str:
        """What stands behind a number; nothing behind a word."""
        return "" if self.is_switch else self.quantity.unit

    def number(self, value: float) -> str:
        """The value with its decimals, without unit; of a switch `0` or `1`."""
        rounded = round(value, self.digits)
        return f"{rounded + 0.0:.{self.digits}f}"

    def say(self, value: float, locale: str) -> str:
        """`60.0 %LEL`; of a switch its word."""
        if self.words is not None:
            return self.words[value >= 0.5].in_(locale)
        return f"{self.number(value)} {self.unit}"


@cache
def signals() -> Mapping[str, Signal]:
    """All of them, by name."""
    path = Path(__file__).parent / "quantities.yaml"
    entries = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return {name: _signal(name, entry) for name, entry in entries.items()}


@cache
def shipped_quantities() -> Mapping[str, Quantity]:
    """What rules and intake ask: unit and span of each."""
    return {name: signal.quantity for name, signal in signals().items()}


def signal_of(quantity: str) -> Signal:
    """The signal of a quantity; one that only a rule file knows is shown by its own name."""
    found = signals().get(quantity)
    if found is not None:
        return found
    plain = Quantity(quantity, "", float("-inf"), float("inf"), float("inf"))
    return Signal(plain, Label(zh=quantity, en=quantity), digits=2)


def _signal(name: str, entry: Mapping[str, Any]) -> Signal:
    low, high = (float(bound) for bound in entry["span"])
    words = entry.get("words")
    return Signal(
        quantity=Quantity(name, entry["unit"], low, high, float(entry.get("over_range_to", high))),
        label=Label(**entry["name"]),
        digits=entry.get("digits", 0),
        calm=float(entry.get("calm", (high - low) / 20)),
        words=_pair(words) if words else None,
    )


def _pair(words: Mapping[str, Any]) -> tuple[Label, Label]:
    off, on = (Label(zh=words["zh"][place], en=words["en"][place]) for place in (0, 1))
    return off, on
