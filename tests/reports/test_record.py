"""A stranger can check a record with his own forty lines; we refuse to issue over a chain that does not hold."""

import hashlib
import json

import pytest

from hazard_flow.ledger.canonical import canonical
from hazard_flow.reports.record import BrokenChain, check_chain, record
from tests.reports.cases import Case, _events


def test_a_stranger_s_check_passes(case: Case) -> None:
    said = json.loads(case.record_bytes)
    assert said["format"] == "hazard-flow-record/1"
    assert set(said) == {"format", "hazard", "events", "head", "evidence", "proof", "checkpoint"}
    prev = "0" * 64
    for seq, event in enumerate(said["events"], start=1):
        assert sorted(event) == ["actor", "at", "data", "hazard", "prev", "seq", "type", "v"]
        assert (event["seq"], event["prev"]) == (seq, prev)
        text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        prev = hashlib.sha256(b"\x00" + text.encode()).hexdigest()
    assert said["head"] == prev
    assert set(said["evidence"][0]) == {"sha256", "size", "mime", "stage", "event_seq"}
    assert said["proof"] is None
    assert canonical(said) == case.record_bytes


def _mended(stored: bytes, **changes: object) -> bytes:
    return canonical({**json.loads(stored), **changes})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda events: [], "no event"),
        (lambda events: events[1:], "event 1 does not follow"),
        (lambda events: [events[0], *events[2:]], "event 2 does not follow"),
        (lambda events: [_mended(events[0], actor="x"), *events[1:]], "event 2 does not follow"),
        (lambda events: [*events[:2], _mended(events[2], hazard="YH-other")], "event 3 belongs to another"),
        (lambda events: [events[0] + b" "], "not stored in its canonical form"),
        (lambda events: [b"\xff"], "cannot be read"),
        (lambda events: [b'{"seq":1.0}'], "cannot be read"),
    ],
    ids=["none", "first gone", "middle gone", "edited", "foreign", "padded", "not text", "float"],
)
def test_a_broken_chain_is_refused(change: object, words: str) -> None:
    with pytest.raises(BrokenChain, match=words):
        check_chain(change(_events(4, [])))  # type: ignore[operator]


def test_proof_and_checkpoint_are_carried_when_there_are_any() -> None:
    proof = {"leaf_index": 3, "tree_size": 4, "path": ["00" * 32]}
    made = record({"number": "n"}, _events(1, []), evidence=[], proof=proof, checkpoint={"size": 4})
    assert made["proof"] == proof
    assert made["checkpoint"] == {"size": 4}
