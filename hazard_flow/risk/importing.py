"""The register as a file: the list of graded risks, one row a check item, the point's own cells on its first. Whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, NotAllowed, Refused
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport, Kind, RowChange
from hazard_flow.exchange.records import Record, SourceFile, check_columns, read
from hazard_flow.exchange.writing import write
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.risk import chain, entry, operations, queries, versions
from hazard_flow.risk.grading import grading
from hazard_flow.risk.library import ACCIDENTS
from hazard_flow.risk.models import RiskPoint, RiskRating

KEY = "risk-points"
ENDINGS = (".csv", ".yaml", ".json")
COLUMNS = (*entry.FIELDS, *chain.FIELDS)

#: a form's fault → the fault of a file
_SAID = {
    "unknown_asset": "risk_unknown_asset",
    "unknown_organisation": "risk_unknown_organisation",
    "asset_or_organisation": "risk_asset_or_organisation",
    "bad_risk_code": "risk_bad_risk_code",
    "taken": "risk_taken",
    "out_of_range": "risk_out_of_range",
    "not_ahead": "risk_not_ahead",
    "not_a_recurrence": "risk_not_a_recurrence",
}


def risk_kind(zone: ZoneInfo) -> Kind:
    """The kind of file this feature takes and writes; `zone`: in which review days are counted."""

    def read_in(session: Session, file: SourceFile, order: ImportOrder) -> ImportReport:
        return _read_in(session, file, order, zone)

    return Kind(KEY, Label(zh="风险分级管控清单", en="List of graded risks"), ENDINGS, read_in, write_out)


def _read_in(session: Session, file: SourceFile, order: ImportOrder, zone: ZoneInfo) -> ImportReport:
    """Points by code: new ones are entered, known ones corrected and, where a row rates them otherwise, rated again.

    Only whoever runs the installation brings them in. Raises NotAllowed for anybody else.
    """
    if not order.actor.is_system:
        raise NotAllowed("risk points come in by the command line, or one by one on their page")
    reading = read(file)
    records = list(reading.records)
    faults = [*reading.faults, *check_columns(records, known=COLUMNS, needed=("code",))]
    if not faults and reading.document is not None:
        faults = [RowFault(0, "", "not_a_list")]
    changes: list[RowChange] = []
    trial = session.begin_nested()
    if not faults:
        for group in _by_code(records):
            made, wrong = _point(session, group, order, zone)
            changes += made
            faults += wrong
    stores = not faults and not order.dry_run
    if stores:
        trial.commit()
    else:
        trial.rollback()
        session.expire_all()
    return ImportReport(KEY, len(records), tuple(changes), tuple(faults), is_stored=stores and bool(changes))


def write_out(session: Session, order: ExportOrder) -> str:
    """All points in use with their chains, as the import takes them; of one division where asked."""
    points = session.scalars(
        sa.select(RiskPoint)
        .where(RiskPoint.ended_at.is_(None), RiskPoint.division.startswith(order.division, autoescape=True))
        .order_by(RiskPoint.home_id, RiskPoint.code)
    ).all()
    rows: list[Mapping[str, str]] = []
    for point in points:
        head = told(session, point)
        links = list(_links(session, point)) or [{}]
        rows += [
            {**(head if number == 0 else {"code": point.code}), **link} for number, link in enumerate(links)
        ]
    blank = dict.fromkeys(COLUMNS, "")
    return write(order.ending, COLUMNS, [{**blank, **row} for row in rows])


def told(session: Session, point: RiskPoint) -> dict[str, str]:
    """The point's own cells as a file holds them."""
    asset = session.get(Asset, point.asset_id) if point.asset_id else None
    unit = session.get_one(Organisation, point.organisation_id)
    found = {name: str(getattr(point, name)) for name in ("code", "kind", "category", *entry.TEXTS)}
    found |= {
        "asset": asset.code if asset else "",
        "organisation": "" if asset else unit.uscc or unit.name_zh,
        "lon": "" if point.lon is None else f"{point.lon!r}",
        "lat": "" if point.lat is None else f"{point.lat!r}",
        "exposed_people": "" if point.exposed_people is None else str(point.exposed_people),
        "has_board": "yes" if point.has_board else "no",
        "next_review_on": point.next_review_on.isoformat(),
    }
    return found | rated_cells(queries.ratings(session, point.id), point)


def rated_cells(ratings: Sequence[RiskRating], point: RiskPoint) -> dict[str, str]:
    """The newest rating as cells of a file or a form."""
    found = dict.fromkeys(entry.RATING[:-1], "")
    for prefix, side in (("", "inherent"), ("residual_", "residual")):
        newest = next((one for one in ratings if one.side == side and one.rated_at == point.rated_at), None)
        if newest is not None:
            found[f"{prefix}method"] = newest.method
            found[f"{prefix}grounds"] = ",".join(newest.grounds)
            found |= {f"{prefix}{name}": str(value) for name, value in newest.scores.items()}
            found["basis"] = newest.basis
    return found


def _links(session: Session, point: RiskPoint) -> Iterator[dict[str, str]]:
    for unit in queries.chain_of(session, point.id):
        for event in unit.events:
            head = {
                "unit": unit.unit.text_zh, "unit_en": unit.unit.text_en, "event": event.event.text_zh,
                "event_en": event.event.text_en, "accidents": ",".join(event.event.accidents),
            }  # fmt: skip
            if not event.measures:
                yield head
            for one in event.measures:
                measure = head | {
                    "measure_kind": one.measure.kind, "measure": one.measure.text_zh, "measure_en": one.measure.text_en,
                    "test_cycle": one.measure.test_cycle,
                }  # fmt: skip
                if not one.items:
                    yield measure
                for item in one.items:
                    yield measure | {
                        "item": item.text_zh, "item_en": item.text_en, "item_level": item.control_level,
                        "item_method": item.method, "item_rule": item.check_rule,
                    }  # fmt: skip


