"""Points 1 to 5: what it was taken for, by which clause, and what was ordered of whom until when."""

from datetime import datetime, timedelta
from typing import Any

from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Remark, clock, said
from hazard_flow.catalogue.rows import URGENCIES, CatalogueRow
from hazard_flow.hazards.classifying import assigned_due_at
from hazard_flow.i18n import Label


def level(dossier: Dossier) -> list[Remark]:
    """1: the level against the catalogue's own; what the national list names is no general hazard unless the regulator lowered it."""
    hazard, rows = dossier.hazard, dossier.rows
    if not dossier.is_major and (worded := _national_wording(dossier)) is not None:
        return [said("fail", "level.worded", 1, code=worded.code, title=worded.title)]
    if not rows:
        return [said("open", "level.no_row", _seq(dossier.last("assign")))]
    if not dossier.is_major:
        listed = [row for row in rows if "major" in (row["level"], row["national_level"])]
        lowered = dossier.last("lower_to_general")
        if listed and lowered is None:
            return [said("fail", "level.national", _seq(dossier.last("assign")), **_titled(listed[0]))]
        if listed:
            return [said("remark", "level.lowered", _seq(lowered), **_titled(listed[0]))]
        milder = [row for row in rows if _rank(hazard.urgency) > _rank(row["urgency"])]
        if milder:
            seq = _seq(dossier.last("decide_lowering", "assign", "fix_on_site"))
            now, asked = hazard.urgency or "—", milder[0]["urgency"]
            return [said("remark", "level.milder", seq, now=now, asked=asked, code=milder[0]["code"])]
    return [said("pass", "level.fits", _seq(dossier.last("assign")), **_titled(rows[0]))]


def _national_wording(dossier: Dossier) -> CatalogueRow | None:
    """The major of the national list whose wording the description uses, where the regulator has not lowered it."""
    if dossier.last("lower_to_general") is not None:
        return None
    told = f"{dossier.hazard.title} {dossier.hazard.description}"
    least = dossier.audit_rules.national_wording_percent
    for row in dossier.catalogue.values():
        pairs = {row.title.zh[n : n + 2] for n in range(len(row.title.zh) - 1)}
        if row.is_major and 100 * sum(pair in told for pair in pairs) >= least * len(pairs):
            return row
    return None


def basis(dossier: Dossier) -> list[Remark]:
    """2: what is cited is a row of the catalogue that counted in the place on the day; how surely its clause was read is said."""
    assigned = dossier.last("assign", "fix_on_site")
    seq = _seq(assigned)
    known = {row["code"] for row in dossier.rows}
    if not dossier.cited and not known:
        return [said("fail", "basis.none", seq)]
    found = [_unlisted(dossier, cited, seq) for cited in dossier.cited if cited.strip().upper() not in known]
    for row in dossier.rows:
        if row["code"] not in dossier.catalogue:
            found.append(_unlisted(dossier, row["code"], seq))
        elif row["confidence"] == "M":
            found.append(said("remark", "basis.memory", seq, code=row["code"], basis=row["basis"]))
        else:
            found.append(said("pass", "basis.fits", seq, code=row["code"], basis=row["basis"]))
    return found


def _unlisted(dossier: Dossier, cited: str, seq: int | None) -> Remark:
    """A code nobody listed is wrong; a clause in words is for the person to look up."""
    is_code = len(cited) == 7 and cited[3:4] == "-" and cited[:3].isalpha()
    if is_code:
        on = dossier.day(dossier.assigned_at or dossier.hazard.reported_at)
        return said("fail", "basis.not_in_force", seq, cited=cited, on=str(on))
    return said("open", "basis.by_hand", seq, cited=cited)


