"""One workflow as its page shows it: the picture with live numbers, and the tables that say the same in words."""

from collections.abc import Mapping
from urllib.parse import urlencode

from hazard_flow.rulebook.queries import Standing
from hazard_flow.rulebook.views import (
    ActionRow,
    Diagram,
    DrawnArrow,
    DrawnBox,
    Ladder,
    Limit,
    RungRow,
    StateRow,
)
from hazard_flow.rulebook.words import Words
from hazard_flow.workflow.definition import STAGES, Action, Rung, State, TimerRule, Workflow
from hazard_flow.workflow.diagram import mermaid
from hazard_flow.workflow.drawing import Box, draw

_NOTHING = Standing()


def diagram(workflow: Workflow, words: Words, standing: Mapping[str, Standing] | None) -> Diagram:
    """The picture; `standing` None draws it without numbers."""
    locale = words.locale
    names = {key: state.label.in_(locale) for key, state in workflow.states.items()}
    actions = {key: action.label.in_(locale) for key, action in workflow.actions.items()}
    drawing = draw(
        workflow,
        names=names,
        notes={key: _notes(state, words) for key, state in workflow.states.items()},
        actions=actions,
        counted=standing is not None,
    )
    return Diagram(
        drawing=drawing,
        stages=tuple(words.say_web(f"stage.{stage}") for stage in STAGES),
        boxes=tuple(_box(workflow, box, names[box.key], words, standing) for box in drawing.boxes),
        arrows=tuple(
            DrawnArrow(
                arrow,
                words.say(
                    "draw.arrow",
                    start=names.get(arrow.start, words.say("actions.opens")),
                    action="".join(arrow.words.lines),
                    end=names[arrow.end],
                ),
            )
            for arrow in drawing.arrows
        ),
        switches=tuple(
            words.say(
                "draw.switch", action=actions[action.key], workflow=words.workflow(action.switch.to_workflow)
            )
            for action in workflow.actions.values()
            if action.switch is not None
        ),
        mermaid=mermaid(workflow, locale),
    )


def _notes(state: State, words: Words) -> list[str]:
    """Who owes the step, and each time limit."""
    holder = [words.say("draw.holder", who=words.who(state.holder))] if state.holder else []
    return holder + [words.timer(rule) for rule in state.timers.values()]


def _box(
    workflow: Workflow, box: Box, label: str, words: Words, standing: Mapping[str, Standing] | None
) -> DrawnBox:
    here = (standing or {}).get(box.key, _NOTHING)
    if standing is None or box.is_final:
        return DrawnBox(box, label, here)
    query = urlencode({"workflow": workflow.id, "state": box.key, "open": "1"})
    return DrawnBox(
        box,
        label,
        here,
        href=f"/hazards?{query}",
        link_label=words.say("draw.count", state=label, n=here.open),
    )


def states(workflow: Workflow, words: Words) -> tuple[StateRow, ...]:
    """The states in order of their stages."""
    ordered = sorted(workflow.states.values(), key=lambda state: STAGES.index(state.stage))
    return tuple(
        StateRow(
            key=state.key,
            label=state.label.in_(words.locale),
            stage=words.say_web(f"stage.{state.stage}"),
            holder=words.who(state.holder) if state.holder else "",
            limits=tuple(_limit(rule, words) for rule in state.timers.values()),
        )
        for state in ordered
    )


def clocks(workflow: Workflow, words: Words) -> tuple[Limit, ...]:
    """What runs across all states, or begins with an action."""
    found = [_limit(rule, words, runs=words.ends(workflow, rule)) for rule in workflow.clocks.values()]
    found += [
        _limit(rule, words, runs=action.label.in_(words.locale))
        for action in workflow.actions.values()
        for rule in action.starts.values()
    ]
    return tuple(found)


def _limit(rule: TimerRule, words: Words, *, runs: str = "") -> Limit:
    return Limit(words.limit_name(rule), words.limit(rule), words.reminders(rule), rule.ladder, runs)


def actions(workflow: Workflow, words: Words) -> tuple[ActionRow, ...]:
    """The actions as the file orders them."""
    return tuple(_action(workflow, action, words) for action in workflow.actions.values())


def _action(workflow: Workflow, action: Action, words: Words) -> ActionRow:
    names = {key: state.label.in_(words.locale) for key, state in workflow.states.items()}
    still_open = {key for key, state in workflow.states.items() if not state.final}
    if action.from_states is None:
        starts = words.say("actions.opens")
    elif still_open <= set(action.from_states):
        starts = words.say("actions.any")
    else:
        starts = words.listed([names[key] for key in action.from_states])
    leads_to = names[action.to] if action.to else words.say("actions.stays")
    if action.switch is not None:
        leads_to = words.workflow(action.switch.to_workflow)
    return ActionRow(
        label=action.label.in_(words.locale),
        starts=starts,
        leads_to=leads_to,
        who=words.people(action.who),
        needs=words.needs(action),
        evidence=words.evidence(action),
    )


def ladders(workflow: Workflow, words: Words) -> tuple[Ladder, ...]:
    """Each ladder with the time limits that climb it."""
    rules = [rule for state in workflow.states.values() for rule in state.timers.values()]
    rules += [*workflow.clocks.values(), *(r for a in workflow.actions.values() for r in a.starts.values())]
    return tuple(
        Ladder(
            key=key,
            used_by=words.listed(
                list(dict.fromkeys(words.limit_name(rule) for rule in rules if rule.ladder == key))
            ),
            rungs=tuple(_rung(number, rung, words) for number, rung in enumerate(ladder, 1)),
        )
        for key, ladder in workflow.ladders.items()
    )


def _rung(number: int, rung: Rung, words: Words) -> RungRow:
    return RungRow(
        number=number,
        when=words.offset(rung),
        who=words.people(rung.tell),
        colour=rung.colour,
        how=words.channels(rung),
        then=words.patience(rung),
    )
