"""How big a risk is, from exact scores (domain 4.2). Pure; `Decimal` throughout, because 0.1 × 3 must not lie beside a boundary.

LEC: D = L × E × C, point values and bands 320/160/70 [V2], "not below" as the stricter reading [D].
LS: R = L × S on 5 × 5, bands 20/15/9 [V2]; the products 7, 11, 13, 14, 17–19 and 21–24 cannot occur. Never compare R between
enterprises, whose matrices differ; compare the grade (domain F5).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import prod

from hazard_flow.errors import FieldError, Refused
from hazard_flow.risk.colours import worst
from hazard_flow.risk.grading import LEC, LS, Grading, Scale

METHODS = ("lec", "ls", "direct")


@dataclass(frozen=True)
class Rated:
    """A rating: how it was found, the product where one was formed, the grounds that are red at once, the colour."""

    method: str
    #: score → value as text, as it was chosen
    scores: Mapping[str, str]
    grounds: tuple[str, ...]
    product: Decimal | None
    colour: str

    @property
    def product_text(self) -> str:
        """The product without needless zeros; empty where there is none."""
        return "" if self.product is None else plain(self.product)


def rate(
    method: str, scores: Mapping[str, str], grounds: Collection[str], rules: Grading, *, field: str = ""
) -> Rated:
    """The rating of these scores; raises `Refused` naming every score that is missing or not one of the exact values.

    A ground that is red at once is red beside any scores as well; `direct` needs one. `field` stands before the names in refusals.
    """
    if method not in METHODS:
        raise Refused(fields=[FieldError(f"{field}method", "not_a_choice", {"choices": ", ".join(METHODS)})])
    problems = [
        FieldError(f"{field}grounds", "unknown_choice", {"value": one[:40]})
        for one in sorted(set(grounds) - rules.direct.keys())
    ]
    chosen = tuple(one for one in rules.direct if one in grounds)
    if method == "direct":
        if not chosen and not problems:
            problems = [FieldError(f"{field}grounds", "required")]
        if problems:
            raise Refused(fields=problems)
        return Rated(method, {}, chosen, None, "red")
    scale, names = (rules.lec, LEC) if method == "lec" else (rules.ls, LS)
    values = {name: _score(scale, name, scores.get(name, ""), field, problems) for name in names}
    if problems:
        raise Refused(fields=problems)
    product = prod(values.values(), start=Decimal(1))
    graded = scale.colour(product)
    return Rated(
        method,
        {name: plain(value) for name, value in values.items()},
        chosen,
        product,
        worst([graded, "red"]) if chosen else graded,
    )


def plain(value: Decimal) -> str:
    """A decimal as people write it: 21, 0.5."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _score(scale: Scale, name: str, words: str, field: str, problems: list[FieldError]) -> Decimal:
    allowed = scale.scores[name]
    if not words:
        problems.append(FieldError(f"{field}{name}", "required"))
        return Decimal(0)
    try:
        value = Decimal(words)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value not in allowed:
        choices = ", ".join(plain(one) for one in allowed)
        problems.append(FieldError(f"{field}{name}", "not_a_choice", {"choices": choices}))
        return Decimal(0)
    return value
