"""What a closure file (销号报告) says: frozen values in both languages, no database, no page.

`compose` makes them, the template prints them. Sections follow the practice form of a 销号报告.
An empty tuple or None means the matter did not arise; the template then says so in one line.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hazard_flow.i18n import Label
from hazard_flow.reports.seal.sealer import Signer
from hazard_flow.telemetry.curve import Curve

#: A text with a name in both languages, or what somebody typed in one.
Text = Label | str


@dataclass(frozen=True)
class Fact:
    """One line of a table of facts."""

    label: Label
    value: Text
    #: A short line under the value: the reference system of coordinates, the version of a catalogue.
    note: Text | None = None
    #: Takes the whole width of the table.
    wide: bool = False


@dataclass(frozen=True)
class StageReached:
    """One of the five stages and when it was entered; None where the hazard skipped it."""

    stage: str
    label: Label
    at: datetime | None
    who: str = ""


@dataclass(frozen=True)
class Photo:
    """A picture as printed: which asset, of which original, taken when and where by whose clock."""

    #: SHA-256 of the print copy handed to the renderer.
    asset: str
    #: SHA-256 of the original, bit-exact as received.
    sha256: str
    kind: Label
    #: before or after; `control` and `verify` for pictures that answer no before-photo
    side: str
    at: datetime
    #: Whose clock `at` is: exif, device or server.
    clock: str
    lon: str | None
    lat: str | None
    crs: str | None
    event_seq: int
    #: The device's clock as it stood, when we received it, and how far the device's clock was ahead (behind: negative), if it said.
    device_at: datetime | None = None
    received_at: datetime | None = None
    clock_skew_s: int | None = None


@dataclass(frozen=True)
class Doubted:
    """Something a comparison found doubtful: why, how much it weighs (0–100), and about which file or event."""

    text: Label
    score: int
    event_seq: int
    #: SHA-256 of the file; empty where the act itself is doubted
    sha256: str = ""


@dataclass(frozen=True)
class Explained:
    """A photo that proved something else already, handed in again with a reason."""

    reason: str
    by: str
    at: datetime
    event_seq: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """The same place before and after; either side may be missing."""

    before: Photo | None
    after: Photo | None
    #: Nobody named the partner; they stand together in the order they were taken.
    by_order: bool = False


@dataclass(frozen=True)
class Measure:
    """One of the five implementations (五落实): responsibility, measures, funds, time limit, contingency plan."""

    label: Label
    content: Text
    person: Text
    due_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True)
class Control:
    """An interim control (临时管控措施)."""

    label: Label
    started_at: datetime
    started_by: str
    lifted_at: datetime | None
    lifted_by: str = ""
    note: str = ""


@dataclass(frozen=True)
class Reading:
    """A measured value before or after."""

    side: str
    label: Label
    value: str
    instrument: str
    at: datetime
    by: str


@dataclass(frozen=True)
class LogEntry:
    """One event of the process log."""

    seq: int
    at: datetime
    #: person, system, timer or alarm
    by: str
    actor: Text
    what: Text
    #: hex SHA-256(0x00 || event)
    hash: str
    post: Text = ""
    comment: str = ""
    #: Stage entered by this event.
    stage: Label | None = None
    #: Process colour of a notice: blue, yellow, orange, red.
    colour: str | None = None
    evidence_count: int = 0
    #: The device's own time of an act done without signal.
    offline_at: datetime | None = None


@dataclass(frozen=True)
class Escalation:
    """A notice that climbed (督办)."""

    at: datetime
    colour: str | None
    what: Text
    level: int
    to: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    #: How often the same rung went to the same people, and when last.
    times: int = 1
    last_at: datetime | None = None


@dataclass(frozen=True)
class Matter:
    """Something on the way: extension, suspension, transfer, listing, gas stop, failed re-check."""

    label: Label
    at: datetime
    by: str
    text: str
    outcome: Text = ""


@dataclass(frozen=True)
class Opinion:
    """What somebody answered for, and the event that holds it."""

    role: Label
    name: str
    text: Text
    at: datetime
    event_seq: int
    post: Text = ""
    #: SHA-256 of a handwriting picture handed to the renderer.
    signature_asset: str | None = None


@dataclass(frozen=True)
class TimeLimit:
    """One clock: its limit, when it was met, and by whose rule."""

    label: Label
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    #: Moved by an approved extension; on-time is judged by this first deadline.
    original_due_at: datetime | None = None

    @property
    def kept(self) -> bool | None:
        """Whether it was met by its first deadline; None where it was never met."""
        return None if self.met_at is None else self.met_at <= (self.original_due_at or self.due_at)


@dataclass(frozen=True)
class Exhibit:
    """One line of the evidence manifest."""

    sha256: str
    size: int
    mime: str
    filename: str
    kind: Label
    stage: Label
    at: datetime
    event_seq: int
    #: how many doubts there are about it
    doubts: int = 0
    #: whether its bytes ever came; and whether somebody answered for it that they never will
    is_received: bool = True
    is_lost: bool = False


@dataclass(frozen=True)
class Seal:
    """The record's numbers: what a stranger compares."""

    record_name: str
    record_size: int
    record_sha256: str
    head: str
    events: int
    #: Merkle root, tree size and leaf index, once the ledger issued a checkpoint.
    root: str | None = None
    tree_size: int | None = None
    leaf_index: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClosureData:
    """A whole closure file."""

    number: str
    #: Document id, as in /verify/<document>.
    document: str
    version: int
    sealed: bool
    verify_url: str
    qr_asset: str
    zone: str

    title: str
    description: str
    organisation: Text
    regulator: Text
    level: Label
    #: general or major
    level_key: str
    #: M, A, B, C or None
    urgency: str | None
    resolution: Label
    resolution_key: str
    closed_at: datetime
    found_at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    #: When the rectification was submitted for re-check; on-time is judged by it.
    completed_at: datetime | None
    colours: tuple[str, ...]
    stages: tuple[StageReached, ...]
    particulars: tuple[Fact, ...]
    pairs: tuple[Pair, ...]
    #: pictures of interim control and re-check
    others: tuple[Photo, ...]
    #: Why there is no photo, where there is none.
    no_photo_reason: Text | None
    assignment: tuple[Fact, ...]
    #: what comparisons of the evidence found doubtful, and what they come to
    doubts: tuple[Doubted, ...] = ()
    doubt_score: int = 0
    explained: tuple[Explained, ...] = ()
    measures: tuple[Measure, ...]
    readings: tuple[Reading, ...] = ()
    #: what the detectors said half an hour either side of the first alarm, where an alarm opened it
    curve: Curve | None = None
    controls: tuple[Control, ...] = ()
    log: tuple[LogEntry, ...] = ()
    recheck: tuple[Fact, ...] = ()
    conclusion: Text | None = None
    cause: tuple[Fact, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    matters: tuple[Matter, ...] = ()
    #: Matters of section 9 that did not arise, by name.
    not_arisen: tuple[Label, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    limits: tuple[TimeLimit, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    seal: Seal = field(kw_only=True)
    #: who seals it; None for a copy issued without a seal
    signer: Signer | None = None

    @property
    def kept(self) -> bool | None:
        """Whether rectification met its first deadline; None without a deadline or a completion."""
        due = self.original_due_at or self.due_at
        return None if due is None or self.completed_at is None else self.completed_at <= due


def pair_photos(photos: Sequence[tuple[Photo, str | None]]) -> tuple[Pair, ...]:
    """Photos with the SHA-256 each answers → pairs: named partners first, the rest side by side in the order taken.

    A before-photo answered by several after-photos appears once; the further ones stand with an empty left side.
    """
    befores = {photo.sha256: photo for photo, _ in photos if photo.side == "before"}
    afters = [(photo, partner) for photo, partner in photos if photo.side == "after"]
    pairs: list[Pair] = []
    waiting: list[Photo] = []
    for photo, partner in afters:
        before = befores.pop(partner, None) if partner else None
        if before is None:
            waiting.append(photo)
        else:
            pairs.append(Pair(before, photo))
    left = sorted(befores.values(), key=lambda photo: (photo.event_seq, photo.at))
    waiting.sort(key=lambda photo: (photo.event_seq, photo.at))
    for place in range(max(len(left), len(waiting))):
        before = left[place] if place < len(left) else None
        after = waiting[place] if place < len(waiting) else None
        pairs.append(Pair(before, after, by_order=before is not None and after is not None))
    return tuple(pairs)


def template_data(closure: ClosureData) -> dict[str, Any]:
    """The closure as JSON values for the template, with what it would otherwise have to compute."""
    data: dict[str, Any] = plain(closure)
    data["kept"] = closure.kept
    data["seconds_to_close"] = int((closure.closed_at - closure.found_at).total_seconds())
    previous = None
    for entry, said in zip(closure.log, data["log"], strict=True):
        said["delta"] = int((entry.at - previous).total_seconds()) if previous else None
        previous = entry.at
    for limit, said in zip(closure.limits, data["limits"], strict=True):
        said["kept"] = limit.kept
        due = limit.original_due_at or limit.due_at
        said["margin"] = int((due - limit.met_at).total_seconds()) if limit.met_at else None
    return data


def plain(value: Any) -> Any:
    """Labels, frozen values, instants and numbers as JSON values."""
    if isinstance(value, Label):
        return {"zh": value.zh, "en": value.en}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