def _by_code(records: Sequence[Record]) -> list[list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.text("code"), []).append(record)
    return list(found.values())


def _point(
    session: Session, group: Sequence[Record], order: ImportOrder, zone: ZoneInfo
) -> tuple[list[RowChange], list[RowFault]]:
    first = group[0]
    given = {name: first.text(name) for name in entry.FIELDS if name in first.cells}
    faults = list(_at_odds(group, given))
    try:
        point, before, what = _stored(session, given, order, zone)
    except Refused as refused:
        return [], [*faults, *(_fault(first, one, given) for one in refused.fields)]
    changes = []
    if what:
        after = told(session, point)
        changed = [name for name, value in after.items() if before.get(name, "") != value]
        changes.append(
            RowChange(
                first.row, "changed" if before else "added", point.code,
                before=", ".join(f"{name}={before[name]}" for name in changed) if before else "",
                after=", ".join(f"{name}={after[name]}" for name in changed if after[name]),
            )
        )  # fmt: skip
    more, wrong = _chain(session, point, group, order, has_told=bool(what))
    return [*changes, *more], [*faults, *wrong]


def _stored(
    session: Session, given: Mapping[str, str], order: ImportOrder, zone: ZoneInfo
) -> tuple[RiskPoint, dict[str, str], bool]:
    """The point as the row says it is, what was known of it, and whether that was anything else."""
    point = _known(session, given)
    if point is None:
        return operations.enter(session, given, now=order.now, by=None, zone=zone), {}, True
    before = told(session, point)
    whole = {**before, **given}
    changed = False
    if any(whole[name] != before[name] for name in entry.PARTICULARS if name not in ("code", "organisation")):
        operations.correct(session, point, whole, now=order.now, by=None, zone=zone)
        changed = True
    if given.get("method") and any(whole[name] != before[name] for name in entry.RATING if name in given):
        day = whole["next_review_on"]
        if day == before["next_review_on"] and not _is_ahead(day, order, zone):
            whole["next_review_on"] = ""
        operations.rate_again(session, point, whole, now=order.now, by=None, zone=zone)
        changed = True
    return point, before, changed


def _is_ahead(day: str, order: ImportOrder, zone: ZoneInfo) -> bool:
    return date.fromisoformat(day) > order.now.astimezone(zone).date()


def _chain(
    session: Session, point: RiskPoint, group: Sequence[Record], order: ImportOrder, *, has_told: bool
) -> tuple[list[RowChange], list[RowFault]]:
    changes: list[RowChange] = []
    faults: list[RowFault] = []
    grew = False
    for record in group:
        given = {name: record.text(name) for name in chain.FIELDS if record.text(name)}
        if not given:
            continue
        try:
            added = chain.add(session, point, given, now=order.now)
        except Refused as refused:
            faults += [_fault(record, one, given) for one in refused.fields]
            continue
        if added.is_changed:
            grew = True
            if not (has_told and record is group[0]):
                said = given.get("item") or given.get("measure") or given["event"]
                changes.append(RowChange(record.row, "changed", point.code, after=said))
    if grew:
        versions.note(session, point, "chain", now=order.now, by=None)
    return changes, faults


def _known(session: Session, given: Mapping[str, str]) -> RiskPoint | None:
    """The point with this code in the organisation of the asset or unit that is named."""
    homes: list[Any] = []
    if given.get("asset"):
        homes.append(RiskPoint.home_id.in_(sa.select(Asset.home_id).where(Asset.code == given["asset"])))
    elif words := given.get("organisation"):
        named = sa.select(Organisation.path).where(
            sa.or_(Organisation.name_zh == words, Organisation.uscc == words)
        )
        path = session.scalars(named.order_by(Organisation.path)).first()
        homes.append(RiskPoint.path.startswith((path or "-").split("/", 1)[0], autoescape=True))
    wanted = sa.select(RiskPoint).where(RiskPoint.code == given.get("code", ""), *homes)
    return session.scalars(wanted.order_by(RiskPoint.created_at)).first()


def _at_odds(group: Sequence[Record], first: Mapping[str, str]) -> Iterator[RowFault]:
    """Cells of the point itself that another row of it says otherwise."""
    for record in group[1:]:
        for name in entry.FIELDS:
            value = record.text(name)
            if value and value != first.get(name, ""):
                yield RowFault(record.row, name, "said_otherwise", {"first": group[0].row})


def _fault(record: Record, one: FieldError, given: Mapping[str, str]) -> RowFault:
    """A form's fault in the words of a file."""
    value = str(one.params.get("value") or given.get(one.field, ""))[:60]
    match one.code:
        case "required":
            return RowFault(record.row, one.field, "needed")
        case "not_a_choice" | "unknown_choice":
            choices = one.params.get("choices") or _choices(one.field)
            return RowFault(record.row, one.field, "not_one_of", {"value": value, "choices": choices})
        case "too_long":
            return RowFault(record.row, one.field, "too_long", {"limit": one.params["at_most"]})
        case "not_a_date":
            return RowFault(record.row, one.field, "not_a_date", {"value": value})
        case code:
            return RowFault(record.row, one.field, _SAID[code], {"value": value, **one.params})


def _choices(field: str) -> str:
    return ", ".join(ACCIDENTS if field == "accidents" else grading().direct)
