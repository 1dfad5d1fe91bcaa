"""All indicators, by id. Each file of `formulas` holds one; a new file is found by itself."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from hazard_flow.assessment.indicators import formulas
from hazard_flow.assessment.indicators.definition import Indicator
from hazard_flow.assessment.indicators.policy import IDS


@cache
def indicators() -> Mapping[str, Indicator]:
    """In the order of their ids."""
    names = sorted(module.name for module in iter_modules(formulas.__path__))
    found = [import_module(f"{formulas.__name__}.{name}").INDICATOR for name in names]
    book = {one.id: one for one in found}
    assert tuple(book) == IDS, "every indicator of the policy has its file"
    return book
