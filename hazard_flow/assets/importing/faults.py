"""What is wrong with a value, said as the fault of a row in a file: a form and a file word the same thing each in its own way."""

from typing import Any

from hazard_flow.assets.kinds import asset_kinds
from hazard_flow.errors import FieldError
from hazard_flow.exchange.faults import RowFault

#: code of a form's sentence → code of the file's, where they differ
_OTHERWISE = {
    "required": "needed",
    "unknown_choice": "not_one_of",
    "not_a_flag": "not_yes_or_no",
    "not_a_number": "not_a_decimal",
    "not_an_integer": "not_whole",
    "not_text": "not_a_text",
}


def fault_of(row: int, wrong: FieldError) -> RowFault:
    """The fault of a row."""
    params: dict[str, Any] = dict(wrong.params)
    if wrong.code == "too_long":
        params = {"limit": params["at_most"]}
    if wrong.code == "unknown_choice":
        params.setdefault("choices", tuple(asset_kinds()))
    return RowFault(row, wrong.field, _OTHERWISE.get(wrong.code, wrong.code), params)
