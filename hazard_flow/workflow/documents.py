"""Which documents exist and which body has the power to issue each: the heads of `report_templates/*/report.yaml`. Pure.

An operator notifies (告知、通知), a regulator orders (责令) and a government body lists (挂牌督办): a kind belongs to exactly one of them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.i18n import Label
from hazard_flow.resources import resource_dir

OPERATOR, REGULATOR, GOVERNMENT = "operator", "regulator", "government"
#: `system`: made without anybody issuing it, such as the closure file of a hazard that was closed
SYSTEM = "system"
ISSUERS = (OPERATOR, REGULATOR, GOVERNMENT, SYSTEM)
#: in workflow files: the kind is picked by the side of whoever acts
BY_ISSUER = "by_issuer"
#: what `by_issuer` picks where the user must mend it, where the operator must, and where a regulator's officer acts
USER_NOTICE, INTERNAL_SLIP, RECTIFICATION_ORDER = "user_notice", "internal_slip", "rectification_order"
#: The sides a role may act for; a role that is missing issues nothing. An inspector may belong to either (domain 3.1).
ROLE_SIDES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("worker", "team_leader", "dept_manager", "safety_director", "enterprise_principal", "duty_desk"),
        (OPERATOR,),
    ),
    "inspector": (OPERATOR, REGULATOR),
    **dict.fromkeys(("county_officer", "city_officer", "provincial_officer", "enforcement"), (REGULATOR,)),
    "safety_committee": (GOVERNMENT,),
}
_WORD = re.compile(r"[\u4e00-\u9fff]{1,8}")


@dataclass(frozen=True)
class DocumentKind:
    """One kind of document: its name, who may issue it, and what its numbers say between the issuer's word and the year."""

    key: str
    name: Label
    issued_by: str
    #: 燃安改 in （城东）燃安改〔2026〕12号; empty where it carries no number
    word: str


def load_kinds(root: Path) -> Mapping[str, DocumentKind]:
    """The kinds under `root` by key. Raises ValueError naming the file and the mend."""
    found = {}
    for path in sorted(root.glob("*/report.yaml")):
        said = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        found[path.parent.name] = _kind(path, said if isinstance(said, dict) else {})
    return found


@cache
def installed_kinds() -> Mapping[str, DocumentKind]:
    """The kinds of this installation."""
    return load_kinds(resource_dir("report_templates"))


def kind_for(
    issues: str, side: str | None, *, to_user: bool, kinds: Mapping[str, DocumentKind]
) -> str | None:
    """The kind an act makes, given the side its actor acts for; None where that side has no power to issue it.

    `issues` is a key or `by_issuer`; `to_user` says that the user of the gas must mend the hazard.
    """
    if issues != BY_ISSUER:
        return issues if issues in kinds and kinds[issues].issued_by == side else None
    if side == OPERATOR:
        return USER_NOTICE if to_user else INTERNAL_SLIP
    return RECTIFICATION_ORDER if side == REGULATOR else None


def powerless(issues: str, roles: Iterable[str], kinds: Mapping[str, DocumentKind]) -> tuple[str, ...]:
    """Those of `roles` that can never issue this: a mistake in a workflow file. `system` acts without a document."""
    kind = kinds.get(issues)
    able = {OPERATOR, REGULATOR} if kind is None else {kind.issued_by}
    return tuple(role for role in roles if role != SYSTEM and not able & set(ROLE_SIDES.get(role, ())))


def _kind(path: Path, said: Mapping[str, Any]) -> DocumentKind:
    key = path.parent.name
    name, issuer, word = said.get("name"), said.get("issued_by"), said.get("word", "")
    if said.get("report") != key or not isinstance(name, dict) or set(name) != {"zh", "en"}:
        raise ValueError(f"{path}: needs `report: {key}` and a name in zh and en")
    if issuer not in ISSUERS:
        raise ValueError(f"{path}: issued_by is {issuer!r}; one of {', '.join(ISSUERS)}")
    if bool(word) == (issuer == SYSTEM) or (word and not _WORD.fullmatch(str(word))):
        raise ValueError(
            f"{path}: word is {word!r}; one to eight Chinese characters, none for `issued_by: system`"
        )
    return DocumentKind(key=key, name=Label(**name), issued_by=issuer, word=str(word))
