"""Measured values as senders other than our own devices give them: a mapping of quantity to value, at one time, of one device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status, observed_instant
from hazard_flow.telemetry.sources.reading import number, table, word

QUANTITIES_MAX = 50
_NAME_LENGTH_MAX = 80
_GOOD = ("", "0", "good", "ok", "true")


@dataclass(frozen=True)
class Origin:
    """Whose values they are and when they were measured."""

    #: of the delivery; a signal's key adds the quantity
    key: str
    site: str | None
    device: str | None
    #: seconds or milliseconds since 1970, or ISO 8601 with a zone; absent: the receipt
    stamp: object = None
    #: the sender's own word for the quality
    quality: object = None


def samples(values: Mapping[Any, Any], origin: Origin, raw: Raw) -> Parsed:
    """A sample for each value.

    The source's setting `quantities` gives our name for the sender's (`{"CH4": "ch4_lel"}`); a name that maps to nothing (`null`) is
    passed over without a word, as are texts and truth values under names no rule knows: they measure nothing.
    """
    if not 0 < len(values) <= QUANTITIES_MAX:
        return Parsed(problems=(Problem("no_values" if not values else "sample_count", str(len(values))),))
    names = table(raw.settings.get("quantities"))
    observed_at, remark = observed_instant(origin.stamp, raw.received_at)
    quality = " ".join(part for part in (remark, quality_word(origin.quality)) if part)
    signals: list[Signal] = []
    problems: list[Problem] = []
    for given, value in values.items():
        name = names.get(given, given)
        measured = number(value)
        if name is None or (isinstance(value, str | bool) and name not in raw.known):
            continue
        if measured is None:
            problems.append(Problem("not_a_number", str(given)[:_NAME_LENGTH_MAX]))
        elif not (isinstance(name, str) and name.isidentifier() and len(name) <= _NAME_LENGTH_MAX):
            problems.append(Problem("unknown_quantity", repr(name)[:_NAME_LENGTH_MAX]))
        else:
            signals.append(
                Signal(
                    delivery_key=f"{origin.key}|{name}",
                    status=Status.SAMPLE,
                    observed_at=observed_at,
                    received_at=raw.received_at,
                    site=origin.site,
                    device=origin.device,
                    quantity=name,
                    value=measured,
                    quality=quality,
                )
            )
    return Parsed(tuple(signals), tuple(problems))


def quality_word(flag: object) -> str:
    """A remark with the sender's word for the quality, unless it is one of the usual words for good."""
    said = word(flag).lower()
    return "" if said in _GOOD else f"q={said[:20]}"
