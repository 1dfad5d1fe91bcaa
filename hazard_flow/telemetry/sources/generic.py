"""Senders whose JSON is their own, read by the mapping of their source (`mapping.example.yaml` shows all of it)."""

from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.mapping import FieldMap, Statement
from hazard_flow.telemetry.sources.mapping_file import read_mapping
from hazard_flow.telemetry.sources.reading import (
    ALERTS_MAX,
    SUMMARY_LENGTH_MAX,
    code,
    key_of,
    number,
    read_json,
    refused,
    short,
    texts,
    word,
)
from hazard_flow.telemetry.sources.samples import Origin, samples


@source("generic")
def parse(raw: Raw) -> Parsed:
    """Signals of a message under its source's mapping; without one every message waits in quarantine for it."""
    written = raw.settings.get("mapping")
    if not isinstance(written, str) or not written:
        return refused("no_field_map")
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    fields = read_mapping(written)
    items = list(fields.each(body))
    if not items or len(items) > ALERTS_MAX:
        return refused("too_many_alerts" if items else "no_alerts", str(len(items)))
    read = [_item(item, place, fields, raw) for place, item in enumerate(items)]
    return Parsed(
        tuple(signal for one in read for signal in one.signals),
        tuple(problem for one in read for problem in one.problems),
    )


def _item(item: Any, place: int, fields: FieldMap, raw: Raw) -> Parsed:
    name = word(fields.id.of(item)) if fields.id else ""
    key = key_of("own", name) if name else key_of(raw.headers.get("key"), place)
    site = code(fields.site.of(item)) if fields.site else None
    device = code(fields.device.of(item)) if fields.device else code(raw.settings.get("device"))
    stamp = fields.clock.stamp(item) if fields.clock else None
    origin = Origin(key, site, device, stamp, fields.quality.of(item) if fields.quality else None)
    measured = _measured(item, fields, origin, raw)
    said = _said(item, fields.statement, origin, raw) if fields.statement else Parsed()
    if not (measured.signals or measured.problems or said.signals or said.problems):
        return Parsed(problems=(Problem("no_values", f"entry {place + 1}"),))
    return Parsed(said.signals + measured.signals, said.problems + measured.problems)


def _measured(item: Any, fields: FieldMap, origin: Origin, raw: Raw) -> Parsed:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for quantity, where in fields.values.items():
        given = where.path.of(item)
        if given is None:
            continue
        scale, found = where.scale_of(item), number(given)
        if scale is None and where.unit is not None:
            problems.append(Problem("unknown_unit", f"{quantity} {word(where.unit.of(item))}"[:80]))
        elif found is None:
            problems.append(Problem("not_a_number", quantity))
        else:
            values[quantity] = found * (scale or 1.0)
    # The names are ours already: renaming is for senders without a mapping.
    plain = Raw(raw.kind, raw.body, raw.received_at, raw.headers, known=raw.known)
    read = samples(values, origin, plain) if values else Parsed()
    return Parsed(read.signals, (*read.problems, *problems))


def _said(item: Any, where: Statement, origin: Origin, raw: Raw) -> Parsed:
    """The alarm of an entry; an entry without any status speaks of none."""
    status, written = where.status.of(item)
    if not written and status is None:
        return Parsed()
    if status is None:
        return refused("alert_status", written[:80])
    identity = [word(path.of(item)) for path in where.identity]
    if not any(identity):
        return refused("alert_identity")
    level = where.level.of(item)[0] if where.level else None
    statement = Signal(
        delivery_key=key_of(origin.key, status, *identity),
        status=Status(status),
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=origin.site,
        device=origin.device,
        identity=short("|".join(identity)),
        episode=short(word(where.episode.of(item))) if where.episode else "",
        level=int(level) if level else None,
        labels=texts({name: path.of(item) for name, path in where.labels.items()}),
        summary=word(where.summary.of(item))[:SUMMARY_LENGTH_MAX] if where.summary else "",
    )
    return Parsed((statement,))
