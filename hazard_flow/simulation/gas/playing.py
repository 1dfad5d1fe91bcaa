"""Plays an hour of the labelled city over MQTT, a broken main included, to look at live pages in a storm.

    HAZARD_FLOW_DATA_DIR=… python -m hazard_flow.simulation.gas.playing --mqtt mqtt://127.0.0.1:1883 --speed 20

The city's sites are registered in the installation of the settings first, once. What is played and why is printed as it happens.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta

import click
import sqlalchemy as sa

from hazard_flow import app
from hazard_flow.identity.models import Organisation
from hazard_flow.settings import load_settings
from hazard_flow.simulation.gas.city import GasCity, gas_city
from hazard_flow.simulation.gas.labels import Cause
from hazard_flow.simulation.gas.messages import SHARD, Message, messages
from hazard_flow.simulation.gas.settling import is_settled, settle_sites
from hazard_flow.simulation.publisher import Publisher
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Source

DEFAULT_SEED = 7
#: the hour begins here in the month: a calm afternoon before the main breaks
BEGIN = 3 * 1440 + 14 * 60
BREAK_AFTER, BREAK_MINUTES = 10, 40

Publish = Callable[[str, bytes], None]


def play(
    sent: Iterable[Message], publish: Publish, *, every_seconds: float, say: Callable[[str], None] = print,
    sleep: Callable[[float], None] = time.sleep,
) -> int:  # fmt: skip
    """Publish the messages, an instant of the city every so many seconds; how many. What is behind each instant is told."""
    count, instant = 0, None
    causes: Counter[str] = Counter()
    for message in sent:
        if instant is not None and message.sample != instant:
            say(f"{instant}: " + ", ".join(f"{name} {number}" for name, number in sorted(causes.items())))
            causes.clear()
            sleep(every_seconds)
        instant = message.sample
        causes.update(str(cause.name) for cause in Cause if message.causes & cause)
        publish(message.topic, message.body)
        count += 1
    return count


def settle_in(application: app.Application, city: GasCity) -> None:
    """Register the city's sites with the owner of the installation's first MQTT source, unless they are there."""
    with application.database.transaction(SYSTEM) as session:
        if is_settled(session, city.sites):
            return
        owner_id = session.scalars(
            sa.select(Source.organisation_id).where(Source.kind == "mqtt").order_by(Source.created_at)
        ).first()
        if owner_id is None:
            raise click.ClickException("no MQTT source is registered in this installation")
        owner = session.get_one(Organisation, owner_id)
        settle_sites(session, city.sites, owner=owner, now=application.clock.now())


@click.command()
@click.option("--mqtt", "url", required=True, help="mqtt://[user:password@]host[:port]")
@click.option("--speed", default=20.0, show_default=True, help="Minutes of the city a minute.")
@click.option("--minutes", default=60, show_default=True)
@click.option("--seed", default=DEFAULT_SEED, show_default=True)
@click.option(
    "--break", "broken", default="GR-003", show_default=True, help="Behind which a main breaks; empty: none."
)
def main(url: str, speed: float, minutes: int, seed: int, broken: str) -> None:
    """Play an hour of the gas city. 播放一小时的模拟燃气监测数据。"""
    application = app.build(load_settings(os.environ))
    city = gas_city(seed)
    settle_in(application, city)
    if broken:
        city = city.with_break(broken, BEGIN + BREAK_AFTER, BEGIN + BREAK_AFTER + BREAK_MINUTES)
    every = timedelta(seconds=60 / speed)
    sent = messages(city, BEGIN, BEGIN + minutes, at=application.clock.now(), every=every)
    with Publisher(url, f"{SHARD}-player") as publisher:
        count = play(sent, publisher.publish, every_seconds=every.total_seconds(), say=click.echo)
    click.echo(f"{count} messages")


if __name__ == "__main__":
    main()
