"""Documents of a hazard: closure files issued before keep their place, papers are forgotten on the way back and their numbers are not."""

import sqlalchemy as sa

from hazard_flow.hazards.models import DocumentOrder
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
        if not url.startswith("sqlite"):
            connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', false)")
        found = connection.exec_driver_sql("SELECT kind FROM document ORDER BY kind").scalars().all()
    engine.dispose()
    return list(found)


def test_rows_survive_the_way_back_and_forth(city: City):
    hazard = city.bring_to(city.report(), "closed")
    keep(city, hazard, "closure", event_seq=hazard.seq, name="closure-1")
    keep(city, hazard, "internal_slip", event_seq=2, name="slip-1", number="（恒川）燃安通〔2026〕1号")
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0001")
    assert kinds(city.owner_url) == ["closure"]

    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)
    assert migrate.differences(city.owner_url) == []
    [document] = city.all(sa.select(Document))
    assert (document.event_seq, document.locale, document.personal) == (hazard.seq, "zh", False)
    assert document.document_number is None


def test_no_number_is_given_twice_and_every_document_is_made_again(city: City):
    first, second = city.report(), city.report()
    for hazard in (first, second):
        city.assign(hazard)
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0001")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    third = city.report()
    city.assign(third)
    assert city.events(third)[-1].data["issues"]["number"] == "（恒川）燃安通〔2026〕3号"
    orders = city.all(sa.select(DocumentOrder).order_by(DocumentOrder.ordered_at))
    assert {(o.hazard_id, o.event_seq, o.kind) for o in orders} == {
        (h.id, 2, "internal_slip") for h in (first, second, third)
    }
