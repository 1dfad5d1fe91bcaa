"""Breadth-first exploration of everything that can happen: every configuration once, each with a shortest path to it."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

C = TypeVar("C", bound=Hashable)
S = TypeVar("S")


@dataclass(frozen=True)
class Edge(Generic[C, S]):
    """One step from one configuration to another."""

    before: C | None
    step: S
    after: C


@dataclass
class Explored(Generic[C, S]):
    """All reachable configurations with the edge that first led to each, and all edges."""

    first: dict[C, Edge[C, S]] = field(default_factory=dict)
    edges: list[Edge[C, S]] = field(default_factory=list)

    def add(self, other: "Explored[C, S]") -> None:
        """Take in another exploration; a configuration both reached keeps its first way, those of `self` before those of `other`."""
        for configuration, edge in other.first.items():
            self.first.setdefault(configuration, edge)
        self.edges += other.edges

    def path(self, edge: Edge[C, S]) -> list[Edge[C, S]]:
        """A shortest way from the opening to this edge, it included."""
        way = [edge]
        while way[-1].before is not None:
            way.append(self.first[way[-1].before])
        return way[::-1]

    def way_to(self, configuration: C) -> list[Edge[C, S]]:
        """A shortest way to a configuration."""
        return self.path(self.first[configuration])

    def unable(self, goals: Iterable[C], counts: Callable[[Edge[C, S]], bool]) -> Iterator[C]:
        """The configurations, nearest first, from which no way over counting edges leads to a goal."""
        back: dict[C, list[C]] = {}
        for edge in self.edges:
            if edge.before is not None and edge.before != edge.after and counts(edge):
                back.setdefault(edge.after, []).append(edge.before)
        able = set(goals)
        frontier = deque(able)
        while frontier:
            for earlier in back.get(frontier.popleft(), ()):
                if earlier not in able:
                    able.add(earlier)
                    frontier.append(earlier)
        return (configuration for configuration in self.first if configuration not in able)


def explore(
    openings: Iterable[Edge[C, S]],
    successors: Callable[[C], Iterable[tuple[S, C]]],
    *,
    stop: Callable[[C], bool] = lambda _: False,
) -> Explored[C, S]:
    """Everything reachable; what `stop` says is reached but not gone on from."""
    found: Explored[C, S] = Explored()
    frontier: deque[C] = deque()

    def take(edge: Edge[C, S]) -> None:
        found.edges.append(edge)
        if edge.after not in found.first:
            found.first[edge.after] = edge
            if not stop(edge.after):
                frontier.append(edge.after)

    for edge in openings:
        take(edge)
    while frontier:
        configuration = frontier.popleft()
        for step, after in successors(configuration):
            take(Edge(configuration, step, after))
    return found
