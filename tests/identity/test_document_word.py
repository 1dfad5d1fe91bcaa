"""The word an organisation's document numbers begin with: derived from its name, or the one it was given."""

import pytest

from hazard_flow.errors import Refused
from hazard_flow.i18n import Label
from hazard_flow.identity import operations
from hazard_flow.identity.document_word import WORD_LENGTH_MAX, derived_word, is_word
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import CITY
from tests.harness.city import City


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("城东区燃气管理局", "城东"),
        ("云泽市住房和城乡建设局", "云泽"),
        ("云泽市安全生产委员会办公室", "云泽"),
        ("泽川省住房和城乡建设厅", "泽川"),
        ("云泽市城东区城市管理局", "城东"),
        ("住房和城乡建设局", "住房和城乡建设局"),
        ("云泽衡川燃气有限公司", "云泽衡川"),
        ("北塘川禾液化石油气有限公司", "北塘川禾"),
        ("华润（某地）城市管道燃气有限公司", "华润某地"),
        ("恒川燃气", "恒川"),
        ("Binhai Gas Co., Ltd.", "BinhaiGasCoL"),
        ("燃气公司", "燃气公司"),
    ],
)
def test_what_tells_it_from_others(name: str, word: str) -> None:
    assert derived_word(name) == word
    assert is_word(word)


@pytest.mark.parametrize(
    "word", ["", "城 东", "城东〔", "（城东）", "1" * (WORD_LENGTH_MAX + 1), "城东\n", "城/东"]
)
def test_a_word_that_would_make_a_number_ambiguous_is_refused(word: str) -> None:
    assert not is_word(word)


def test_a_chosen_word_is_kept_and_a_bad_one_refused(city: City) -> None:
    with city.database.transaction(SYSTEM) as session:
        made = operations.add_organisation(
            session,
            kind="regulator",
            label=Label(zh="新城区燃气办", en="New"),
            division=CITY,
            now=city.now,
            document_word="新城",
        )
        assert made.number_word == "新城"
        with pytest.raises(Refused) as refused:
            operations.add_organisation(
                session,
                kind="regulator",
                label=Label(zh="甲", en="A"),
                division=CITY,
                now=city.now,
                document_word="甲〔1〕",
            )
    assert [(e.field, e.code) for e in refused.value.fields] == [("document_word", "document_word")]
