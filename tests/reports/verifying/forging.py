"""Forgeries by somebody with a key of their own: another record inside, or other words on the pages, then all sealed anew."""

import copy
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf

from hazard_flow.i18n import Label
from hazard_flow.ledger.canonical import FIRST_PREV, canonical, leaf_hash
from hazard_flow.reports.closure import ClosureData

Record = dict[str, Any]

#: name → (what the record becomes, code of the finding that must name it)
RECORDS: dict[str, tuple[Callable[[Record], Any], str]] = {}
#: name → (what the pages say, code of the finding)
PAGES: dict[str, tuple[Callable[[ClosureData], ClosureData], str]] = {}


def record(code: str) -> Callable[[Callable[[Record], Any]], Callable[[Record], Any]]:
    def kept(function: Callable[[Record], Any]) -> Callable[[Record], Any]:
        RECORDS[function.__name__] = (function, code)
        return function

    return kept


def page(code: str) -> Callable[[Callable[[ClosureData], ClosureData]], Callable[[ClosureData], ClosureData]]:
    def kept(function: Callable[[ClosureData], ClosureData]) -> Callable[[ClosureData], ClosureData]:
        PAGES[function.__name__] = (function, code)
        return function

    return kept


def carrying(pdf: bytes, data: bytes, *, renamed: bool = True) -> bytes:
    """A laid-out file with another record inside, and its metadata naming it."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        stream = document.Root.AF[0].EF.F
        before = hashlib.sha256(stream.read_bytes()).hexdigest().encode()
        stream.write(data)
        if renamed:
            xmp = document.Root.Metadata.read_bytes()
            document.Root.Metadata.write(xmp.replace(before, hashlib.sha256(data).hexdigest().encode()))
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def forged(value: Mapping[str, Any], change: Callable[[Record], Any]) -> bytes:
    copied = copy.deepcopy(dict(value))
    changed = change(copied)
    return changed if isinstance(changed, bytes) else canonical(copied)


def rechain(value: Record) -> None:
    """What somebody does who knows how: every link and the head follow from the events again."""
    prev = FIRST_PREV
    for seq, event in enumerate(value["events"], start=1):
        event["seq"], event["prev"] = seq, prev
        prev = leaf_hash(canonical(event)).hex()
    value["head"] = prev


@record("chain_broken")
def event_edited(value: Record) -> None:
    value["events"][3]["data"]["comment"] = "一切正常"


@record("chain_broken")
def event_removed(value: Record) -> None:
    del value["events"][4]


@record("chain_broken")
def events_reordered(value: Record) -> None:
    events = value["events"]
    events[2], events[3] = events[3], events[2]


@record("chain_broken")
def event_of_another_hazard(value: Record) -> None:
    value["events"][-1]["hazard"] = "YH-370602-20261112-0008"


@record("chain_head")
def last_event_back_dated(value: Record) -> None:
    value["events"][-1]["at"] = "2026-11-13T00:00:00.000000Z"
    value["hazard"]["closed_at"] = value["events"][-1]["at"]


@record("events_differ")
def event_edited_and_rechained(value: Record) -> None:
    value["events"][3]["data"]["comment"] = "一切正常"
    rechain(value)


@record("proof_fails")
def event_edited_rechained_and_proof_kept(value: Record) -> None:
    value["events"][9]["data"]["comment"] = "未见异常"
    rechain(value)


@record("events_differ")
def event_removed_and_rechained(value: Record) -> None:
    del value["events"][7]
    rechain(value)


@record("facts_differ")
def closed_later_than_it_was(value: Record) -> None:
    value["hazard"]["closed_at"] = "2027-01-01T00:00:00.000000Z"


@record("facts_differ")
def another_number(value: Record) -> None:
    value["hazard"]["number"] = "YH-370602-20261112-0008"


@record("pages_lack")
def another_title(value: Record) -> None:
    value["hazard"]["title"] = "某处轻微锈蚀"


@record("manifest_differs")
def evidence_left_out(value: Record) -> None:
    del value["evidence"][1]


@record("manifest_differs")
def evidence_swapped(value: Record) -> None:
    value["evidence"][0]["sha256"] = "0" * 64


@record("manifest_differs")
def evidence_of_another_size(value: Record) -> None:
    value["evidence"][0]["size"] += 1


@record("manifest_differs")
def evidence_twice(value: Record) -> None:
    value["evidence"].append(value["evidence"][0])


@record("proof_fails")
def another_root(value: Record) -> None:
    value["checkpoint"]["root"] = "0" * 64


@record("proof_fails")
def another_leaf(value: Record) -> None:
    value["proof"]["leaf_index"] = 3


@record("checkpoint_forged")
def checkpoint_of_another_day(value: Record) -> None:
    value["checkpoint"]["at"] = "2027-01-01T00:00:00.000000Z"


@record("proof_unreadable")
def proof_without_path(value: Record) -> None:
    del value["proof"]["path"]


@record("record_not_canonical")
def written_otherwise(value: Record) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


@record("record_format")
def of_another_form(value: Record) -> None:
    value["format"] = "hazard-flow-record/2"


@record("record_unreadable")
def no_json(_: Record) -> bytes:
    return b'{"format": '


@record("record_unreadable")
def without_events(value: Record) -> None:
    del value["events"]


@page("events_differ")
def hash_of_an_event(data: ClosureData) -> ClosureData:
    log = list(data.log)
    log[5] = replace(log[5], hash="0" * 64)
    return replace(data, log=tuple(log))


@page("events_differ")
def event_not_printed(data: ClosureData) -> ClosureData:
    return replace(data, log=data.log[:7] + data.log[8:])


@page("event_instant")
def instant_of_an_event(data: ClosureData) -> ClosureData:
    log = list(data.log)
    log[8] = replace(log[8], at=log[8].at - timedelta(days=2))
    return replace(data, log=tuple(log))


@page("exhibits_missing")
def hash_of_an_exhibit(data: ClosureData) -> ClosureData:
    swapped = "f" * 64
    pairs = tuple(replace(one, before=None) for one in data.pairs)
    first, *others = data.exhibits
    return replace(data, exhibits=(replace(first, sha256=swapped), *others), pairs=pairs)


@page("pages_lack")
def organisation(data: ClosureData) -> ClosureData:
    other = Label(zh="别家燃气有限公司", en="Another Gas Co.")
    facts = tuple(one for one in data.particulars if one.label.en != "Enterprise")
    return replace(data, organisation=other, particulars=facts)


@page("pages_lack")
def fingerprint_of_another_seal(data: ClosureData) -> ClosureData:
    assert data.signer is not None
    return replace(data, signer=replace(data.signer, fingerprint="a" * 64))


@page("pages_unfooted")
def hash_of_the_record(data: ClosureData) -> ClosureData:
    return replace(data, seal=replace(data.seal, record_sha256="b" * 64))
