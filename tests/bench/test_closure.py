"""The benchmark of closure files compares like with like: six photographs on either side, the same page, everything counted."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hazard_flow.bench.closure import PHOTOS, _cpu_of, _page, _resident, _with_six
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.manuscript import Manuscript
from hazard_flow.reports.worker import Press
from tests.reports.cases import NUMBER, Case


def _manuscript(case: Case, data: dict[str, Any]) -> Manuscript:
    return Manuscript(
        kind="closure",
        event_seq=len(case.events),
        locale="zh",
        version=1,
        name=f"{NUMBER}-1",
        number=NUMBER,
        data=data,
        created_at=datetime(2026, 11, 19, tzinfo=UTC),
        zone="Asia/Shanghai",
        assets=tuple(case.assets),
        record_name="record.json",
        record_bytes=case.record_bytes,
    )


def test_six_photographs_are_kept_of_many_and_all_of_few() -> None:
    for photos in (0, 1, 2, 3, 5):
        data = _with_six(template_data(Case(photos=photos).data))
        kept = sum(pair[side] is not None for pair in data["pairs"] for side in ("before", "after"))
        assert kept == min(2 * photos, PHOTOS)


def test_chromium_gets_the_same_page_with_everything_beside_it(tmp_path: Path) -> None:
    case = Case(photos=1)
    page = _page(_manuscript(case, template_data(case.data)), tmp_path).read_text("utf-8")
    assert "asset:" not in page
    assert 'url("font:' not in page
    assert "font:regular" not in page
    for mime, _ in case.assets:
        assert f".{mime.rpartition('/')[2]}" in page
    assert len(list(tmp_path.glob("*.jpeg"))) == 2


def test_the_time_and_memory_of_the_process_that_lays_out_are_counted() -> None:
    case = Case(photos=0)
    with Press() as press:
        assert _cpu_of(press) == 0
        alone = _resident(press)
        _manuscript(case, template_data(case.data)).print(press)
        assert _cpu_of(press) > 0.1
        assert _resident(press) > alone + 50
