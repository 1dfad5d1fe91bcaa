"""A hazard that was moved to another version on its way: its closure file says so, and judges its stay as one."""

import io
import uuid

import pypdf
import sqlalchemy as sa

from hazard_flow.hazards.changes import Migrate
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.migrating import ADMINISTRATOR
from hazard_flow.reports import process
from hazard_flow.reports.gather import Sources, read
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.worker import Press
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City, city, place
from tests.harness.ledger import sealer
from tests.harness.versions import changed, release, renamed

__all__ = ["city", "place"]


def moved_while_submitted(city: City) -> tuple[uuid.UUID, str, str]:
    """A hazard moved a day after it was submitted, then finished under the newer version; id and both versions."""
    hazard = city.bring_to(city.report(), "submitted")
    newer = changed(renamed("submitted", "checking"))
    release(city, newer)
    city.fast_forward(hours=24)
    change = Migrate(
        hazard_id=hazard.id, to_version=newer.version, actor=ADMINISTRATOR, request_key="m", reason="统一执行新版",
        map={"submitted": "checking"},
    )  # fmt: skip
    with city.database.transaction(SYSTEM) as session:
        apply_one(session, change, city.now)
    city.fast_forward(hours=1)
    city.verify(hazard)
    city.close(hazard)
    return hazard.id, f"general.v{newer.version - 1}", newer.id


def sources(city: City, hazard_id: uuid.UUID) -> Sources:
    with city.database.reading(SYSTEM) as session:
        return read(session, hazard_id)


def test_the_log_names_both_versions_who_and_why(city: City) -> None:
    hazard_id, old, new = moved_while_submitted(city)

    (entry,) = (e for e in process.log(sources(city, hazard_id)) if e.by == "system")

    assert (entry.what.zh, entry.what.en) == (
        f"办理流程由 {old} 改为 {new}，已用时间连续计算",
        f"Moved from {old} to {new}; time already passed counts",
    )
    assert entry.actor.zh == "系统管理员（命令行）"
    assert entry.comment == "理由：统一执行新版"
    assert entry.stage is None


def test_the_stay_in_a_state_is_one_from_entering_it_to_leaving_it(city: City) -> None:
    hazard_id, _, _ = moved_while_submitted(city)
    gathered = sources(city, hazard_id)
    submitted, passed = gathered.last("submit"), gathered.last("pass")
    assert submitted is not None
    assert passed is not None

    stays = [limit for limit in process.limits(gathered) if limit.label.zh == "复查时限"]

    assert [(stay.started_at, stay.met_at) for stay in stays] == [(submitted.at, passed.at)]


def test_the_file_is_made_and_proves_itself(city: City, press: Press) -> None:
    _, old, new = moved_while_submitted(city)
    issuer = Issuer(
        city.database, city.store, press, public_url="https://gas.example.org/", sealer=sealer(city.database)
    )

    assert issuer.drain(city.now) > 0

    (document,) = city.all(sa.select(Document).where(Document.kind == "closure"))
    pdf = city.store.get(document.sha256, area="document")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert f"{old} 改为 {new}" in text.replace("\n", "")
