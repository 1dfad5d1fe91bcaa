"""Messages whose reader had left before they could be sent: to whom they must have gone instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.sim.oracle.case import Case
from tests.sim.oracle.ground import Ground, when

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Handed:
    """One message that was written anew for others."""

    at: datetime
    message: Row
    to: frozenset[str]
    #: who had the same word about the same event over the same channel anyhow
    told: frozenset[str]


def handed_on(rows: Sequence[Row]) -> list[Handed]:
    """The messages of a hazard that were handed on, by the instant."""
    known = {row["id"]: row for row in rows}
    anew: dict[str, list[Row]] = {}
    for row in rows:
        if row["instead_of_id"] in known and row["subject_kind"] == "hazard":
            anew.setdefault(row["instead_of_id"], []).append(row)
    found = []
    for id_, written in anew.items():
        first = known[id_]
        same = (first["seq"], first["channel"])
        others = (one for one in rows if one["instead_of_id"] != id_ and (one["seq"], one["channel"]) == same)
        to = frozenset(one["person_id"] for one in written)
        found.append(
            Handed(when(written[0]["created_at"]), first, to, frozenset(one["person_id"] for one in others))
        )
    return sorted(found, key=lambda one: (one.at, one.message["id"]))


def wrongly_handed(ground: Ground, case: Case, one: Handed) -> Iterator[str]:
    """Whoever is reached behind the same words at that instant is told, and nobody else; the hazard being as it was then."""
    gone, words = one.message["person_id"], one.message["params"].get("addressees")
    people = ground.people(ground.text(one.at))
    found, _ = people.reach(words if isinstance(words, list) else ["holder"], case.parts(case.holder))
    wanted = set(found) - {gone}
    where = f"{one.message['channel']} about event {one.message['seq']}, handed on because {gone} had left"
    if one.to - wanted:
        yield f"{where}: to {sorted(one.to - wanted)}, who are not the ones to be told instead"
    if wanted - one.to - one.told:
        yield f"{where}: not to {sorted(wanted - one.to - one.told)}, who should be told instead"
