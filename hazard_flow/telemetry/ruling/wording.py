"""A rule in words of both languages, from its values alone: what is written is what is judged."""

from collections.abc import Iterator
from datetime import timedelta

from hazard_flow.i18n import LOCALES, Label, text
from hazard_flow.telemetry.rules import (
    Combination,
    Level,
    Move,
    NoData,
    Part,
    Quantity,
    Rules,
    Ruling,
    Stuck,
    Threshold,
)

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def in_words(rule: Ruling, rules: Rules) -> Label:
    """What the rule says, sentence by sentence."""
    return Label(*(_separator(locale).join(_sentences(rule, rules, locale)) for locale in LOCALES))


def _separator(locale: str) -> str:
    return "；" if locale == "zh" else "; "


def _sentences(rule: Ruling, rules: Rules, locale: str) -> Iterator[str]:
    if isinstance(rule, Threshold):
        quantity = rules.quantities[rule.quantity]
        for level in rule.levels:
            yield _level(rule, level, quantity, locale)
        clear = _amount(rule.lowest.clear_below, quantity)
        way = "below" if rule.sign > 0 else "above"
        yield text(f"telemetry.words.clears_{way}", locale, value=clear, span=span(rules.off_delay, locale))
    elif isinstance(rule, Combination):
        parts = [_part(part, rules.quantities[part.quantity], locale) for part in rule.parts]
        key = "all" if rule.all_of else "any"
        joined = text(f"telemetry.words.{key}", locale).join(parts)
        yield text(
            "telemetry.words.combination",
            locale,
            parts=joined,
            span=span(rule.within, locale),
            level=rule.level,
        )
    elif isinstance(rule, Stuck):
        quantity = rules.quantities[rule.quantity]
        yield text(
            "telemetry.words.stuck",
            locale,
            quantity=quantity.label.in_(locale),
            n=rule.samples,
            change=_amount(rule.change, quantity),
            least=_amount(rule.min_value, quantity),
        )
    elif isinstance(rule, NoData):
        yield text("telemetry.words.no_data", locale, n=rule.missed)
        yield text("telemetry.words.grouped", locale, n=rule.group_min)
    else:
        yield text(
            "telemetry.words.storm",
            locale,
            n=rule.min_alerts,
            span=span(rule.window, locale),
            below=rule.below,
        )


def _level(rule: Threshold, level: Level, quantity: Quantity, locale: str) -> str:
    way = "above" if rule.sign > 0 else "below"
    said = {
        "quantity": quantity.label.in_(locale),
        "value": _amount(level.above, quantity),
        "level": level.level,
        "k": level.k,
    }
    moved = f"{_move(rule.move, rule.sign, quantity, locale)} " if rule.move else ""
    if level.within is not None:
        window = text("telemetry.words.within", locale, span=span(level.within, locale))
    else:
        window = text("telemetry.words.of_n", locale, n=level.n)
    return text(f"telemetry.words.level_{way}", locale, moved=moved.lstrip(), window=window, **said)


def _part(part: Part, quantity: Quantity, locale: str) -> str:
    words = quantity.label.in_(locale)
    if part.above is not None:
        way = "at_least" if part.sign > 0 else "at_most"
        words += text(f"telemetry.words.{way}", locale, value=_amount(part.above, quantity))
    if part.move is not None:
        words += " " + _move(part.move, part.sign, quantity, locale)
    if part.devices > 1:
        words += text("telemetry.words.devices", locale, n=part.devices)
    return words


def _move(move: Move, sign: int, quantity: Quantity, locale: str) -> str:
    key = "rise" if sign > 0 else "drop"
    amount = f"{move.amount:g} %" if move.percent else _amount(move.amount, quantity)
    return text(f"telemetry.words.{key}", locale, amount=amount, span=span(move.within, locale))


def _amount(value: float, quantity: Quantity) -> str:
    return f"{value:g} {quantity.unit}".strip()


def span(length: timedelta, locale: str) -> str:
    """A span in its largest whole unit."""
    seconds = int(length.total_seconds())
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds and seconds % size == 0), ("s", 1))
    return text(f"telemetry.words.span_{unit}", locale, n=seconds // size)
