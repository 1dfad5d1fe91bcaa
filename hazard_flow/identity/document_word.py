"""The word an organisation's document numbers begin with (机关代字), taken from its name where nobody chose one. Pure."""

import re

#: characters; longer ones make numbers nobody can quote
WORD_LENGTH_MAX = 12
_WORD = re.compile(rf"[\u4e00-\u9fffA-Za-z0-9]{{1,{WORD_LENGTH_MAX}}}")
#: 云泽市城东区住房和城乡建设局 → 云泽, 城东
_PLACE = re.compile(r"([\u4e00-\u9fff]{2,}?)(?:省|市|区|县|旗|州|盟)")
#: a body of government: its place tells it from others
_BODY = re.compile(r"(?:局|厅|委|委员会|办公室|办|政府|中心|支队|大队)$")
#: where the trade or the legal form of a company begins
_TRADE = re.compile(
    r"(?:城市|管道|压缩|液化)*(?:燃气|天然气|石油气|煤气|能源)|[（(]?(?:集团|股份|有限|控股|公司)"
)


def derived_word(name: str) -> str:
    """What tells this body from others in one word: 城东区燃气管理局 → 城东, 云泽衡川燃气有限公司 → 云泽衡川.

    A default only: two bodies may get the same, then they share one row of numbers and each is still given once.
    """
    places = _PLACE.findall(name)
    if _BODY.search(name) and places:
        return str(places[-1])[:WORD_LENGTH_MAX]
    trade = _TRADE.search(name)
    plain = re.sub(r"[^\u4e00-\u9fffA-Za-z0-9]", "", name[: trade.start()] if trade else name)
    return (plain or re.sub(r"\s", "", name))[:WORD_LENGTH_MAX]


def is_word(word: str) -> bool:
    """Whether it may stand in a number: letters, digits and Chinese characters only, so that a number reads one way."""
    return _WORD.fullmatch(word) is not None
