"""Months of a busy city: after every step each risk point has the colour an independent oracle works out from raw events and alarms."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from hazard_flow.assessment import risk_feed
from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from tests.harness import risks
from tests.harness.city import City
from tests.harness.risk_oracle import oracle

STEPS = 30
POINTS = {"FX-001": "VW-1", "FX-002": "VW-1", "FX-003": "VW-9", "FX-004": "VW-9"}


class Months:
    """A seeded walk: whoever can do something does it, time passes in between."""

    def __init__(self, city: City, seed: int) -> None:
        self.city, self.dice = city, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        for number, (code, asset) in enumerate(POINTS.items()):
            risks.point(city, code, asset=asset, **(risks.YELLOW, risks.BLUE)[number % 2])

    def step(self) -> None:
        """One thing happens, perhaps nothing comes of it."""
        word = self.dice.choice(
            ["report", "report", "major", "walk", "walk", "walk", "walk", "time", "time", "alarm", "calm", "worse", "urgent", "fail",
             "extend", "past", "rate", "dismiss", "relapse", "reassign"]
        )  # fmt: skip
        try:
            getattr(self, word)()
            self.done[word] += 1
        except HazardFlowError:
            self.done["refused"] += 1

    def report(self) -> None:
        code = self.dice.choice([*POINTS, "", ""])
        asset = POINTS.get(code) or self.dice.choice(["VW-1", "VW-9"])
        who = "李巡检" if asset == "VW-1" else "郑巡检"
        said = {"risk_point": code} if code else {}
        self.city.report(asset=asset, by=who, suspected_urgency=self.dice.choice("ABC"), **said)

    def major(self) -> None:
        self.city.report(asset="VW-1", major=True)

    def walk(self) -> None:
        hazard = self._one()
        steps = {
            "reported": "assigned",
            "assigned": "rectifying",
            "rectifying": "submitted",
            "submitted": "verified",
            "verified": "closed",
        }
        if hazard.state in steps:
            getattr(self, "_" + steps[hazard.state])(hazard)

    def _assigned(self, hazard: Hazard) -> None:
        general = hazard.level == "general"
        self.city.assign(
            hazard,
            **(
                {"urgency": self.dice.choice("ABC"), "due_at": self.city.day(self.dice.randint(1, 7))}
                if general
                else {}
            ),
        )

    def _rectifying(self, hazard: Hazard) -> None:
        self.city.accept(hazard)

    def _submitted(self, hazard: Hazard) -> None:
        if hazard.level == "major":
            self.city.approve_plan(hazard)
            self.city.sign_completion(hazard)
        self.city.submit(hazard)

    def _verified(self, hazard: Hazard) -> None:
        self.city.verify(hazard)

    def _closed(self, hazard: Hazard) -> None:
        if hazard.level == "major":
            self.city.report_regulator(hazard)
            self.city.report_staff(hazard)
            self.city.notify_staff(hazard)
        self.city.close(hazard)

    def time(self) -> None:
        self.city.fast_forward(hours=self.dice.choice([8, 40, 160, 400]))

    def alarm(self) -> None:
        place = self.dice.choice(["VW-1", "VW-9"])
        risks.fires(
            self.city,
            place,
            level=self.dice.choice([1, 2]),
            name=f"G-{place}",
            klass=self.dice.choice(["process", "suspect"]),
        )

    def calm(self) -> None:
        risks.falls_silent(self.city, name=f"G-{self.dice.choice(['VW-1', 'VW-9'])}")

    def worse(self) -> None:
        self.city.escalate_to_major(self._one())

    def urgent(self) -> None:
        self.city.raise_urgency(self._one(), by="何安全", urgency="A")

    def fail(self) -> None:
        hazard = self._one()
        if hazard.verifier_ids:
            self.city.fail(hazard)

    def extend(self) -> None:
        hazard = self._one()
        if hazard.responsible_id is None:
            return
        self.city.request_extension(hazard)
        self.city.decide_extension(hazard)

    def past(self) -> None:
        hazard = self.city.report_protected(asset="VW-1", suspected_urgency="A")
        if self.dice.random() < 0.5:
            self.city.take_up(hazard)

    def rate(self) -> None:
        risks.rate(
            self.city, self.dice.choice([*POINTS]), **self.dice.choice([risks.YELLOW, risks.BLUE, risks.RED])
        )

    def dismiss(self) -> None:
        self.city.dismiss(self._one())

    def relapse(self) -> None:
        closed = [h for h in self.city.hazards() if h.resolution == "rectified"]
        if closed:
            self.city.relapse(self.dice.choice(closed), asset="VW-1")

    def reassign(self) -> None:
        self.city.reassign(self._one(), "李巡检")

    def _one(self) -> Hazard:
        standing = [h for h in self.city.hazards() if h.closed_at is None]
        if not standing:
            self.report()
            standing = [h for h in self.city.hazards() if h.closed_at is None]
        return self.dice.choice(standing)


def live_through(city: City, seed: int, steps: int) -> Months:
    """So many steps, each judged."""
    months = Months(city, seed)
    began = city.now
    for number in range(steps):
        months.step()
        city.fast_forward(minutes=months.dice.randint(1, 90))
        risks.follow(city)
        found, wanted = risks.colours(city), oracle(city)
        assert found == wanted, f"seed {seed}, step {number}, {city.now}"
        months.seen.update(found.values())
    with city.database.transaction(SYSTEM) as session:
        assert risk_feed.rebuild(session, city.now) == []
    assert risks.colours(city) == oracle(city)
    lived = (city.now - began) / timedelta(days=1)
    print(
        f"\nseed {seed}: {steps} steps over {lived:.0f} days, equal at each; {dict(months.done)}; colours seen {dict(months.seen)}"
    )
    return months


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [7, random.SystemRandom().randrange(10_000)], ids=["fixed", "drawn"])
def test_colours_follow_the_oracle_through_simulated_months(city: City, seed: int):
    months = live_through(city, seed, STEPS)
    assert len(months.seen) > 1


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(3))
def test_risk_colours_for_long(city: City, seed: int):
    months = live_through(city, seed, 1_200)
    assert set(months.seen) == {"red", "orange", "yellow", "blue"}
