"""A workflow laid out for drawing: the five stages as columns, each state a box on a row of its own, arrows that never cross a box. Pure.

States stand as on a staircase. An arrow forward leaves a box to the right along its own row and falls into the top of its goal; an arrow
back leaves to the left and rises into the bottom of its goal. A row holds one box, so both ways are free, and so is the room for words.
Boxes of one stage are shifted by a step, so that an arrow to the lower one passes beside the upper one. All lengths are pixels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hazard_flow.workflow.definition import STAGES, Workflow
from hazard_flow.workflow.graph import edges, is_automatic
from hazard_flow.workflow.lettering import wrap

BOX_WIDTH = 124
STEP = 24
LANE_PAD, LANE_GAP, EMPTY_LANE_WIDTH = 6, 5, 56
HEAD_HEIGHT, START_HEIGHT, ROW_GAP, FOOT_HEIGHT = 34, 30, 14, 10
BOX_PAD = 10
#: text sizes and the distance between lines of each
SIZES: Mapping[str, int] = {"name": 14, "count": 20, "line": 12, "label": 12}
LEADS: Mapping[str, int] = {"name": 19, "count": 28, "line": 17, "label": 15}
#: room of an arrow's line beside its words
TRACK = 10
LABEL_INSET = 9
LABEL_WIDTH_MAX = 190


@dataclass(frozen=True)
class Words:
    """What is written on an arrow or in a box: wrapped lines of one kind."""

    kind: str
    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str = "start"

    @property
    def placed(self) -> tuple[tuple[float, str], ...]:
        """Each line with its baseline."""
        return tuple((self.y + n * LEADS[self.kind], line) for n, line in enumerate(self.lines))


@dataclass(frozen=True)
class Box:
    """A state."""

    key: str
    x: float
    y: float
    width: float
    height: float
    words: tuple[Words, ...]
    #: where the number of open hazards stands
    count_y: float
    is_final: bool = False

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Arrow:
    """From a box to a box, by way of one corner; `start` empty for the report that opens a hazard."""

    start: str
    end: str
    points: tuple[tuple[float, float], ...]
    words: Words
    is_back: bool = False

    @property
    def path(self) -> str:
        """The line as an SVG path."""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in self.points)


@dataclass(frozen=True)
class Lane:
    """A stage."""

    stage: str
    x: float
    width: float


@dataclass(frozen=True)
class Drawing:
    """The whole picture."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass
class _Track:
    """An arrow before its place is known."""

    start: str
    end: str
    lines: tuple[str, ...]
    is_back: bool
    y: float = 0
    entry_x: float = 0


@dataclass
class _Place:
    """A state before its place is known."""

    key: str
    stage: int
    #: how many states of the same stage stand above it, and whether one stands below
    depth: int
    is_lowest: bool
    words: Sequence[tuple[str, tuple[str, ...]]]
    is_final: bool
    is_counted: bool
    out: list[_Track] = field(default_factory=list)
    back: list[_Track] = field(default_factory=list)
    x: float = 0
    y: float = 0
    height: float = 0


def draw(
    workflow: Workflow,
    *,
    names: Mapping[str, str],
    notes: Mapping[str, Sequence[str]],
    actions: Mapping[str, str],
    counted: bool = True,
) -> Drawing:
    """Lay a workflow out. `names` and `notes` are the words of each state (holder, time limits), `actions` those of each action.

    `counted` keeps room for a number in each state that is not final.
    """
    places = _places(workflow, names, notes, counted=counted)
    lanes = _lanes(places)
    for place in places.values():
        place.x = lanes[place.stage].x + LANE_PAD + place.depth * STEP
    width = lanes[-1].x + lanes[-1].width
    tracks = _tracks(workflow, places, actions, width=width)
    height = _stack(places)
    _choose_entries(places, tracks)
    boxes = tuple(_box(place) for place in places.values())
    arrows = [_arrow(track, places) for track in tracks]
    return Drawing(
        width=width,
        height=height,
        lanes=tuple(lanes),
        boxes=boxes,
        arrows=(*_starts(workflow, places, actions), *arrows),
    )


def _places(
    workflow: Workflow, names: Mapping[str, str], notes: Mapping[str, Sequence[str]], *, counted: bool
) -> dict[str, _Place]:
    inner = BOX_WIDTH - 2 * BOX_PAD
    ordered = sorted(workflow.states.values(), key=lambda state: STAGES.index(state.stage))
    found: dict[str, _Place] = {}
    for state in ordered:
        peers = [one.key for one in ordered if one.stage == state.stage]
        words = [("name", wrap(names[state.key], SIZES["name"], inner))]
        words += [("line", wrap(note, SIZES["line"], inner)) for note in notes.get(state.key, ())]
        found[state.key] = _Place(
            key=state.key,
            stage=STAGES.index(state.stage),
            depth=peers.index(state.key),
            is_lowest=peers[-1] == state.key,
            words=words,
            is_final=state.final,
            is_counted=counted and not state.final,
        )
    return found


def _lanes(places: Mapping[str, _Place]) -> list[Lane]:
    lanes, x = [], 0.0
    for number, stage in enumerate(STAGES):
        count = sum(place.stage == number for place in places.values())
        width = BOX_WIDTH + 2 * LANE_PAD + (count - 1) * STEP if count else EMPTY_LANE_WIDTH
        lanes.append(Lane(stage, x, width))
        x += width + LANE_GAP
    return lanes


