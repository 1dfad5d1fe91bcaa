"""What one hazard's page draws: stages, clocks, firings, evidence, facts, record, actions. Frozen, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from hazard_flow.hazards.grouping import GROUPS
from hazard_flow.hazards.marks import STAGE_FILL, Countdown, Tier, tier
from hazard_flow.hazards.matter_views import Duty, Matter, Related
from hazard_flow.web.views import FormError, FormField


@dataclass(frozen=True)
class Step:
    """One of the five stages on a hazard's way; `at` is when it was entered, the rest one short line each."""

    stage: str
    label: str
    status: Literal["done", "now", "todo"]
    at: datetime | None = None
    who: str = ""
    note: str = ""


@dataclass(frozen=True)
class Clock:
    """A running time limit. Percentages are of the whole drawn span, which reaches to the asked extension where there is one."""

    name: str
    icon: str
    countdown: Countdown | None = None
    #: when it was met; the clock has stopped
    ended_at: datetime | None = None
    #: the deadline before an extension, and where it stands on the span
    original_due_at: datetime | None = None
    original_percent: int | None = None
    #: where an extension that is asked for, not yet granted, begins
    asked_from_percent: int | None = None
    #: who hears of it when it expires
    to: str = ""
    note: str = ""
    #: how much of the drawn span is used, 0-100
    used_percent: int = 0
    #: make-safe clocks are drawn in the brand colour, so that the two are told apart
    is_make_safe: bool = False
    #: one line instead of the large figure
    is_small: bool = False


@dataclass(frozen=True)
class Firing:
    """The next thing that will happen by itself: when, what, to whom."""

    due_at: datetime
    name: str
    level: int
    to: tuple[str, ...]
    colour: str | None = None
    note: str = ""


@dataclass(frozen=True)
class PhotoTime:
    """One of the clocks a file was seen by: the photo's own, the device's, ours."""

    label: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class MarkShape:
    """An arrow (line and head) or a circle over a picture of `width` by `height`."""

    width: int
    height: int
    #: SVG path data in pixels
    path: str


@dataclass(frozen=True)
class Evidence:
    """One file. `place_note` and `flags` are sentences (distance to the asset, re-use, times that disagree)."""

    sha256: str
    kind_label: str
    original_url: str
    #: the re-encoded copy; None for what is not a picture or has not arrived
    display_url: str | None = None
    captured_at: datetime | None = None
    by: str = ""
    place_note: str = ""
    file_name: str = ""
    size_bytes: int = 0
    icon: str = "file-text"
    flags: tuple[str, ...] = ()
    #: every clock by itself, in the order it happened
    times: tuple[PhotoTime, ...] = ()
    stage_label: str = ""
    #: what of it has not come: `all` (nothing to look at yet), `original`, `lost` (it never will); empty where everything is here
    awaited: Literal["", "all", "original", "lost"] = ""
    #: the tablet it is still on, as people call it
    tablet: str = ""
    #: width : height of the picture, and the lines drawn over it in thousandths of each: a layer of its own
    marks: tuple[MarkShape, ...] = ()

    @property
    def short_hash(self) -> str:
        """`9f3c07…d81a`: enough to compare by eye."""
        return f"{self.sha256[:6]}…{self.sha256[-4:]}"


@dataclass(frozen=True)
class EvidencePair:
    """A photo before and the one that answers it."""

    title: str
    before: Evidence
    after: Evidence | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reviewer must look at, of both photos."""
        return self.before.flags + (self.after.flags if self.after else ())


@dataclass(frozen=True)
class Fact:
    """One line of what is known. `note` is smaller, `is_code` sets the value in the fixed-width face."""

    label: str
    value: str
    note: str = ""
    is_code: bool = False
    is_wide: bool = False


@dataclass(frozen=True)
class TimelineEntry:
    """One event of the hazard's chain; `details` are sentences, `hash` its full hex hash."""

    seq: int
    hash: str
    at: datetime
    title: str
    actor: str
    icon: str = "point"
    role: str = ""
    details: tuple[str, ...] = ()
    is_system: bool = False
    #: it moved the hazard to another stage
    is_step: bool = False
    is_offline: bool = False


@dataclass(frozen=True)
class Reason:
    """Why an action is not open now, or (`is_met`) what it asks that is there already."""

    text: str
    is_met: bool = False
    href: str | None = None
    link_label: str = ""


@dataclass(frozen=True)
class EvidenceSlot:
    """A file input: `photos`, or one kind of document. `needed` files at least; 0 makes it optional."""

    name: str
    label: str
    needed: int = 0
    is_photo: bool = True
    hint: str = ""
    error: str = ""


