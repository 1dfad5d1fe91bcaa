"""Which division a row of a file is for, and whether its importer may speak for it."""

from collections.abc import Sequence
from typing import Any

from hazard_flow.errors import NotAllowed
from hazard_flow.exchange.kinds import ImportOrder
from hazard_flow.exchange.records import Record
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.identity.roles import division_prefix

RIGHT = "rules.write"
#: (column, code, params)
Fault = tuple[str, str, dict[str, Any]]


def reach(actor: Actor) -> tuple[str, ...]:
    """The prefixes of the divisions an actor may make rules for; one empty prefix means everywhere.

    Rules bind every enterprise of a place, so only a regulator's administrator makes them, never one of an enterprise. Raises NotAllowed.
    """
    demand(actor, RIGHT)
    if actor.is_system:
        return ("",)
    desks = [h for h in actor.holdings if h.role == "administrator" and h.regulator]
    if not desks:
        raise NotAllowed("an administrator of a regulator", right=RIGHT)
    return tuple(sorted({division_prefix(h.division) for h in desks}))


def may_make_rules(actor: Actor) -> bool:
    """Whether there is a division this actor may make rules for."""
    try:
        return bool(reach(actor))
    except NotAllowed:
        return False


def division_of(
    record: Record, column: str, order: ImportOrder, within: Sequence[str], *, national: bool = False
) -> tuple[str, list[Fault]]:
    """The prefix a row is for and what is wrong with it; `national` lets a row speak for the whole country."""
    text = record.text(column) or order.division
    if not text and national:
        outside = "" not in within
        return "", [(column, "outside_your_division", {"division": "—"})] if outside else []
    if not is_division(text):
        return "", [(column, "not_a_division", {"value": text})]
    prefix = division_prefix(text)
    if not any(prefix.startswith(own) for own in within):
        return prefix, [(column, "outside_your_division", {"division": text})]
    return prefix, []


def is_division(text: str) -> bool:
    """Whether a text is a division code or a prefix of one: 2 to 12 digits."""
    return text.isascii() and text.isdigit() and 2 <= len(text) <= 12