def _tracks(
    workflow: Workflow, places: Mapping[str, _Place], actions: Mapping[str, str], *, width: float
) -> list[_Track]:
    """One track for each pair of states, all its actions on it, those of the system alone in brackets."""
    named: dict[tuple[str, str], list[str]] = {}
    for start, action, end in edges(workflow):
        if start != end:
            name = actions[action.key]
            named.setdefault((start, end), []).append(f"[{name}]" if is_automatic(action) else name)
    rows = {key: row for row, key in enumerate(places)}
    found = []
    for (start, end), words in named.items():
        is_back = rows[end] < rows[start]
        x = places[start].x
        room = (x if is_back else width - x - BOX_WIDTH) - LABEL_INSET
        lines = wrap(" / ".join(words), SIZES["label"], min(LABEL_WIDTH_MAX, room))
        track = _Track(start, end, lines, is_back)
        (places[start].back if is_back else places[start].out).append(track)
        found.append(track)
    for place in places.values():
        # The nearest goal lowest on the right, highest on the left: no arrow of a box crosses another of its own.
        place.out.sort(key=lambda track: -rows[track.end])
        place.back.sort(key=lambda track: -rows[track.end])
    return found


def _stack(places: Mapping[str, _Place]) -> float:
    """Give every box its row and every arrow its line; returns the height of the whole."""
    y = float(HEAD_HEIGHT + START_HEIGHT)
    for place in places.values():
        place.y = y
        place.height = max(_text_height(place), _place_out(place), _place_back(place))
        y += place.height + ROW_GAP
    return y - ROW_GAP + FOOT_HEIGHT


def _text_height(place: _Place) -> float:
    lines = sum(len(lines) * LEADS[kind] for kind, lines in place.words)
    return 2 * BOX_PAD + lines + (LEADS["count"] if place.is_counted else 0)


def _place_out(place: _Place) -> float:
    """Words above each line."""
    y = place.y + 4
    for track in place.out:
        y += len(track.lines) * LEADS["label"] + TRACK - 4
        track.y = y
    return y - place.y + 6 if place.out else 0


def _place_back(place: _Place) -> float:
    """Words below each line."""
    y = place.y + 12
    for track in place.back:
        track.y = y
        y += len(track.lines) * LEADS["label"] + TRACK
    return y - place.y if place.back else 0


def _choose_entries(places: Mapping[str, _Place], tracks: Sequence[_Track]) -> None:
    """Where each arrow meets its goal: those from farther away outside, so that they pass the nearer ones without crossing."""
    rows = {key: row for row, key in enumerate(places)}
    for place in places.values():
        forward = sorted(
            (t for t in tracks if t.end == place.key and not t.is_back), key=lambda t: -rows[t.start]
        )
        back = sorted((t for t in tracks if t.end == place.key and t.is_back), key=lambda t: rows[t.start])
        right = place.x + BOX_WIDTH
        left_of_top = place.x + BOX_WIDTH / 2 if place.depth == 0 else right - STEP + 5
        for n, track in enumerate(forward, 1):
            track.entry_x = _share(left_of_top, right - 7, n, len(forward))
        right_of_bottom = place.x + BOX_WIDTH / 2 if place.is_lowest else place.x + STEP - 5
        for n, track in enumerate(back, 1):
            track.entry_x = _share(right_of_bottom, place.x + 7, n, len(back))


def _share(start: float, end: float, number: int, of: int) -> float:
    return round(start + (end - start) * (number - 0.5) / of, 1)


def _box(place: _Place) -> Box:
    y = place.y + BOX_PAD
    words: list[Words] = []
    count_y = 0.0
    for kind, lines in place.words:
        words.append(Words(kind, lines, place.x + BOX_PAD, y + SIZES[kind]))
        y += len(lines) * LEADS[kind]
        if kind == "name" and place.is_counted:
            count_y = y + SIZES["count"]
            y += LEADS["count"]
    return Box(place.key, place.x, place.y, BOX_WIDTH, place.height, tuple(words), count_y, place.is_final)


def _arrow(track: _Track, places: Mapping[str, _Place]) -> Arrow:
    start, end = places[track.start], places[track.end]
    count = len(track.lines)
    if track.is_back:
        goal = end.y + end.height
        points = ((start.x, track.y), (track.entry_x, track.y), (track.entry_x, goal + 1))
        words = Words("label", track.lines, start.x - LABEL_INSET, track.y + SIZES["label"] + 2, "end")
    else:
        edge = start.x + BOX_WIDTH
        points = ((edge, track.y), (track.entry_x, track.y), (track.entry_x, end.y - 1))
        words = Words("label", track.lines, edge + LABEL_INSET, track.y - 5 - (count - 1) * LEADS["label"])
    return Arrow(track.start, track.end, points, words, track.is_back)


def _starts(workflow: Workflow, places: Mapping[str, _Place], actions: Mapping[str, str]) -> Iterator[Arrow]:
    """The reports that open a hazard, from above, beside the boxes that stand over their goal; those into one state on one arrow."""
    named: dict[str, list[str]] = {}
    for action in workflow.creating:
        named.setdefault(action.to or workflow.initial, []).append(actions[action.key])
    for key, names in named.items():
        goal = places[key]
        is_top = goal.depth == 0
        x = goal.x + 18 if is_top else goal.x + BOX_WIDTH - STEP + 3
        words = Words("label", (" / ".join(names),), x + LABEL_INSET, goal.y - (11 if is_top else 3))
        yield Arrow("", key, ((x, HEAD_HEIGHT + 6), (x, goal.y - 1)), words)
