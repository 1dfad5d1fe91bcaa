"""What must stand at the end: the hazard's row, exactly the pending steps, exactly the messages, each request answered once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.sim.oracle.case import Case
from tests.sim.oracle.ground import Ground, bare
from tests.sim.oracle.telling import Told

Row = Mapping[str, Any]


def still_speaks(ground: Ground, case: Case, at: str) -> bool:
    """Whether some limit runs whose ladder reaches somebody."""
    people = ground.people(at)
    for step in case.pending.values():
        limit = case.flow.limit(step.kind, step.name, case.state)
        if limit is not None:
            rung = case.flow.ladders[limit.ladder][max(step.level, 0)]
            if people.reach(rung.tell, case.parts(case.holder))[0]:
                return True
    return False


def row_differs(ground: Ground, case: Case, row: Row) -> Iterator[str]:
    """The hazard's row against the case."""
    text = ground.text
    instants = {name: case.instants.get(name) for name in ("found_at", "due_at", "original_due_at")}
    expected = {
        "state": case.state,
        "stage": case.stage,
        "state_seq": case.state_seq,
        "workflow": case.flow.key,
        "workflow_version": case.flow.version,
        "level": case.level,
        "urgency": case.urgency,
        "colour": case.colour,
        "responsible_id": case.responsible,
        "closer_id": case.closer,
        "verifier_ids": list(case.verifiers),
        "path": case.place.path,
        "resolution": case.resolution,
        "closed_at": text(case.closed_at) if case.closed_at else None,
        "control_open": "control" in case.open,
        "counters": case.counters,
        **{name: text(at) if at else None for name, at in instants.items()},
    }
    recorded = {**row, "verifier_ids": [bare(one) for one in row["verifier_ids"]]}
    for key, value in expected.items():
        if recorded[key] != value:
            yield f"{case.number}: the hazard's {key} is {recorded[key]!r}, expected {value!r}"
    standing = sorted(row["proceedings"].get("open", {}))
    if standing != sorted(case.open):
        yield f"{case.number}: open are {standing}, expected {sorted(case.open)}"


def timers_differ(ground: Ground, case: Case, rows: Sequence[Row]) -> Iterator[str]:
    """The pending timers against the steps that should be pending."""
    text, found = ground.text, {row["name"]: row for row in rows}
    if len(found) != len(rows):
        yield f"{case.number}: a limit is pending twice"
    for name in sorted(found.keys() - case.pending.keys()):
        row = found[name]
        yield f"{case.number}: {name} level {row['level']} is pending for {row['due_at']}, expected none"
    for name, step in sorted(case.pending.items()):
        if name not in found:
            yield f"{case.number}: {name} level {step.level} should be pending for {text(step.due)}, and is not"
            continue
        row = found[name]
        expected = {
            "level": step.level,
            "cycle": step.cycle,
            "due_at": text(step.due),
            "expires_at": text(step.end),
            "started_at": text(step.start),
            "rule": step.kind,
            "provisional": step.unsure,
        }
        if step.kind == "state":
            expected["fence"] = case.state_seq
        for key, value in expected.items():
            if row[key] != value:
                yield f"{case.number}: {name} level {step.level}: {key} of the pending timer is {row[key]!r}, expected {value!r}"


def messages_astray(number: str, events: Sequence[Row], rows: Sequence[Row]) -> Iterator[str]:
    """Messages of one hazard that tell of nothing, or in an instant of their own, or twice.

    One written in the stead of another whose reader had left is judged by the one it replaces.
    """
    at = {row["seq"]: row["at"] for row in events}
    replaced = {row["instead_of_id"] for row in rows if row["instead_of_id"]}
    for row in rows:
        where = f"{number}: {row['channel']} to {row['person_id']} about event {row['seq']}"
        if row["seq"] not in at:
            yield f"{where}, which does not exist"
        elif row["instead_of_id"] is None and row["created_at"] != at[row["seq"]]:
            yield f"{where}: written at {row['created_at']}, the event is of {at[row['seq']]}"
        if row["id"] in replaced and row["state"] != "dropped":
            yield f"{where}: replaced and yet {row['state']}"
    counted = Counter((row["seq"], row["person_id"], row["channel"]) for row in rows)
    yield from (f"{number}: {key} written {count} times" for key, count in counted.items() if count > 1)


