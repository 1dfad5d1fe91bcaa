"""Assets as a file that `read_in` takes again: those in use, in the order of their codes."""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.kinds import KindBook, kind_book
from hazard_flow.assets.merging import read_personal
from hazard_flow.assets.models import Asset
from hazard_flow.assets.owners import owners_named
from hazard_flow.assets.particulars import COMMON
from hazard_flow.assets.queries import within
from hazard_flow.assets.shapes import Shape
from hazard_flow.errors import FieldError, NotFound
from hazard_flow.exchange.formulas import guarded
from hazard_flow.exchange.kinds import ExportOrder
from hazard_flow.exchange.workbook import write_rows
from hazard_flow.identity.models import Organisation, Personal
from hazard_flow.storage.json_text import from_json, to_json
from hazard_flow.storage.unit import scope_of_session

_FETCHED = 2_000
_BOM = "\ufeff"


def write_out(session: Session, order: ExportOrder, *, kind: str) -> str | bytes:
    """The file's text, or a workbook's bytes. Raises NotFound for a unit nobody knows."""
    columns = _columns(kind_book(), kind)
    rows = _rows(session, order, kind)
    if order.ending == ".geojson":
        return _collection(rows)
    lines = ([row.get(name, "") for name in columns] for row in rows)
    if order.ending == ".xlsx":
        return write_rows(columns, lines, title=kind or "assets")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([guarded(cell) for cell in line] for line in lines)
    return _BOM + out.getvalue()  # the mark tells spreadsheets on Windows that this is UTF-8


def _columns(book: KindBook, kind: str) -> tuple[str, ...]:
    if kind:
        of = book.kinds[kind]
        return (*(name for name in COMMON if name != "kind"), *of.attributes, *(of.personal or {}))
    return (*COMMON, *book.attributes, *book.personal)


def _rows(session: Session, order: ExportOrder, kind: str) -> Iterator[dict[str, Any]]:
    units = {row.id: row.name_zh for row in session.execute(sa.select(Organisation.id, Organisation.name_zh))}
    scope = scope_of_session(session)
    # everybody of an enterprise sees its assets, yet only those who look after a user see who lives there
    is_close = scope.where(Personal.path, Personal.division) if order.with_personal else sa.false()
    wanted = (
        sa.select(Asset, Personal.value)
        .outerjoin(Personal, sa.and_(Personal.digest == Asset.personal_digest, is_close))
        .where(
            within(scope),
            Asset.ended_at.is_(None),
            Asset.division.startswith(order.division, autoescape=True),
        )
        .order_by(Asset.home_id, Asset.code)
    )
    if kind:
        wanted = wanted.where(Asset.kind == kind)
    if order.organisation:
        found = owners_named(session, order.organisation)
        if len(found) != 1:
            raise NotFound(order.organisation, fields=[FieldError("organisation", "unknown_organisation")])
        wanted = wanted.where(Asset.path.startswith(found[0].path, autoescape=True))
    for asset, personal in session.execute(wanted.execution_options(yield_per=_FETCHED)):
        yield _told(asset, personal, units)
        session.expunge(asset)


def _told(asset: Asset, personal: str | None, units: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": asset.code,
        "kind": asset.kind,
        "organisation": units.get(asset.organisation_id, ""),
        "division": asset.division,
        "name_zh": asset.name_zh,
        "name_en": asset.name_en,
        "address": asset.address,
    }
    if asset.lon is not None or asset.geometry is not None:
        told |= {"crs": asset.crs, "accuracy_m": asset.accuracy_m, "lon": asset.lon, "lat": asset.lat}
        told["geometry"] = Shape.stored(asset.geometry).wkt() if asset.geometry else None
    told |= {name: _cell(value) for name, value in asset.details.items()}
    told |= read_personal(personal)
    return {name: value for name, value in told.items() if value is not None}


def _cell(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _collection(rows: Iterable[dict[str, Any]]) -> str:
    """A FeatureCollection, one feature a line. Coordinates stay in the frame they were given in, which each feature names."""
    lines = []
    for row in rows:
        shape, lon, lat = row.pop("geometry", None), row.pop("lon", None), row.pop("lat", None)
        geometry = None
        if shape:
            geometry = from_json(Shape.read(shape).text())
        elif lon is not None:
            geometry = {"type": "Point", "coordinates": [lon, lat]}
        lines.append(to_json({"type": "Feature", "properties": row, "geometry": geometry}))
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
