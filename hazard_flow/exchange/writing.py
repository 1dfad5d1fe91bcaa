"""Rows as the text of a CSV, YAML or JSON file that `records.read` takes again."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import yaml

from hazard_flow.exchange.formulas import guarded
from hazard_flow.exchange.records import ROWS_KEY


def write(ending: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """The text for an ending of `records.ENDINGS`; rows without a column leave it empty. CSV cells are texts already."""
    if ending == ".csv":
        out = StringIO(newline="")
        writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows({name: guarded(text) for name, text in row.items()} for row in rows)
        # the mark tells spreadsheets on Windows that this is UTF-8
        return "\ufeff" + out.getvalue()
    listed = [{name: row[name] for name in columns if row.get(name) not in (None, "")} for row in rows]
    if ending == ".json":
        return json.dumps({ROWS_KEY: listed}, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump({ROWS_KEY: listed}, allow_unicode=True, sort_keys=False, width=120)
