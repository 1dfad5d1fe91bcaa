"""Points 19 and 20: the record proves itself, the file is of that record, and both are kept long enough."""

from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Remark, said
from hazard_flow.i18n import Label
from hazard_flow.reports.record import BrokenChain, check_chain


def integrity(dossier: Dossier) -> list[Remark]:
    """19: the chain holds and ends where the hazard says; the file is of its last event; the seal is valid where one is there."""
    hazard, document = dossier.hazard, dossier.document
    try:
        head, events = check_chain(dossier.bodies)
    except BrokenChain as broken:
        return [said("fail", "integrity.broken", what=str(broken))]
    if head != hazard.head.hex() or len(events) != hazard.seq:
        return [said("fail", "integrity.cut", hazard.seq, n=len(events), all=hazard.seq)]
    if hazard.closed_at is None:
        return [said("pass", "integrity.chain_only", hazard.seq, n=len(events))]
    if document is None:
        return [said("fail", "integrity.no_file", hazard.seq)]
    if document.event_seq != hazard.seq:
        return [said("fail", "integrity.other_record", hazard.seq, seq=document.event_seq)]
    proven = dossier.proven
    if proven is not None and proven.holds is False:
        return [Remark("fail", proven.reason, (hazard.seq,))]
    if not document.sealed:
        return [said("remark", "integrity.unsealed", hazard.seq, n=len(events))]
    reason = proven.reason if proven is not None and proven.holds else Label(zh="", en="")
    found = [said("pass", "integrity.whole", hazard.seq, n=len(events), version=document.version)]
    return [*found, Remark("pass", reason, ())] if reason.zh else found


def retention(dossier: Dossier) -> list[Remark]:
    """20: the place's policy says how long it is kept, that time has not run out, and every original is still there."""
    hazard, level = dossier.hazard, dossier.hazard.level
    if dossier.policy.entry("retention_hazard_years", level) is None:
        return [said("fail", "retention.unset")]
    if dossier.missing:
        lost = [p for p in dossier.evidence if p.sha256 in dossier.missing]
        return [said("fail", "retention.lost", *(p.event_seq for p in lost), n=len(lost))]
    years = dossier.policy.years("retention_hazard_years", level)
    if years is None:
        return [said("pass", "retention.permanent")]
    until = dossier.day(hazard.closed_at or dossier.now).year + years
    if until < dossier.day(dossier.now).year:
        return [said("remark", "retention.over", year=until)]
    return [said("pass", "retention.set", years=years, year=until)]
