"""Nothing a sender can say breaks the way in: answered, stored or refused for its size, each done or set aside, and the next one counts.

CI runs a sample; `hazard-flow soak telemetry_fuzz` runs ten thousand. `CHAOS_SEED` draws the same again.
"""

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from hazard_flow.clock import VirtualClock
from hazard_flow.identity.models import Organisation
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.api import blueprint
from hazard_flow.telemetry.models import Inbox
from hazard_flow.telemetry.operations import register_source
from hazard_flow.telemetry.packets import Packet, store_packets
from hazard_flow.telemetry.quarantine.queries import reasons_of
from hazard_flow.telemetry.queries import balance
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.chaos.dice import dice
from tests.telemetry.city import START, City
from tests.telemetry.fuzzing import Message, mutated, originals
from tests.telemetry.sources.test_generic import EXAMPLE

SAMPLE, WHOLE = 150, 10_000
#: messages between two evaluations
STRIDE = 250
WEBHOOKS = ("grafana", "zabbix", "thingsboard", "cloudevents", "pagerduty", "generic")
#: reasons that are mistakes of ours, never the sender's
OURS = {"parser_failed", "failed", "unknown_kind"}


@pytest.fixture
def way_in(small_city: City, tmp_path: Path) -> tuple[FlaskClient, dict[str, str]]:
    """A client, and the address of each kind of webhook."""
    addresses = {"alertmanager": f"/in/alertmanager/{small_city.alertmanager_token}"}
    with small_city.database.transaction(SYSTEM) as session:
        owner = session.get_one(Organisation, small_city.enterprise_id)
        for kind in WEBHOOKS:
            settings = {"mapping": EXAMPLE, "zone": "Asia/Shanghai"}
            _, token = register_source(
                session, kind, name=kind, organisation=owner, now=START, settings=settings
            )
            addresses[kind] = f"/in/{kind}/{token}"
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
    kernel = Kernel(settings=settings, database=small_city.database, clock=VirtualClock(START))
    return make_web(kernel, (blueprint,)).test_client(), addresses


@pytest.mark.parametrize(
    "count", [SAMPLE, pytest.param(WHOLE, marks=[pytest.mark.soak, pytest.mark.timeout(0)])]
)
def test_no_twisted_message_breaks_the_way_in(
    small_city: City, way_in: tuple[FlaskClient, dict[str, str]], count: int
) -> None:
    chance, known = dice("telemetry_fuzz"), originals()
    answers: Counter[int] = Counter()
    stored = 0
    for number in range(count):
        one = mutated(chance.choice(known), chance)
        small_city.pass_time(seconds=1)
        if one.topic:
            stored += _deliver(small_city, one, number)
        else:
            answer = way_in[0].post(way_in[1][one.kind], data=one.body, headers=one.headers)
            answers[answer.status_code] += 1
            stored += answer.status_code == 202 and not answer.json["seen_before"]
        if number % STRIDE == STRIDE - 1:
            _evaluate(small_city)
    _evaluate(small_city)
    with small_city.database.reading(SYSTEM) as session:
        states = balance(session)
        dead = session.scalars(sa.select(Inbox.reason).where(Inbox.state == "dead")).all()
    print(
        f"answers {dict(answers)}, stored {stored}, {states}, hazards {len(small_city.hazards())}", flush=True
    )
    assert set(answers) <= {202, 413}
    assert (states["done"] + states["dead"], states["pending"]) == (stored, 0)
    assert [reason for reason in dead if OURS & {one.code for one in reasons_of(reason)}] == []
    assert all(hazard.closed_at is None for hazard in small_city.hazards())


def test_after_all_that_a_plain_alarm_opens_its_hazard(
    small_city: City, way_in: tuple[FlaskClient, dict[str, str]]
) -> None:
    chance = dice("telemetry_fuzz_after")
    for one in originals():
        twisted = mutated(one, chance)
        if not twisted.topic:
            way_in[0].post(way_in[1][twisted.kind], data=twisted.body, headers=twisted.headers)
    small_city.measure("G-900", 60, 60, 60, site="VW-9")
    _evaluate(small_city)
    found = [h for h in small_city.hazards() if h.title == "VW-9 燃气泄漏"]
    assert [(h.family, h.alarm_level) for h in found] == [("gas_leak", 2)]


def _deliver(city: City, one: Message, number: int) -> int:
    packet = Packet(one.topic, one.body, city.now, mid=number % 65_535 + 1)
    with city.database.transaction(SYSTEM) as session:
        return store_packets(session, [packet])


def _evaluate(city: City) -> None:
    while city.drain().more:
        pass
