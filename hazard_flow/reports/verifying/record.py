"""The record inside: one file, the one its metadata name, canonical, its events chained, its facts and manifest those of its events."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf

from hazard_flow.ledger.canonical import NotCanonical, canonical
from hazard_flow.reports.record import FORMAT, BrokenChain, check_chain
from hazard_flow.reports.verifying.findings import Finding, Unreadable, fine, wrong

RECORD_NAME = "record.json"
#: of a record: 60 events are 60 kB
RECORD_BYTES_MAX = 32 * 1024**2
_SHA256 = re.compile(rb"recordSHA256(?:=\"|>)([0-9a-f]{64})[\"<]")
_NUMBER = re.compile(rb"hf:number(?:=\"|>)([^\"<]+)[\"<]")
#: of the hazard's facts, those the last event holds as well
_LAST_SAYS = ("level", "urgency", "stage", "resolution", "workflow")


@dataclass(frozen=True)
class Opened:
    """The record as it was found; `value` is None where it cannot be read."""

    findings: tuple[Finding, ...]
    data: bytes = b""
    value: Mapping[str, Any] | None = None

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


def open_record(document: pikepdf.Pdf) -> Opened:
    """Find the record in a PDF and check all that it says of itself. Raises Unreadable for a PDF that carries none."""
    data = _attached(document)
    findings = list(_against_metadata(document, data))
    try:
        value = json.loads(data)
        is_canonical = canonical(value) == data
    except (ValueError, NotCanonical, RecursionError) as error:
        return Opened((*findings, wrong("record", "record_unreadable", why=str(error)[:200])), data)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return Opened((*findings, wrong("record", "record_format")), data)
    findings.append(
        fine("record", "record_canonical") if is_canonical else wrong("record", "record_not_canonical")
    )
    try:
        findings += _checked(value)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        findings.append(wrong("record", "record_unreadable", why=f"{type(error).__name__} {error}"[:200]))
        return Opened(tuple(findings), data)
    return Opened(tuple(findings), data, value)


def _attached(document: pikepdf.Pdf) -> bytes:
    root = document.Root
    files = list(root.get("/AF", []))
    named = [
        files[at]
        for at in range(len(files))
        if str(files[at].get("/UF", files[at].get("/F", ""))) == RECORD_NAME
    ]
    if not named:
        raise Unreadable("no record.json inside: this is no closure file")
    stream = named[0].EF.F
    if int(stream.get("/Length", 0)) > RECORD_BYTES_MAX:
        raise Unreadable("the record inside is too large")
    return stream.read_bytes()


def _against_metadata(document: pikepdf.Pdf, data: bytes) -> Iterator[Finding]:
    root = document.Root
    files, embedded = list(root.AF), list(root.Names.EmbeddedFiles.Names)[1::2]
    is_one = len(files) == len(embedded) == 1 and files[0].objgen == embedded[0].objgen
    if not is_one or files[0].get("/AFRelationship") != "/Data":
        yield wrong("record", "record_not_alone", count=max(len(files), len(embedded)))
    xmp = root.Metadata.read_bytes()
    said = _SHA256.findall(xmp)
    sha256 = hashlib.sha256(data).hexdigest()
    if said == [sha256.encode()]:
        yield fine("record", "record_as_named", sha256=sha256)
    else:
        yield wrong("record", "record_not_as_named", sha256=sha256, said=b" ".join(said).decode() or "—")


def _checked(value: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _chain(value)
    yield from _facts(value)
    yield from _manifest(value)


def _chain(value: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        head, events = check_chain([canonical(event) for event in value["events"]])
    except BrokenChain as error:
        yield wrong("chain", "chain_broken", why=str(error))
        return
    if head != value["head"]:
        yield wrong("chain", "chain_head", head=head, said=value["head"])
        return
    yield fine("chain", "chain_whole", count=len(events), head=head)


def _facts(value: Mapping[str, Any]) -> Iterator[Finding]:
    """The hazard's facts beside the events are those the events tell."""
    hazard, events = value["hazard"], value["events"]
    told = {"number": events[0]["hazard"], "reported_at": events[0]["at"]}
    moved = [event for event in events if "stage" in event["data"]]
    if moved:
        told |= {name: moved[-1]["data"][name] for name in _LAST_SAYS if name in moved[-1]["data"]}
    closing = [
        event for event in moved if event["data"]["stage"] == "closed" != event["data"].get("from_stage")
    ]
    if closing:
        told["closed_at"] = closing[-1]["at"]
    differ = [name for name, wanted in told.items() if name in hazard and hazard[name] != wanted]
    if differ:
        yield wrong("record", "facts_differ", names=", ".join(differ))
    else:
        yield fine("record", "facts_agree", count=len(told))


def _manifest(value: Mapping[str, Any]) -> Iterator[Finding]:
    said = {
        (one["event_seq"], one["sha256"], one["size"], one["mime"], one["stage"]) for one in value["evidence"]
    }
    told = {
        (event["seq"], one["sha256"], one["size"], one["mime"], one["stage"])
        for event in value["events"]
        for one in event["data"].get("evidence") or ()
    }
    # a file named again by a later act stands in the manifest once, where it came first
    is_once = len(said) == len(value["evidence"])
    if is_once and said <= told and {one[1::3] for one in said} == {one[1::3] for one in told}:
        yield fine("manifest", "manifest_agrees", count=len(said))
        return
    odd = sorted({one[1] for one in said ^ told}) or sorted(one[1] for one in said)
    yield wrong("manifest", "manifest_differs", sha256=", ".join(odd)[:400])
