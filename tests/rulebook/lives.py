"""Lives of hazards as dice will have them: people act or sleep, and time passes by odd amounts."""

import contextlib
from collections.abc import Callable
from random import Random

from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards.models import Hazard
from tests.harness.city import City

Step = Callable[[City, Hazard], object]

REASON = "现场条件变化，改由班组办理"


def _reassign(city: City, hazard: Hazard) -> object:
    return city.act("赵经理", hazard, "reassign", responsible=str(city.person("吴班长")), reason=REASON)


def _return(city: City, hazard: Hazard) -> object:
    return city.act("王班长", hazard, "return", return_reason="unclear", note="位置描述不清楚")


def _send_back(city: City, hazard: Hazard) -> object:
    return city.act("唐监管", hazard, "send_back", reason="佐证照片不能证明整改到位")


def _progress(city: City, hazard: Hazard) -> object:
    return city.act("王班长", hazard, "progress", percent="40", note="材料已到场")


def _acknowledge(who: str) -> Step:
    return lambda city, hazard: city.acknowledge(hazard, by=who)


def _assign(urgency: str, days: int) -> Step:
    return lambda city, hazard: city.assign(hazard, urgency=urgency, due_at=city.day(days))


_ALWAYS: tuple[Step, ...] = (
    City.control,
    City.lift_control,
    *(_acknowledge(who) for who in ("王班长", "何安全", "唐监管", "周调度", "韩总")),
)
#: what may be tried in each state, the likely steps first
STEPS: dict[str, tuple[Step, ...]] = {
    "reported": (
        City.assign,
        _assign("A", 5),
        _assign("C", 30),
        City.dismiss,
        City.escalate_to_major,
        *_ALWAYS,
    ),
    "assigned": (City.accept, City.accept, City.accept, _return, _reassign, City.escalate_to_major, *_ALWAYS),
    "rectifying": (
        City.submit,
        City.submit,
        _progress,
        _progress,
        _reassign,
        City.escalate_to_major,
        *_ALWAYS,
    ),
    "submitted": (City.verify, City.verify, City.fail, City.escalate_to_major, *_ALWAYS),
    "verified": (City.close, City.close, _send_back, *_ALWAYS),
    "closed": (),
}
REPORTERS = ("李巡检", "郑巡检", "何安全")


def live(city: City, seed: int, *, hazards: int = 4, moves: int = 40) -> list[Hazard]:
    """Some hazards over some weeks; what the rules refuse is simply not done. Returns the hazards."""
    dice = Random(seed)
    made: list[Hazard] = []
    for _ in range(moves):
        if len(made) < hazards and dice.random() < 0.25:
            made.append(
                city.report(
                    by=dice.choice(REPORTERS),
                    major=dice.random() < 0.2,
                    suspected_urgency=dice.choice("ABC"),
                )
            )
        steps, hazard = (), None
        if made:
            hazard = dice.choice(made)
            steps = STEPS.get(city.look(hazard).state, ())
        if steps and hazard is not None:
            with contextlib.suppress(HazardFlowError):
                dice.choice(steps)(city, hazard)
        city.fast_forward(minutes=dice.choice((0, 7, 95, 601, 1_503)))
    city.fast_forward(hours=40)
    return made
