"""Every workflow with its versions: released or not, and how many open hazards run under each."""

from collections.abc import Mapping
from pathlib import Path

from hazard_flow.hazards.rules import Rules
from hazard_flow.rulebook.views import Family, VersionRow
from hazard_flow.workflow.problems import WorkflowRefused
from hazard_flow.workflow.released import recorded


def families(
    rules: Rules, counts: Mapping[tuple[str, int], int], *, folder: Path, locale: str
) -> tuple[Family, ...]:
    """The installed workflows by key, newest version first; a version that only hazards remember is listed too."""
    released = _released(folder)
    keys = sorted({key for key, _ in (*rules.workflows, *counts)})
    return tuple(_family(key, rules, counts, released, locale) for key in keys)


def _family(
    key: str, rules: Rules, counts: Mapping[tuple[str, int], int], released: Mapping[str, str], locale: str
) -> Family:
    numbers = sorted({v for k, v in (*rules.workflows, *counts) if k == key}, reverse=True)
    here = [version for version in numbers if (key, version) in rules.workflows]
    newest = here[0] if here else 0
    rows = []
    for version in numbers:
        workflow = rules.workflows.get((key, version))
        sha256 = workflow.sha256 if workflow else ""
        rows.append(
            VersionRow(
                id=f"{key}.v{version}",
                version=version,
                is_newest=version == newest,
                is_released=bool(sha256) and released.get(f"{key}.v{version}") == sha256,
                sha256=sha256,
                open=counts.get((key, version), 0),
                is_here=workflow is not None,
            )
        )
    behind = sum(row.open for row in rows if not row.is_newest)
    return Family(
        key=key,
        label=rules.newest(key).label.in_(locale) if here else key,
        versions=tuple(rows),
        behind=behind,
        command=f"hazard-flow workflow migrate {key} --to {newest} --dry-run" if behind and here else "",
    )


def _released(folder: Path) -> Mapping[str, str]:
    """What released.yaml says; nothing where it cannot be read, which loading the rules has reported already."""
    try:
        return recorded(folder)
    except WorkflowRefused:
        return {}
