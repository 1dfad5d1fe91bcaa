"""The actions of a workflow file: who may do what from where, what it needs, proves and changes."""

from collections.abc import Mapping

from hazard_flow.workflow.definition import RESOLUTIONS, URGENCIES, Action, EvidenceRule, Need, State, Switch
from hazard_flow.workflow.documents import BY_ISSUER, SYSTEM, powerless
from hazard_flow.workflow.needs_rules import compile_need
from hazard_flow.workflow.problems import WORDS
from hazard_flow.workflow.read_effects import read_approved, read_at_most, read_climbs
from hazard_flow.workflow.read_timers import read_timers
from hazard_flow.workflow.reading import Reading
from hazard_flow.workflow.vocabulary import APPLICANT, SPECIAL_EXCLUSIONS
from hazard_flow.workflow.yaml_lines import Node

_KEYS = (
    "name", "from", "to", "who", "needs", "evidence", "guards", "other_than", "sets", "clears", "opens", "shuts", "starts", "ends",
    "resolution", "issues", "counts", "climbs", "at_most", "approved", "takes", "quorum", "tell", "spawns", "protects",
    "writes_off", "switch",
)  # fmt: skip
#: `from: any`: every state that is not final, those a later version adds too
ANY = "any"
QUORUM_LEAST = 2
_WORKFLOW_KEYS = ("level", "urgency", "source", "suspected_level", "user_type")


def read_actions(node: Node | None, states: Mapping[str, State], reading: Reading) -> Mapping[str, Action]:
    """The actions by name."""
    return {
        name: _action(name, entry, line, states, reading)
        for name, entry, line in reading.named(node, "actions")
    }


def _action(name: str, node: Node, line: int, states: Mapping[str, State], reading: Reading) -> Action:
    title = f"the action {name}"
    switching = "switch" in node.entries
    required = ("name", "from", "who") if switching else ("name", "from", "to", "who")
    reading.keys(node, allowed=_KEYS, required=required, what=title, line=line)
    got = node.entries
    vocabulary = reading.vocabulary
    who = reading.known_words(got.get("who"), vocabulary.who, "role or relation")
    if "who" in got and not who:
        reading.refuse(got["who"], WORDS, f"nobody may do {title}", "who: [inspector, responsible]")
    if switching and "to" in got:
        reading.refuse(
            got["to"], WORDS, f"{title} switches the workflow; its map says where to", "leave out `to`"
        )
    return Action(
        key=name,
        label=reading.label(got.get("name"), title),
        from_states=_from(got.get("from"), states, title, reading),
        to=reading.word(got["to"], states, "state") if "to" in got and got["to"].value is not None else None,
        who=who,
        needs=_needs(got.get("needs"), title, reading),
        evidence=_evidence(got.get("evidence"), title, reading),
        guards=reading.known_words(got.get("guards"), vocabulary.guards, "guard"),
        other_than=reading.known_words(
            got.get("other_than"), (*vocabulary.relations, *SPECIAL_EXCLUSIONS), "relation"
        ),
        sets=reading.words(got.get("sets"), f"sets of {title}"),
        clears=reading.words(got.get("clears"), f"clears of {title}"),
        opens=reading.word(got["opens"], vocabulary.flags, "flag") if "opens" in got else None,
        shuts=reading.word(got["shuts"], vocabulary.flags, "flag") if "shuts" in got else None,
        starts=read_timers(got.get("starts"), title, reading),
        ends=reading.words(got.get("ends"), f"ends of {title}"),
        resolution=reading.word(got["resolution"], RESOLUTIONS, "resolution")
        if "resolution" in got
        else None,
        issues=_issues(got["issues"], who, title, reading) if "issues" in got else None,
        counts=reading.text(got.get("counts"), f"counts of {title}"),
        climbs=read_climbs(got.get("climbs"), title, reading),
        at_most=read_at_most(got.get("at_most"), title, reading),
        approved=read_approved(got.get("approved"), title, reading),
        takes=reading.word(got["takes"], ("responsible",), "part") if "takes" in got else None,
        quorum=_quorum(got.get("quorum"), title, reading),
        tell=reading.known_words(got.get("tell"), {*vocabulary.addressees, APPLICANT}, "addressee"),
        spawns=reading.yes(got.get("spawns"), f"spawns of {title}"),
        protects=reading.yes(got.get("protects"), f"protects of {title}"),
        writes_off=reading.yes(got.get("writes_off"), f"writes_off of {title}"),
        switch=_switch(got["switch"], states, title, reading) if switching else None,
        line=line,
        lines=node.key_lines,
    )


