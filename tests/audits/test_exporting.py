"""Batch export: exactly the files chosen, each with its hash in the manifest; who took them is on record; half a ZIP never looks whole."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.audits.models import AuditExport
from hazard_flow.audits.samples import exporting
from hazard_flow.errors import NotAllowed, NotFound, OutsideWorld, Refused
from hazard_flow.reports.models import Document
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from tests.audits.bench import Bench


def zipped(bench: Bench, export: AuditExport) -> bytes:
    return b"".join(exporting.zip_stream(export, bench.city.store))


def test_the_zip_holds_the_files_and_a_manifest_of_them(bench: Bench):
    hazards = [bench.closed("井盖缺失，行人易跌落"), bench.closed("井盖松动，过车异响")]
    bench.issue(hazards[0])  # a second version
    export = bench.export(organisation=hazards[0].home_id)
    raw = zipped(bench, export)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        listed = json.loads(archive.read("manifest.json"))
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        names = [f"{hazards[0].number}.v2.pdf", f"{hazards[1].number}.v1.pdf"]
        assert sorted(archive.namelist()) == sorted(["manifest.csv", "manifest.json", *names])
        for one in listed["files"]:
            pdf = archive.read(one["file"])
            assert (hashlib.sha256(pdf).hexdigest(), len(pdf)) == (one["sha256"], one["size"])
        assert hashlib.sha256(archive.read("manifest.json")).hexdigest() == export.manifest_sha256

    assert len(raw) == exporting.zip_size(export)
    assert listed["counts"] == {
        "files": 2, "bytes": sum(one["size"] for one in listed["files"]), "sealed": 0, "withheld": 0, "missing": 0,
    }  # fmt: skip
    assert [row["sha256"] for row in rows] == [one["sha256"] for one in listed["files"]]
    assert {"number", "file", "sha256", "size", "version", "sealed", "record_sha256"} <= rows[0].keys()


def test_the_manifest_names_nobody_and_no_place(bench: Bench):
    hazard = bench.closed("井盖缺失，行人易跌落")
    told = exporting.manifest(bench.export(numbers=(hazard.number,))).decode()

    assert hazard.number in told
    for word in ("井盖", "青梧路", "王班长", "唐监管", "恒川"):
        assert word not in told


def test_who_asked_is_on_record_and_alone_fetches(bench: Bench):
    hazard = bench.closed()
    export = bench.export(numbers=(hazard.number,))
    [kept] = bench.city.all(sa.select(AuditExport))
    assert (kept.asked_by, kept.chosen) == (bench.city.person("唐监管"), {"numbers": [hazard.number]})
    for name, refusal in (("陈处长", NotAllowed), ("方监管", NotFound), ("何安全", NotAllowed)):
        actor = bench.city.actor(name)
        with bench.city.database.reading(actor.scope) as session, pytest.raises(refusal):
            exporting.mine(session, actor, export.number)
    with (
        pytest.raises(sa.exc.DBAPIError),
        bench.city.database.transaction(bench.city.actor("唐监管").scope) as session,
    ):
        session.execute(sa.delete(AuditExport))


def test_nothing_chosen_nothing_there_and_out_of_scope(bench: Bench):
    hazard = bench.closed()
    refusals = []
    for by, chosen in (
        ("唐监管", {}),
        ("唐监管", {"urgency": "C"}),
        ("方监管", {"numbers": (hazard.number,)}),
    ):
        with pytest.raises(Refused) as refused:
            bench.export(by=by, **chosen)
        refusals.append(refused.value.fields[0].code)

    assert refusals == ["nothing_chosen", "nothing_to_export", "nothing_to_export"]


def test_files_still_being_made_are_counted_and_the_period_counts(bench: Bench):
    made = bench.closed()
    bench.city.bring_to(bench.city.report("另一处井盖松动"), "closed")
    at = bench.city.now
    both = bench.export(closed_from=at - timedelta(days=1), closed_to=at + timedelta(days=1))
    with pytest.raises(Refused):
        bench.export(closed_from=at + timedelta(days=1))

    assert ([one["number"] for one in both.files], both.missing) == ([made.number], 1)


def test_a_file_that_is_not_what_was_issued_breaks_the_transfer(bench: Bench):
    hazard = bench.closed()
    export = bench.export(numbers=(hazard.number,))
    sha256, size = export.files[0]["sha256"], export.files[0]["size"]
    path = f"document/{sha256[:2]}/{sha256[2:4]}/{sha256}"
    bench.city.store._objects.put(path, b"%" * size)  # as whoever holds the disk could
    pieces = exporting.zip_stream(export, bench.city.store)
    with pytest.raises(OutsideWorld, match="not what was issued"):
        list(pieces)


def test_memory_stays_flat_however_many_files(bench: Bench):
    """200 files of a megabyte: never more than a few pieces are held."""
    hazard = bench.closed()
    export = bench.export(numbers=(hazard.number,))
    body = bytes(range(256)) * 4096
    sha256 = bench.city.store.put(body, area="document")
    line = {**export.files[0], "sha256": sha256, "size": len(body)}
    export.files = [{**line, "file": f"{n}.pdf"} for n in range(200)]
    tracemalloc.start()
    total = sum(map(len, exporting.zip_stream(export, bench.city.store)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert total == exporting.zip_size(export)
    assert total > 200 * len(body)
    assert peak < 20 * len(body)


def test_a_file_with_names_is_withheld_from_whoever_holds_but_a_part(bench: Bench):
    """An officer moved to another district still holds a part in what they reported: a division opens names, a part alone does not."""
    city = bench.city
    hazard = city.report(by="唐监管", unit="运行一班", source="regulator_inspection")
    city.bring_to(hazard, "closed")
    bench.issue(hazard)
    elsewhere = replace(city.actor("唐监管"), holdings=city.actor("方监管").holdings)
    city._actors["调走的唐监管"] = elsewhere
    assert bench.export(by="调走的唐监管", numbers=(hazard.number,)).withheld == 0
    [document] = city.all(sa.select(Document))
    columns = {c.name: getattr(document, c.name) for c in Document.__table__.columns}
    with city.database.transaction(SYSTEM) as session:
        session.add(Document(**columns | {"id": new_id(), "version": 2, "name": "n2", "personal": True}))
    with pytest.raises(Refused) as refused:
        bench.export(by="调走的唐监管", numbers=(hazard.number,))

    assert refused.value.fields[0].code == "nothing_to_export"
    assert len(bench.export(by="陈处长", numbers=(hazard.number,)).files) == 1
