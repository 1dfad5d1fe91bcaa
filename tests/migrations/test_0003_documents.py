"""Documents of a hazard: closure files issued before keep their place, papers are forgotten on the way back and their numbers are not."""

import sqlalchemy as sa

from hazard_flow.hazards.models import DocumentSequence
from hazard_flow.reports.models import Document
from hazard_flow.storage import migrate
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City


def keep(city: City, hazard, kind: str, *, event_seq: int, name: str, number: str | None = None) -> None:
    with city.database.transaction(SYSTEM) as session:
        session.add(
            Document(
                home_id=hazard.home_id, subject_id=hazard.id, kind=kind, event_seq=event_seq, locale="zh", version=1, name=name,
                number=hazard.number, document_number=number, issuer_id=hazard.home_id if number else None, personal=False,
                sha256="0" * 64, size=1, pages=1, record_sha256="0" * 64, sealed=False, issued_at=city.now,
            )
        )  # fmt: skip


def kinds(url: str) -> list[str]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT kind FROM document ORDER BY kind").scalars().all()
    engine.dispose()
    return list(found)


def test_rows_survive_the_way_back_and_forth(city: City):
    hazard = city.bring_to(city.report(), "closed")
    keep(city, hazard, "closure", event_seq=hazard.seq, name="closure-1")
    keep(city, hazard, "internal_slip", event_seq=2, name="slip-1", number="（恒川）燃安通〔2026〕1号")
    city.database.dispose()
    role = "hazard_flow" if city.on_postgres else None

    migrate.downgrade(city.owner_url, "0001")
    assert kinds(city.owner_url) == ["closure"]

    migrate.upgrade(city.owner_url, application_role=role)
    assert migrate.differences(city.owner_url) == []
    [document] = city.all(sa.select(Document))
    assert (document.event_seq, document.locale, document.personal) == (hazard.seq, "zh", False)
    assert document.document_number is None


def test_numbers_begin_anew_only_where_the_table_was_gone(city: City):
    city.assign(city.report())
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert [row.last for row in city.all(sa.select(DocumentSequence))] == [1]
