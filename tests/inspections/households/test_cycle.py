"""Days, classes and buildings, by hand."""

from datetime import date

import pytest

from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.households.cycle import building_of, class_of, due_after


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 2), 24, date(2028, 11, 2)),
        (date(2026, 11, 30), 12, date(2027, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_so_many_months_later(day: date, months: int, due: date):
    assert due_after(day, months) == due


@pytest.mark.parametrize(
    ("address", "building"),
    [
        ("青梧路 12 号楼 3 单元 501 室", "青梧路 12 号楼"),
        ("东风小区 3幢 1202", "东风小区 3幢"),
        ("人民路 88 号 5 栋 301", "人民路 88 号 5 栋"),
        ("人民路 88 号", "人民路 88 号"),
        ("老街口 杂货铺", "老街口 杂货铺"),
        ("", ""),
    ],
)
def test_the_building_of_an_address(address: str, building: str):
    assert building_of(address) == building


def test_who_is_a_resident():
    assert class_of({"user_type": "resident", "gas_type": "ng"}) == "resident"
    assert class_of({"user_type": "resident", "gas_type": "lpg"}) == "bottled"
    assert class_of({"user_type": "resident", "gas_type": "lpg", "meter_no": "M-1"}) == "resident"
    assert class_of({"user_type": "public"}) == "business"
    assert class_of({}) == "resident"


@pytest.mark.parametrize("key", ["household", "household_bottled", "construction_site"])
def test_every_item_that_can_fail_names_its_hazard_and_its_clause(key: str):
    for item in checklists()[key].items:
        assert item.clause
        assert item.mark
        can_fail = item.answer in ("yes_no", "choice") or (
            item.limits is not None and item.limits.high is not None
        )
        assert bool(item.catalogue) == can_fail, item.key


def test_article_nine_is_asked_of_every_resident():
    codes = {item.catalogue for item in checklists()["household"].items}

    assert {"RES-M01", "RES-M02", "RES-M03", "RES-M04"} <= codes
    assert {f"RES-G{n:02}" for n in range(1, 18) if n != 15} <= codes