@dataclass(frozen=True)
class ActionForm:
    """What may be done, or why not yet. `pair_with` are the before photos that each ask for one of the same viewpoint."""

    action: str
    label: str
    icon: str = "arrow-right"
    fields: tuple[FormField, ...] = ()
    evidence_kinds: tuple[EvidenceSlot, ...] = ()
    #: (code, label) of every kind of document, where the act takes any
    document_kinds: tuple[tuple[str, str], ...] = ()
    pair_with: tuple[Evidence, ...] = ()
    #: errors of the paired inputs by the before photo's SHA-256
    pair_errors: Mapping[str, str] = field(default_factory=dict)
    allowed: bool = True
    refused_because: tuple[Reason, ...] = ()
    #: new for every form that is drawn; the same one again when a form comes back with errors
    request_key: str = ""
    submit_label: str = ""
    hint: str = ""
    #: what is doubted about the evidence, where the act is a judgement of it
    doubts: tuple[str, ...] = ()
    is_open: bool = False
    #: what the hazard waits for, of what this reader may do
    is_next: bool = False
    #: where it stands otherwise, see `grouping.GROUPS`
    group: str = "records"
    errors: tuple[FormError, ...] = ()


@dataclass(frozen=True)
class ActionGroup:
    """Acts beside the way, under one heading."""

    key: str
    forms: tuple[ActionForm, ...]

    @property
    def is_open(self) -> bool:
        """Whether one of its forms came back and must be seen."""
        return any(one.is_open for one in self.forms)


@dataclass(frozen=True)
class DoubtLine:
    """One flag: why, how much it weighs, and about what."""

    text: str
    score: int
    about: str
    #: the other hazard, where the reader may open it
    href: str | None = None


@dataclass(frozen=True)
class Originality:
    """What was found doubtful, for those who judge the work. `weight` names how serious: none, some, much."""

    score: int
    weight: Literal["none", "some", "much"]
    lines: tuple[DoubtLine, ...] = ()
    is_pending: bool = False


@dataclass(frozen=True)
class HazardPage:
    """Everything on a hazard's page, in the order a reader needs it: stage, clocks, what I may do, what happened."""

    number: str
    title: str
    level: str
    urgency: str | None
    stage: str
    state_label: str
    organisation: str
    version: int
    found_at: datetime
    responsible: str = ""
    place: str = ""
    asset: str = ""
    due_at: datetime | None = None
    original_due_at: datetime | None = None
    workflow_id: str = ""
    resolution_label: str = ""
    #: process colour of the last notice, and whether its addressee acknowledged it
    colour: str | None = None
    colour_note: str = ""
    is_blind: bool = False
    is_incomplete: bool = False
    is_from_alarm: bool = False
    alarm_level: int | None = None
    #: further marks in words: extension asked, listed, re-opened …
    marks: tuple[str, ...] = ()
    #: requests and measures that stand open, duties beside the work, hazards that belong to this one
    matters: tuple[Matter, ...] = ()
    duties: tuple[Duty, ...] = ()
    related: tuple[Related, ...] = ()
    #: reported past a manager: what the reader is told about it
    protection_note: str = ""
    #: where a closed one is reported again; empty where it cannot be
    relapse_href: str = ""
    #: who owes the next step, one sentence; empty where the reader does
    waits_for: str = ""
    steps: tuple[Step, ...] = ()
    #: how far the present stage has come, 0–100
    stage_percent: int = 50
    clocks: tuple[Clock, ...] = ()
    next_firings: tuple[Firing, ...] = ()
    #: how the ladder ends, one sentence
    ladder_end: str = ""
    evidence_pairs: tuple[EvidencePair, ...] = ()
    other_evidence: tuple[Evidence, ...] = ()
    evidence_count: int = 0
    #: None for readers who do not judge it
    originality: Originality | None = None
    facts: tuple[Fact, ...] = ()
    #: newest first
    timeline: tuple[TimelineEntry, ...] = ()
    #: one sentence on chain and checkpoint
    chain_note: str = ""
    actions: tuple[ActionForm, ...] = ()
    #: as whom the reader acts here
    acting_as: str = ""
    #: pieces registered by other features: gas curve (after the evidence), closure file (beside), deliveries (after the record)
    panels: tuple[Markup, ...] = ()
    side_panels: tuple[Markup, ...] = ()
    foot_panels: tuple[Markup, ...] = ()
    #: something else changed the hazard while a form was open
    conflict: str = ""

    @property
    def tier(self) -> Tier:
        """The shape of its level."""
        return tier(self.level, self.urgency)

    @property
    def stage_fill(self) -> int:
        """How full the stage circle is, 0–100."""
        return STAGE_FILL[self.stage]

    @property
    def allowed(self) -> tuple[ActionForm, ...]:
        """What the reader may do now, in the workflow's order."""
        return tuple(one for one in self.actions if one.allowed)

    @property
    def next_steps(self) -> tuple[ActionForm, ...]:
        """What the hazard waits for and the reader may do."""
        return tuple(one for one in self.allowed if one.is_next)

    @property
    def groups(self) -> tuple[ActionGroup, ...]:
        """Everything else the reader may do, group by group; empty groups are left out."""
        beside = [one for one in self.allowed if not one.is_next]
        keys = [key for key in GROUPS if any(one.group == key for one in beside)]
        return tuple(ActionGroup(key, tuple(one for one in beside if one.group == key)) for key in keys)

    @property
    def duties_done(self) -> int:
        """How many duties are met."""
        return sum(1 for one in self.duties if one.status == "done")

    @property
    def refused(self) -> tuple[ActionForm, ...]:
        """What is not open now, each with its reasons."""
        return tuple(one for one in self.actions if not one.allowed)
