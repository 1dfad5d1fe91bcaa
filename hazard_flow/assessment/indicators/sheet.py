"""A league as a table for files: a row an enterprise, three columns an indicator. Pure."""

from collections.abc import Sequence

from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.queries import Entry
from hazard_flow.i18n import text


def head(locale: str) -> list[str]:
    """The names of the columns."""
    found = [
        text(f"figures.{word}", locale) for word in ("league.rank", "league.enterprise", "score", "grade")
    ]
    for one in indicators().values():
        name = f"{one.id} {one.label.in_(locale)}"
        found += [f"{name} {text('figures.above', locale)}", f"{name} {text('figures.below', locale)}", name]
    return found


def rows(entries: Sequence[Entry], locale: str) -> list[list[object]]:
    """The cells: what stands above, below, and the value, blank where there is none."""
    found: list[list[object]] = []
    for entry in entries:
        cells: list[object] = [
            entry.rank or "", entry.home.label.in_(locale),
            round(entry.card.score, 1) if entry.card.score is not None else "", entry.card.grade,
        ]  # fmt: skip
        for id_ in indicators():
            value = entry.values.get(id_)
            if value is None or not value.below:
                cells += ["", "", ""]
            else:
                cells += [
                    round(value.above, 2),
                    round(value.below, 2),
                    round(value.value, 2) if value.value is not None else "",
                ]
        found.append(cells)
    return found
