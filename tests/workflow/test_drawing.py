"""The drawn workflow can be read: every state stands in its stage, no arrow crosses a box, no word leaves its place."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import STAGES, Action, State, Workflow
from hazard_flow.workflow.drawing import BOX_PAD, SIZES, Box, Drawing, draw
from hazard_flow.workflow.graph import edges
from hazard_flow.workflow.lettering import SEAM, measure, wrap

Segment = tuple[tuple[float, float], tuple[float, float]]


def drawn(workflow: Workflow, locale: str = "zh", **given: Any) -> Drawing:
    return draw(
        workflow,
        names={key: state.label.in_(locale) for key, state in workflow.states.items()},
        notes=dict.fromkeys(
            workflow.states, ("由安全总监办理", f"签收时限：{SEAM}A 4 小时；{SEAM}B 1 个工作日")
        ),
        actions={key: action.label.in_(locale) for key, action in workflow.actions.items()},
        **given,
    )


def inside(segment: Segment, box: Box) -> bool:
    """Whether a segment runs through a box; touching its edge is no running through."""
    (x1, y1), (x2, y2) = segment
    left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
    return left < box.right and right > box.x and top < box.bottom and bottom > box.y


def faults(picture: Drawing, workflow: Workflow) -> list[str]:
    """Everything that would make the picture hard to read."""
    found = []
    lanes = {lane.stage: lane for lane in picture.lanes}
    for box in picture.boxes:
        lane = lanes[workflow.states[box.key].stage]
        if not (lane.x <= box.x and box.right <= lane.x + lane.width):
            found.append(f"{box.key} leaves its stage")
        lowest = max(y for words in box.words for y, _ in words.placed)
        if lowest > box.bottom - 2:
            found.append(f"the words of {box.key} leave it")
    for one, other in pairwise(sorted(picture.boxes, key=lambda box: box.y)):
        if one.bottom > other.y:
            found.append(f"{one.key} overlaps {other.key}")
    for arrow in picture.arrows:
        for segment in pairwise(arrow.points):
            found += [
                f"{arrow.start}→{arrow.end} runs through {box.key}"
                for box in picture.boxes
                if inside(segment, box)
            ]
        for x, y in arrow.points:
            if not (0 <= x <= picture.width and 0 <= y <= picture.height):
                found.append(f"{arrow.start}→{arrow.end} leaves the picture")
    found += _words_that_leave(picture)
    found += _ends_in_the_air(picture)
    return found


def _words_that_leave(picture: Drawing) -> Iterable[str]:
    for arrow in picture.arrows:
        for _, line in arrow.words.placed:
            wide = measure(line, SIZES["label"])
            left = arrow.words.x - (wide if arrow.words.anchor == "end" else 0)
            if (left < -1 or left + wide > picture.width + 1) and " " in line.strip():
                yield f"the words of {arrow.start}→{arrow.end} leave the picture"


def _ends_in_the_air(picture: Drawing) -> Iterable[str]:
    boxes = {box.key: box for box in picture.boxes}
    for arrow in picture.arrows:
        goal = boxes[arrow.end]
        x, y = arrow.points[-1]
        edge = goal.bottom if arrow.is_back else goal.y
        if not (goal.x < x < goal.right and abs(y - edge) <= 1):
            yield f"{arrow.start}→{arrow.end} misses its goal"
        if arrow.start:
            start = boxes[arrow.start]
            x, y = arrow.points[0]
            if x not in (start.x, start.right) or not start.y < y < start.bottom:
                yield f"{arrow.start}→{arrow.end} begins in the air"


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("key", ["general", "major"])
def test_the_shipped_workflows(request: pytest.FixtureRequest, key: str, locale: str) -> None:
    workflow: Workflow = request.getfixturevalue(key)
    picture = drawn(workflow, locale)

    assert faults(picture, workflow) == []
    assert [lane.stage for lane in picture.lanes] == list(STAGES)
    assert picture.width <= 800  # a tablet held upright shows it whole
    wanted = {(start, end) for start, _, end in edges(workflow)} | {
        ("", action.to) for action in workflow.creating
    }
    assert {(arrow.start, arrow.end) for arrow in picture.arrows} == wanted


def test_all_actions_between_two_states_stand_on_one_arrow(general: Workflow) -> None:
    (back,) = (a for a in drawn(general).arrows if (a.start, a.end) == ("verified", "rectifying"))

    assert "".join(back.words.lines) == "[复查后再次报警] / 核查退回"
    assert back.is_back


def test_numbers_have_room_only_where_they_are_shown(general: Workflow) -> None:
    with_numbers, without = drawn(general), drawn(general, counted=False)

    assert all((box.count_y > 0) is not box.is_final for box in with_numbers.boxes)
    assert without.height < with_numbers.height


@st.composite
def graphs(draw: st.DrawFn) -> Workflow:
    """Any states in any stages, any ways between them: nothing a proof would accept, everything a picture must bear."""
    counts = [draw(st.integers(1, 4)) for _ in STAGES[:-1]]
    states: dict[str, State] = {}
    for stage, count in zip(STAGES, [*counts, 1], strict=True):
        for n in range(count):
            name = draw(
                st.sampled_from(
                    [
                        "待复查",
                        "等待安装单位提供材料并确认",
                        "Awaiting parts and confirmation by the installer",
                    ]
                )
            )
            states[f"{stage}{n}"] = State(f"{stage}{n}", stage, Label(name, name), final=stage == "closed")
    keys = list(states)
    actions = {"report": Action("report", Label("上报", "Report"), None, keys[0], ("inspector",))}
    for number, (start, end) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(keys[:-1]), st.sampled_from(keys)), max_size=14))
    ):
        name = draw(
            st.sampled_from(["签收", "复查不合格，限期重新整改", "Send back for more evidence of the work"])
        )
        actions[f"a{number}"] = Action(f"a{number}", Label(name, name), (start,), end, ("inspector",))
    return Workflow("any", 1, Label("x", "x"), "", {}, keys[0], states, actions, {})


@settings(max_examples=150)
@given(graphs())
def test_any_workflow(workflow: Workflow) -> None:
    assert faults(drawn(workflow), workflow) == []


def test_a_crossing_would_be_noticed(general: Workflow) -> None:
    picture = drawn(general)
    moved = replace(picture.boxes[2], x=picture.boxes[0].right + 20, y=picture.boxes[0].y)
    spoilt = replace(picture, boxes=(*picture.boxes[:2], moved, *picture.boxes[3:]))

    assert any("runs through" in fault for fault in faults(spoilt, general))


class TestWrapping:
    def test_chinese_breaks_anywhere_but_before_a_closing_mark(self) -> None:
        assert wrap("复查不合格，重新整改", 10, 52) == ("复查不合", "格，重新整", "改")

    def test_english_breaks_between_words(self) -> None:
        assert wrap("Awaiting classification", 14, 100) == ("Awaiting", "classification")

    def test_at_seams_only_where_there_are_some(self) -> None:
        text = f"签收时限：{SEAM}A 4 小时；{SEAM}B 1 个工作日"
        assert wrap(text, 12, 114) == ("签收时限：", "A 4 小时；", "B 1 个工作日")
        assert SEAM not in "".join(wrap(text, 12, 300))

    def test_a_part_too_wide_for_its_place_is_broken_after_all(self) -> None:
        assert all(measure(line, 12) <= 60 for line in wrap(f"整改责任人{SEAM}和复查人都没有签收", 12, 60))

    def test_nothing_is_lost(self) -> None:
        for text in ("", "x", "复查后再次报警 / 核查退回", "[Alarm after the re-check] / Send back"):
            assert "".join(wrap(text, 12, 60)).replace(" ", "") == text.replace(" ", "")

    def test_boxes_hold_their_words(self, general: Workflow) -> None:
        for box in drawn(general).boxes:
            for words in box.words:
                assert all(
                    measure(line, SIZES[words.kind]) <= box.width - 2 * BOX_PAD + 1 for line in words.lines
                )
