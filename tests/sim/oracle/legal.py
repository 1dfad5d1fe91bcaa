"""Whether an act was allowed: from this state, to somebody with this role or part, and to nobody whose own work it judges."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.sim.oracle.case import Case
from tests.sim.oracle.flows import Act
from tests.sim.oracle.people import People


def illegal(case: Case, act: Act, who: str | None, people: People) -> Iterator[str]:
    """What stood against the act, the case being as it was before."""
    if case.state not in (act.sources or ()):
        yield f"it does not start from {case.state}"
    held = _held(case, act, who, people)
    if not held & set(act.who):
        yield f"only {', '.join(act.who)} may do it, not {', '.join(sorted(held)) or 'somebody without any part'}"
    if who is not None:
        yield from (
            f"whoever is {word} may not do it"
            for word in act.words("other_than")
            if _is(case, act, who, word)
        )
        if who in case.signed.get(act.key, ()):
            yield "this person has signed already"
    opens, shuts, most = act.word("opens"), act.word("shuts"), act.said.get("at_most")
    if shuts and shuts not in case.open:
        yield f"no {shuts} stands open"
    if opens and opens in case.open and opens != "control":
        yield f"a {opens} stands open already"
    if act.switch and any(
        _fact(case, name) != value for name, value in (act.switch.get("when") or {}).items()
    ):
        yield f"it is not for a hazard like this ({act.switch['when']})"
    if most:
        used = case.uses.get(act.key, [])
        if (used.count(who or "") if most["per"] == "person" else len(used)) >= most["times"]:
            yield f"it may be done {most['times']} times"
    yield from (f"it needs {word}" for word in act.words("guards") if not _guard(case, word))


def may_report(act: Act, who: str | None, people: People, case: Case) -> bool:
    """Anybody with a role the file names, for their own unit, their division, or anywhere in their own enterprise."""
    if who is None:
        return "system" in act.who
    held = people.roles(who, case.home) or people.roles_in(who, case.home.path.split("/", 1)[0] + "/")
    return bool(held & set(act.who))


def _held(case: Case, act: Act, who: str | None, people: People) -> set[str]:
    if who is None:
        held = {"system"}
    else:
        held = people.roles(who, case.place)
        words = ("reporter", "responsible", "verifiers", "closer", "classifier", "applicant")
        held |= {word for word in words if _is(case, act, who, word)}
    return held | {"holder"} if case.holder in held else held


def _is(case: Case, act: Act, who: str, word: str) -> bool:
    """Whether somebody holds a part."""
    if word == "applicant":
        opened = case.open.get(act.word("shuts") or "")
        return opened is not None and opened.by == who
    if word == "verifiers":
        return who in case.verifiers
    if word == "reporter_if_alone":
        return who in (case.reporter, case.protected) and not set(case.verifiers) - {who}
    if word == "reporter":
        return who in (case.reporter, case.protected)
    return bool(who == getattr(case, word))


def _guard(case: Case, word: str) -> bool:
    """The conditions that stand in the record: open requests, marks. Others pass here."""
    if word.startswith("no_open_"):
        return word.removeprefix("no_open_") not in case.open
    if word == "control_open":
        return "control" in case.open
    return word not in case.flow.marks or word in case.instants


def _fact(case: Case, name: str) -> Any:
    facts: Mapping[str, Any] = {"source": case.source, "urgency": case.urgency, "level": case.level}
    return facts[name]
