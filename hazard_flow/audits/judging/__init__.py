"""The points a machine can judge beforehand: pure functions over a dossier, registered under the key of their point."""

from collections.abc import Callable, Mapping

from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Finding, Remark, said, worst
from hazard_flow.audits.judging import closing, deeds, order, places, proof, words

Judge = Callable[[Dossier], list[Remark]]

JUDGES: Mapping[str, Judge] = {
    "level": order.level,
    "basis": order.basis,
    "notice": order.notice,
    "deadline": order.deadline,
    "responsible": order.responsible,
    "measures": words.measures,
    "funds": words.funds,
    "control": deeds.control,
    "photos": places.photos,
    "readings": places.readings,
    "recheck": places.recheck,
    "acceptance": closing.acceptance,
    "reports": closing.reports,
    "dates": deeds.dates,
    "escalations": deeds.escalations,
    "cause": words.cause,
    "user": closing.user,
    "transfer": closing.transfer,
    "integrity": proof.integrity,
    "retention": proof.retention,
}


def prejudge(dossier: Dossier) -> list[Finding]:
    """What the machine finds on every point, in their order. A point without a judge, or left to the person by the rules, stays open."""
    return [_one(dossier, key) for key in dossier.audit_rules.points]


def _one(dossier: Dossier, key: str) -> Finding:
    judge = JUDGES.get(key)
    if judge is None or dossier.audit_rules.points[key].judge == "person":
        return worst(key, [said("open", "person")])
    return worst(key, judge(dossier))
