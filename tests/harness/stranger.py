"""A stranger's forty lines: whether a closure file's record holds together, worked out with nothing of ours."""

import hashlib
from typing import Any

import rfc8785

EVENT = {"v", "hazard", "seq", "at", "actor", "type", "data", "prev"}


def faults(record: dict[str, Any]) -> list[str]:
    """Everything in a `record.json` that does not agree with its own hashes; empty when it is whole."""
    found = []
    if record["format"] != "hazard-flow-record/1":
        found.append("format")
    head = "0" * 64
    for seq, event in enumerate(record["events"], start=1):
        if event.keys() != EVENT:
            found.append(f"event {seq}: fields {sorted(event)}")
        if event["seq"] != seq or event["hazard"] != record["hazard"]["number"]:
            found.append(f"event {seq}: out of place")
        if event["prev"] != head:
            found.append(f"event {seq}: prev")
        if _has_float(event):
            found.append(f"event {seq}: a number that is no integer")
        head = hashlib.sha256(b"\x00" + rfc8785.dumps(event)).hexdigest()
    if record["head"] != head:
        found.append("head")
    if [e["at"] for e in record["events"]] != sorted(e["at"] for e in record["events"]):
        found.append("order in time")
    named = {(p["sha256"], event["seq"]) for event in record["events"] for p in _pieces(event["data"])}
    listed = {(e["sha256"], e["event_seq"]) for e in record["evidence"]}
    if named != listed:
        found.append(f"evidence: {sorted(named ^ listed)}")
    return found


def _pieces(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [p for p in data.get("evidence", []) if isinstance(p, dict)]


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_float(v) for v in value.values())
    return any(_has_float(v) for v in value) if isinstance(value, list) else isinstance(value, float)