def _issues(node: Node, who: tuple[str, ...], title: str, reading: Reading) -> str | None:
    """The document an act makes; a role without the power to issue it is refused, relations are judged when they act."""
    vocabulary = reading.vocabulary
    template = reading.word(node, vocabulary.templates, "template")
    kind = vocabulary.documents.get(template or "")
    if kind is not None and kind.issued_by == SYSTEM:
        reading.refuse(node, WORDS, f"nobody issues {template}: {title} cannot", "say it in the final state")
    elif template is not None and (kind is not None or template == BY_ISSUER):
        roles = [word for word in who if word in vocabulary.roles]
        for role in powerless(template, roles, vocabulary.documents):
            reading.refuse(
                node,
                WORDS,
                f"{title}: {role} has no power to issue {template}",
                f"take {role} out of who, or issue what it may",
            )
    return template


def _from(
    node: Node | None, states: Mapping[str, State], title: str, reading: Reading
) -> tuple[str, ...] | None:
    if node is None or node.value is None:
        return None
    if node.value == ANY:
        return tuple(key for key, state in states.items() if not state.final)
    found = reading.known_words(node, states, "state")
    if not found:
        reading.refuse(
            node,
            WORDS,
            f"{title} starts nowhere",
            "from: [reported], or from: null for an action that opens a hazard",
        )
    return found


def _needs(node: Node | None, title: str, reading: Reading) -> tuple[Need, ...]:
    needs = []
    for name, entry, line in reading.named(node, f"needs of {title}"):
        rule = compile_need(name, entry, reading)
        if rule is not None:
            needs.append(Need(field=name, rule=rule, required=rule.required, line=line))
    given = {need.field for need in needs}
    for need in needs:
        for other in need.rule.when:
            if other in reading.vocabulary.fields and other not in given and other not in _WORKFLOW_KEYS:
                reading.refuse(
                    need.line,
                    WORDS,
                    f"{need.field} waits for {other}, which {title} doesn't ask for",
                    f"add {other} to needs",
                )
    return tuple(needs)


def _evidence(node: Node | None, title: str, reading: Reading) -> EvidenceRule | None:
    if node is None or not reading.keys(
        node,
        allowed=(*reading.vocabulary.evidence, "after_photo_for_each", "also", "unless"),
        what=f"evidence of {title}",
    ):
        return None
    got = node.entries
    words = {
        word: reading.count(entry, f"{word} of {title}")
        for word, entry in got.items()
        if word in reading.vocabulary.evidence
    }
    for word, count in words.items():
        if count == 0:
            reading.refuse(got[word], WORDS, f"{word}: 0 asks for nothing", "leave it out")
    pair = (
        reading.word(got["after_photo_for_each"], ("before_photo",), "kind of photo")
        if "after_photo_for_each" in got
        else None
    )
    return EvidenceRule(
        at_least=words,
        unless={
            key: str(value) for key, value in _conditions(got.get("unless"), title, reading, "unless").items()
        },
        pair_each=pair,
        also=reading.word(got["also"], ("catalogue",), "source of evidence rules") if "also" in got else None,
    )


def _conditions(node: Node | None, title: str, reading: Reading, key_word: str) -> Mapping[str, object]:
    if node is None:
        return {}
    book = reading.vocabulary.book
    known = {"source": book.sources, "level": book.levels, "urgency": dict.fromkeys(URGENCIES)}
    for key, entry in node.entries.items():
        if key not in known:
            reading.unknown(f"condition of {title}", key, known, node.key_lines[key])
        else:
            reading.word(entry, known[key], key)
    return reading.plain_map(node, f"{key_word} of {title}")


def _quorum(node: Node | None, title: str, reading: Reading) -> int:
    if node is None:
        return 1
    found = reading.count(node, f"quorum of {title}")
    if found < QUORUM_LEAST and isinstance(node.value, int):
        reading.refuse(
            node, WORDS, f"{title}: one person is no quorum", f"quorum: {QUORUM_LEAST}, or leave it out"
        )
    return max(found, 1)


def _switch(node: Node, states: Mapping[str, State], title: str, reading: Reading) -> Switch | None:
    if not reading.keys(
        node,
        allowed=("to_workflow", "map", "when"),
        required=("to_workflow", "map"),
        what=f"switch of {title}",
    ):
        return None
    got = node.entries
    target = got.get("map")
    for state in target.entries if target else ():
        if state not in states and target is not None:
            reading.unknown("state", state, states, target.key_lines[state])
    return Switch(
        to_workflow=reading.text(got.get("to_workflow"), f"to_workflow of {title}") or "",
        map={key: str(value) for key, value in reading.plain_map(target, f"map of {title}").items()},
        when={key: str(value) for key, value in _conditions(got.get("when"), title, reading, "when").items()},
    )
