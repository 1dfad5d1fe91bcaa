"""A list of duties as lines people edit: one duty a line, where it comes from after a bar. Pure."""

from collections.abc import Sequence

from hazard_flow.daily_work.posts.templates_file import Duty
from hazard_flow.i18n import Label, both

BAR = "|"


def write(duties: Sequence[Duty]) -> str:
    """The list as lines."""
    return "\n".join(f"{one.text.zh} {BAR} {one.clause.zh}" for one in duties)


def read(lines: str, before: Sequence[Duty]) -> list[Duty]:
    """The list of these lines. One that stayed keeps its other language and its mark; a new one is the enterprise's own and marked so."""
    known = {(one.text.zh, one.clause.zh): one for one in before}
    found = []
    for line in lines.splitlines():
        text, _, clause = (part.strip() for part in line.partition(BAR))
        if not text:
            continue
        kept = known.get((text, clause))
        source = Label(clause, clause) if clause else both("posts.own_rule")
        found.append(kept or Duty(Label(text, text), source, "D"))
    return found
