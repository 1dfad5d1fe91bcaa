"""What speaks against a household visit as it was recorded: the checks of all visits (`inspections.fraud`), and some of homes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo

from hazard_flow.inspections.fraud import Picture, Visit
from hazard_flow.inspections.fraud import doubts as doubts_of_visits
from hazard_flow.inspections.households.models import IN_VAIN
from hazard_flow.inspections.rules import DoubtRules

#: nobody can be absent where nobody went: the notice of another door, or a place somewhere else
_FAKED_BY = frozenset({"same_photo", "outside_fence"})


def doubts(
    visit: Visit,
    others: Iterable[Visit],
    rules: DoubtRules,
    zone: tzinfo,
    *,
    result: str,
    per_day_max: int,
    is_announced: bool,
) -> list[str]:
    """Names of all doubts about one visit beside those it is compared with; a doubt is for a person to look into, never a verdict.

    `per_day_max` is local policy. `is_announced`: local law wants notice, and it was given in time or the user asked for the visit.
    """
    own = replace(rules, a_day_max=per_day_max)
    found = [one.rule for one in doubts_of_visits([*others, visit], own, zone, only=frozenset({visit.key}))]
    if visit.stood is None and visit.target is not None:
        found.append("no_place")
    if result in IN_VAIN and _FAKED_BY & set(found):
        found.append("faked_absence")
    if not is_announced:
        found.append("not_announced")
    return found


def pictures_of(hashes: Sequence[tuple[str, str]], signature: str) -> tuple[tuple[Picture, ...], str | None]:
    """Pictures from (hash, kind), by their bytes only, for one door and its notice look much like the next; the signature apart."""
    photos = tuple(Picture(sha) for sha, kind in hashes if kind != signature)
    return photos, next((sha for sha, kind in hashes if kind == signature), None)
