"""The broker's consumer as a process of its own, to be killed: `consumer_process.py MQTT_URL DATABASE_URL [PAUSE SECONDS [CA]]`."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.clock import SystemClock
from hazard_flow.hazards.rules import install_rules, installed_rules
from hazard_flow.storage import tables
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.jobs import run_consumer
from hazard_flow.telemetry.sources.mqtt import Broker


class SlowDatabase(Database):
    """A database that thinks before it commits, so that a kill finds messages delivered and not yet committed."""

    pause_seconds = 0.0

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Session]:
        with super().transaction(scope) as session:
            yield session
            time.sleep(self.pause_seconds)


def main() -> None:
    tables.load()
    database = SlowDatabase(make_engine(sys.argv[2]))
    install_rules(database.info, installed_rules(ZoneInfo("Asia/Shanghai")))
    database.pause_seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    broker = Broker(sys.argv[1], ca=sys.argv[4] if len(sys.argv) > 4 else "")
    run_consumer(broker, database, SystemClock(), threading.Event())


if __name__ == "__main__":
    main()