def notice(dossier: Dossier) -> list[Remark]:
    """3: the last assignment was accepted by the person it was given to; a refused signature has its reason and witnesses."""
    assigned, accepted = dossier.last("assign"), dossier.last("accept")
    if assigned is None:
        return [said("na", "notice.on_the_spot", _seq(dossier.last("fix_on_site")))]
    if accepted is None or accepted.seq < assigned.seq:
        return [said("fail", "notice.not_accepted", assigned.seq)]
    found = [
        said("pass", "notice.accepted", assigned.seq, accepted.seq,
             at=clock(accepted.at, dossier.rules.zone))
    ]  # fmt: skip
    for refused in (event for event in dossier.acts if event.fields.get("refused_to_sign")):
        witnessed = refused.fields.get("refusal_reason") and refused.fields.get("refusal_witnesses")
        found.append(said("remark" if witnessed else "fail",
                          "notice.refused" if witnessed else "notice.refused_alone", refused.seq))  # fmt: skip
    return found


def deadline(dossier: Dossier) -> list[Remark]:
    """4: within policy, fair against the catalogue, extended only in time, and kept."""
    hazard, began = dossier.hazard, dossier.assigned_at
    first = assigned_due_at(hazard) or hazard.original_due_at
    if began is None or first is None:
        return [said("na", "deadline.on_the_spot", _seq(dossier.last("fix_on_site")))]
    assigned = _seq(dossier.last("assign"))
    days = (dossier.day(first - timedelta(seconds=1)) - dossier.day(began)).days
    found: list[Remark] = []
    longest = dossier.policy.value("rectify_within", hazard.urgency or "")
    if longest is not None and longest.unit == "day" and days > longest.amount:
        found.append(said("fail", "deadline.over_policy", assigned, days=days, most=longest.amount))
    suggested = [int(row["deadline_days"]) for row in dossier.rows]
    if suggested and days > min(suggested):
        found.append(said("remark", "deadline.over_catalogue", assigned, days=days, asked=min(suggested)))
    found += _extensions(dossier, first)
    submitted = dossier.last("submit")
    if submitted is not None and hazard.due_at is not None and submitted.at > hazard.due_at:
        due = clock(hazard.due_at - timedelta(minutes=1), dossier.rules.zone)[:10]
        found.append(said("fail", "deadline.missed", submitted.seq, due=due))
    return found or [said("pass", "deadline.kept", assigned, days=days)]


def _extensions(dossier: Dossier, due_at: datetime) -> list[Remark]:
    found: list[Remark] = []
    for decided in dossier.all("decide_extension"):
        if decided.fields.get("decision") != "approved":
            continue
        asked = max(
            (e for e in dossier.all("request_extension") if e.seq < decided.seq),
            key=lambda e: e.seq,
            default=None,
        )
        late = asked is None or asked.at > due_at
        if late:
            found.append(said("fail", "deadline.asked_late", decided.seq))
        elif decided.at > due_at:
            found.append(said("remark", "deadline.granted_late", decided.seq))
        else:
            found.append(said("remark", "deadline.extended", decided.seq))
        adopted = (decided.data.get("adopted") or {}).get("due_at")
        due_at = datetime.fromisoformat(str(adopted)) if adopted else due_at
    return found


def responsible(dossier: Dossier) -> list[Remark]:
    """5: somebody with a name of their own, not a unit's account."""
    person = dossier.hazard.responsible_id
    known = dossier.people.get(person) if person else None
    seq = _seq(dossier.last("reassign", "assign", "fix_on_site"))
    if known is None:
        return [said("fail", "responsible.nobody", seq)]
    if any(name and (known.name == name or name in known.name) for name in dossier.unit_names):
        return [said("fail", "responsible.unit", seq)]
    return [said("pass", "responsible.named", seq, unit=known.unit or "—")]


def _titled(row: Any) -> dict[str, Any]:
    return {"code": row["code"], "title": Label(**row["title"])}


def _rank(urgency: str | None) -> int:
    """M first; one nobody named counts as the mildest."""
    return URGENCIES.index(urgency) if urgency in URGENCIES else len(URGENCIES)


def _seq(event: Any) -> int | None:
    return None if event is None else int(event.seq)
