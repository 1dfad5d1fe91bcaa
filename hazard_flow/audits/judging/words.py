"""Points 6, 7 and 16: what was done in words, for how much money, and why it came about."""

from decimal import Decimal, InvalidOperation
from typing import Any

from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Remark, said

#: papers that prove what was spent
VOUCHERS = ("LEDGER", "WORK_ORDER", "ACCEPT_REPORT")


def measures(dossier: Dossier) -> list[Remark]:
    """6: the measures are deeds. Whether they meet the cause is for the person where both are told."""
    texts = [str(v) for name in ("measures", "measures_done") if (v := dossier.value(name))]
    seq = _seq(dossier, "submit", "fix_on_site")
    if not texts:
        return [said("fail", "measures.none", seq)]
    if all(_is_empty_talk(text, dossier) for text in texts):
        return [said("fail", "measures.talk", seq, text=texts[-1][:60])]
    cause = dossier.value("root_cause")
    if not cause:
        return [said("remark", "measures.no_cause", seq)]
    return [said("pass", "measures.deeds", seq, cause=str(cause)[:40])]


def _is_empty_talk(text: str, dossier: Dossier) -> bool:
    """Nothing is left once the words that alone make no measure are taken out."""
    left = text.casefold()
    for word in dossier.audit_rules.no_measure:
        left = left.replace(word, " ")
    return sum(c.isalnum() for c in left) < dossier.audit_rules.measure_left_min


def funds(dossier: Dossier) -> list[Remark]:
    """7: of a major both sums are stated and something proves the spending."""
    if not dossier.is_major:
        return [said("na", "funds.general")]
    seq = _seq(dossier, "submit")
    planned, used = (_money(dossier.value(name)) for name in ("funds_planned", "funds_used"))
    if planned is None or used is None:
        return [said("fail", "funds.missing", seq)]
    if planned > 0 and used == 0:
        return [said("fail", "funds.nothing_used", seq, planned=f"{planned:,}")]
    if not dossier.of_kind(*VOUCHERS):
        return [said("remark", "funds.no_voucher", seq, planned=f"{planned:,}", used=f"{used:,}")]
    return [said("pass", "funds.stated", seq, planned=f"{planned:,}", used=f"{used:,}")]


def cause(dossier: Dossier) -> list[Remark]:
    """16: why it came about, and whether it stands elsewhere too."""
    seq = _seq(dossier, "submit", "fix_on_site")
    if dossier.last("submit") is None and dossier.last("fix_on_site") is not None:
        return [said("na", "cause.on_the_spot", seq)]
    why = dossier.value("root_cause") or dossier.value("current_state_and_cause")
    elsewhere = dossier.value("prevention")
    if not why:
        return [said("fail", "cause.none", seq)]
    if not elsewhere:
        return [said("fail", "cause.not_elsewhere", seq)]
    return [said("pass", "cause.told", seq)]


def _money(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _seq(dossier: Dossier, *actions: str) -> int | None:
    event = dossier.last(*actions)
    return None if event is None else event.seq
