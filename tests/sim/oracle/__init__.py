"""What should have happened to a city, worked out from its log by other means than the product's.

Nothing of the product is imported here, nor any of its code translated: states, limits, ladders and who is told are derived from the
workflow files as `workflows/README.md` explains them, from the working days and from the events. `differences` says in sentences where
the record is another one.

Where README and design are silent, the product's way was taken as the rule:

* A reminder outside the limit it reminds of (at or before its start, at or after its end) is not given.
* Working days of a year without any table go by weekday, the statutory days on fixed dates apart.
* After an outage the last rung collapses too: only its newest turn speaks; later turns keep the beat of its own due times.
* A change of urgency counts a limit anew from its old start, unless a rung of it has spoken or is due already.
* A rung that stands before its own offset, as the urgency of now gives it, is one that patience brought forward; under another workflow it
  keeps its time.
* An extension or another deadline begins the limit anew: its reminders count from the act.
* Under another workflow a ladder goes on where it stands; its top is left out only where it has spoken.
* A recount touches a hazard only if one of its steps was counted over an unofficial year, or runs beyond the first day that changed in an
  official one; a reminder whose new instant has passed is left out.
* Whom an act tells beside the file's `tell`: whoever owes the next step when the hazard moved (never whoever acted), reporter and
  responsible person when it closes.
* A further count past the highest one a file names speaks as the highest does.
* In one look a limit that acts by itself may leave another one, due as well, without meaning: that one is recorded as void.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tests.sim.oracle.chain import broken
from tests.sim.oracle.ground import Ground
from tests.sim.oracle.standing import (
    keys_differ,
    messages_astray,
    messages_differ,
    row_differs,
    timers_differ,
)
from tests.sim.oracle.walk import Walk

__all__ = ["differences"]


def differences(log: Mapping[str, Any], *, at_most: int = 1_000) -> list[str]:
    """Where a city's record (`tests.sim.log.export`) is another than it should be; one sentence each, at most so many."""
    found: list[str] = []
    ground = Ground(log)
    events, timers, outbox = (_by(log[key], name) for key, name in _TABLES)
    bodies = {id_: [_said(row) for row in rows] for id_, rows in events.items()}
    for hazard in log["hazards"]:
        id_ = hazard["id"]
        found += _of_hazard(ground, hazard, events[id_], bodies.get(id_, []), timers[id_], outbox[id_])
        if len(found) >= at_most:
            return found[:at_most]
    known = {hazard["id"] for hazard in log["hazards"]}
    found += [
        f"a timer waits for the hazard {id_}, which does not exist" for id_ in timers if id_ not in known
    ]
    found += [
        f"a message speaks of the hazard {row['subject_id']}, which does not exist"
        for row in log["outbox"]
        if row["subject_kind"] == "hazard" and row["subject_id"] not in known
    ]
    found += keys_differ(log, events, bodies)
    return found[:at_most]


def _said(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event's bytes say; nothing where they cannot be read."""
    try:
        said = json.loads(bytes.fromhex(event["body"]))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


_TABLES = (("events", "hazard_id"), ("timers", "subject_id"), ("outbox", "subject_id"))


def _of_hazard(
    ground: Ground,
    hazard: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    bodies: Sequence[Mapping[str, Any]],
    timers: Sequence[Mapping[str, Any]],
    outbox: Sequence[Mapping[str, Any]],
) -> list[str]:
    found = list(broken(hazard, events, bodies))
    walk = Walk(ground, hazard, events, bodies, outbox)
    case = walk.run()
    found += walk.wrong
    found += messages_astray(hazard["number"], walk.events, outbox)
    if case is not None:
        confided = {seq: str(case.protected) for seq in walk.confided}
        found += row_differs(ground, case, hazard)
        found += timers_differ(ground, case, timers)
        found += messages_differ(hazard["number"], events, walk.owed, confided, outbox)
    return found


def _by(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found
