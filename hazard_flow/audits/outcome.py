"""What verdicts come to: what keeps a decision from being taken, and the score. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hazard_flow.audits.finding import Finding
from hazard_flow.audits.rules import VERDICTS, AuditRules
from hazard_flow.errors import FieldError

Outcome = Literal["pass", "return"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "return")
#: of a reason and of the opinion that goes with sending back; the door asks ten of the latter
REASON_MIN, OPINION_MIN, TEXT_MAX = 5, 10, 500
#: hundredths of a point's weight
_WORTH = {"pass": 100, "remark": 50, "fail": 0}


@dataclass(frozen=True)
class Given:
    """A person's verdict on one point."""

    point: str
    verdict: str
    reason: str = ""


def wrong(given: Sequence[Given], findings: Mapping[str, Finding], rules: AuditRules) -> list[FieldError]:
    """Everything that keeps verdicts from being noted: another result than the machine's needs a reason, and so does a failure."""
    found: list[FieldError] = []
    for one in given:
        if one.point not in rules.points:
            found.append(FieldError(one.point[:40], "unknown_point"))
        elif one.verdict not in VERDICTS:
            choices = list(VERDICTS)
            found.append(FieldError(one.point, "not_a_choice", {"choices": choices}))
        elif len(one.reason) > TEXT_MAX:
            found.append(FieldError(one.point, "too_long", {"at_most": TEXT_MAX}))
        elif _needs_reason(one, findings[one.point]) and len(one.reason.strip()) < REASON_MIN:
            found.append(FieldError(one.point, "override_needs_reason", {"at_least": REASON_MIN}))
    return found


def _needs_reason(one: Given, finding: Finding) -> bool:
    """The machine's own result may be confirmed as it stands; what it left open passes on the person's word alone."""
    if one.verdict == finding.result:
        return False
    return not (finding.result == "open" and one.verdict == "pass")


def undecided(verdicts: Mapping[str, Any], outcome: str, opinion: str, rules: AuditRules) -> list[FieldError]:
    """Everything that keeps an audit from being decided."""
    if outcome not in OUTCOMES:
        return [FieldError("outcome", "not_a_choice", {"choices": list(OUTCOMES)})]
    found = [FieldError(key, "point_not_judged") for key in rules.points if key not in verdicts]
    failed = [key for key in rules.points if verdicts.get(key, {}).get("verdict") == "fail"]
    if outcome == "pass":
        found += [FieldError(key, "point_fails") for key in failed]
    elif not failed:
        found.append(FieldError("outcome", "nothing_fails"))
    if outcome == "return" and len(opinion.strip()) < OPINION_MIN:
        found.append(
            FieldError("opinion", "too_short", {"at_least": OPINION_MIN, "length": len(opinion.strip())})
        )
    if len(opinion) > TEXT_MAX:
        found.append(FieldError("opinion", "too_long", {"at_most": TEXT_MAX}))
    return found


def score(verdicts: Mapping[str, Any], rules: AuditRules) -> int:
    """0 to 100: the weighted share of what applies, a remark counting half; 100 where nothing applies. Rounded down."""
    counted = [(rules.points[key].weight, _WORTH[one["verdict"]]) for key, one in verdicts.items()
               if one["verdict"] in _WORTH]  # fmt: skip
    weight = sum(share for share, _ in counted)
    return sum(share * worth for share, worth in counted) // weight if weight else 100


def failed(verdicts: Mapping[str, Any]) -> list[str]:
    """The points that fail."""
    return [key for key, one in verdicts.items() if one["verdict"] == "fail"]