def messages_differ(
    number: str,
    events: Sequence[Row],
    owed: Mapping[int, Told],
    confided: Mapping[int, str],
    rows: Sequence[Row],
) -> Iterator[str]:
    """The outbox of one hazard against what its events owe; `confided`: event → whom it tells apart from all others."""
    at = {row["seq"]: row["at"] for row in events}
    written: dict[int, dict[tuple[str, str], str]] = {}
    for row in rows:
        if row["instead_of_id"] is None and row["subject_kind"] == "hazard":
            written.setdefault(row["seq"], {})[row["person_id"], row["channel"]] = row["template"]
    for seq, told in owed.items():
        yield from _event_differs(f"{number} event {seq} at {at[seq]}", told.found, written.get(seq, {}))
    private = {row["seq"]: row["person_id"] for row in rows if row["subject_kind"] == "confidence"}
    if private != confided:
        yield f"{number}: told in confidence {private}, expected {confided}"


def _event_differs(
    where: str, expected: Mapping[tuple[str, str], str], written: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    for person, channel in sorted(expected.keys() - written.keys()):
        yield f"{where}: no {channel} to {person}, who should be told ({expected[person, channel]})"
    for person, channel in sorted(written.keys() - expected.keys()):
        yield f"{where}: {channel} to {person} ({written[person, channel]}), who should not be told"
    for key in sorted(expected.keys() & written.keys()):
        said, wanted = written[key], expected[key]
        if said != wanted and not (wanted == "recounted" and said.startswith("recounted")):
            yield f"{where}: {key[1]} to {key[0]} says {said!r}, expected {wanted!r}"


def keys_differ(
    log: Mapping[str, Any], events: Mapping[str, Sequence[Row]], bodies: Mapping[str, Sequence[Row]]
) -> Iterator[str]:
    """Each request led to one event, and each event somebody asked for answers one request."""
    answered = Counter((row["hazard_id"], row["seq"]) for row in log["keys"])
    for row in log["keys"]:
        if row["hazard_id"] is None:
            yield f"the key {row['key']} of {row['actor']} has no answer"
    for (hazard, seq), count in answered.items():
        if count > 1:
            yield f"{count} requests were answered with event {seq} of {hazard}"
    split = {row["id"] for row in log["hazards"] if row["split_from_id"]}
    asked = {(row["hazard_id"], row["seq"]): row for row in log["keys"]}
    for event, said in (
        (e, said) for id_ in events for e, said in zip(events[id_], bodies[id_], strict=True)
    ):
        key = asked.pop((event["hazard_id"], event["seq"]), None)
        if not _asked_for(event, said, split):
            if key is not None:
                yield f"event {event['seq']} of {event['hazard_id']} answers a request, and nobody asks for a {event['type']}"
        elif key is None:
            yield f"event {event['seq']} of {event['hazard_id']} ({event['action']}) by {event['actor']} answers no request"
        elif key["actor"] != event["actor"] and event["actor"] != "protected":
            yield f"event {event['seq']} of {event['hazard_id']} is by {event['actor']}, its request by {key['actor']}"
    yield from (
        f"a request is answered with event {seq} of {hazard}, which does not exist"
        for hazard, seq in asked
        if hazard
    )


def _asked_for(event: Row, body: Row, split: set[str]) -> bool:
    if event["type"] == "hazard.reported":
        return event["hazard_id"] not in split
    if event["type"] == "hazard.acted":
        return "silent" not in body.get("data", {})
    return bool(event["type"] == "hazard.migrated")
