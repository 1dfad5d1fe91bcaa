"""Messages a second over HTTP: committed together or each alone, one at a time or in batches; real clients, real server, PostgreSQL."""

from collections.abc import Sequence
from statistics import median

from rich.progress import track

from hazard_flow.bench import Bar, Line
from hazard_flow.bench.telemetry.ground import Ground, started
from hazard_flow.simulation.process import free_port

GROUP = Bar(1.5, at_least=True)
BATCH = Bar(20, at_least=True)
CLIENTS, LINES = 32, 500
TOGETHER, ALONE = "together", "alone"


def rates(ground: Ground, *, seconds: float, rounds: int) -> Sequence[Line]:
    """Group commit against none at 32 clients, the batch endpoint against single messages at one client."""
    found: dict[str, list[float]] = {"together": [], "alone": [], "single": [], "batch": []}
    for _ in track(range(rounds), description="messages over HTTP"):
        found["alone"].append(_posted(ground, ALONE, clients=CLIENTS, seconds=seconds, lines=1))
        found["together"].append(_posted(ground, TOGETHER, clients=CLIENTS, seconds=seconds, lines=1))
        found["single"].append(_posted(ground, TOGETHER, clients=1, seconds=seconds, lines=1))
        found["batch"].append(_posted(ground, TOGETHER, clients=1, seconds=seconds, lines=LINES))
    group, batch = f"webhook: group commit, {CLIENTS} clients", f"webhook: batches of {LINES}, one client"
    return [
        Line(f"webhook: a commit each, {CLIENTS} clients", median(found["alone"]), "1/s"),
        _line(group, found["together"], found["alone"], "a commit each", GROUP),
        _line(batch, found["batch"], found["single"], "single", BATCH),
    ]


def _line(name: str, ours: Sequence[float], theirs: Sequence[float], versus: str, bar: Bar) -> Line:
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    return Line(name, median(ours), "1/s", f"{versus}, {median(theirs):,.0f}/s", ratio, bar)


def _posted(ground: Ground, mode: str, *, clients: int, seconds: float, lines: int) -> float:
    port = free_port()
    given = (str(port), ground.webhook, str(clients), str(seconds), str(lines))
    with (
        ground.copy() as environment,
        started("serving", mode, str(port), environment=environment),
        started("posting", *given, environment=environment) as clients_process,
    ):
        clients_process.go()
        told = clients_process.told()
    if told["refused"]:
        raise RuntimeError(f"the webhook refused: {told['refused']}")
    return float(told["messages"]) / float(told["seconds"])
