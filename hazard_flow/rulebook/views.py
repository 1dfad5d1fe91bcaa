"""What the pages of the rules draw: frozen values, words already in the reader's language. No request, no session."""

from dataclasses import dataclass, field
from datetime import datetime

from hazard_flow.rulebook.queries import Standing
from hazard_flow.workflow.drawing import Arrow, Box, Drawing


@dataclass(frozen=True)
class DrawnBox:
    """A state as drawn: its place, what stands in it, where a click leads."""

    box: Box
    label: str
    standing: Standing
    #: the list behind the number; None where there is nothing to list or nothing may be seen
    href: str | None = None
    link_label: str = ""


@dataclass(frozen=True)
class DrawnArrow:
    """An arrow with what it says in one sentence."""

    arrow: Arrow
    sentence: str


@dataclass(frozen=True)
class Diagram:
    """The whole picture in words and places."""

    drawing: Drawing
    #: name of each stage, in the order of the lanes
    stages: tuple[str, ...]
    boxes: tuple[DrawnBox, ...]
    arrows: tuple[DrawnArrow, ...]
    #: ways into other workflows, a sentence each
    switches: tuple[str, ...] = ()
    mermaid: str = ""


@dataclass(frozen=True)
class Limit:
    """One time limit of a state, or a clock."""

    name: str
    expires: str
    remind: str
    ladder: str
    #: what a clock begins with and what ends it
    runs: str = ""


@dataclass(frozen=True)
class StateRow:
    """A state in the table."""

    key: str
    label: str
    stage: str
    holder: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class ActionRow:
    """An action in the table."""

    label: str
    starts: str
    leads_to: str
    who: str
    needs: str
    evidence: str


@dataclass(frozen=True)
class RungRow:
    """A rung in the table."""

    number: int
    when: str
    who: str
    colour: str | None
    how: str
    then: str


@dataclass(frozen=True)
class Ladder:
    """A ladder with the time limits it is for."""

    key: str
    used_by: str
    rungs: tuple[RungRow, ...]


@dataclass(frozen=True)
class Chapter:
    """One workflow among its siblings: the switch above the page."""

    href: str
    label: str
    open: int
    is_current: bool


@dataclass(frozen=True)
class WorkflowPage:
    """Everything on the page of one workflow."""

    id: str
    label: str
    source: str
    diagram: Diagram
    states: tuple[StateRow, ...]
    clocks: tuple[Limit, ...]
    actions: tuple[ActionRow, ...]
    ladders: tuple[Ladder, ...]
    chapters: tuple[Chapter, ...]
    total: Standing
    sees_hazards: bool
    may_try: bool


@dataclass(frozen=True)
class IndexRow:
    """A workflow in the list."""

    href: str
    id: str
    label: str
    source: str
    states: int
    actions: int
    open: int | None


@dataclass(frozen=True)
class VersionRow:
    """One version and what runs under it."""

    id: str
    version: int
    is_newest: bool
    is_released: bool
    sha256: str
    open: int
    #: its file is installed; else only hazards are left of it
    is_here: bool = True


@dataclass(frozen=True)
class Family:
    """A workflow with all its versions."""

    key: str
    label: str
    versions: tuple[VersionRow, ...]
    #: open hazards under older versions
    behind: int
    #: the command that moves them; empty where nothing is behind
    command: str = ""


@dataclass(frozen=True)
class Refusal:
    """One thing the check refuses, at its line of the draft."""

    line: int
    rule: int
    rule_label: str
    message: str
    mend: str
    source: str


@dataclass(frozen=True)
class ChangeRow:
    """One firing that would be different; the hazard is named on its first line only."""

    number: str
    title: str
    tier: int
    limit: str
    rung: str
    colour: str | None
    was_at: datetime | None
    now_at: datetime | None
    to: str
    change: str
    is_first: bool
    is_strong: bool = False


@dataclass(frozen=True)
class LostRow:
    """One act that could not be followed."""

    number: str
    at: datetime
    action: str
    state: str
    why: str
    went_on: str


@dataclass(frozen=True)
class Bar:
    """One piece of a bar of the chart."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    is_draft: bool = False


@dataclass(frozen=True)
class Week:
    """The numbers of one week, in force and by the draft, by tone."""

    monday: str
    before: int
    after: int
    tones: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Chart:
    """Firings per week as bars."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    #: (x, y, words) below and above the bars
    labels: tuple[tuple[float, float, str, str], ...]
    #: (y, words) of the grid
    grid: tuple[tuple[float, str], ...]
    weeks: tuple[Week, ...]
    tones: tuple[tuple[str, str], ...] = field(default_factory=tuple)
