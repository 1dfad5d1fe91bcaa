"""Pieces of pages that features above hand down: panels on a hazard's page, tiles on the home page, entries of the rail.

`app` registers them; a page asks for the pieces of its place and never learns who made them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.web.views import InboxItem, NavItem

#: (session, actor, subject of the page, locale) → the piece, or None where there is nothing to show.
Panel = Callable[[Session, Actor, Any, str], Markup | None]
#: (session, actor, locale) → notices the person must still acknowledge.
NoticeSource = Callable[[Session, Actor, str], Sequence[InboxItem]]
#: (session, actor) → how many things wait behind a rail entry.
Count = Callable[[Session, Actor], int]


@dataclass(frozen=True)
class Panels:
    """The registered pieces of each place (`hazard`, `hazard.side`, `home`, `asset`), and the notices of the home page."""

    places: dict[str, list[tuple[int, Panel]]] = field(default_factory=dict)
    #: who can say what a person must still acknowledge
    notice_sources: list[NoticeSource] = field(default_factory=list)

    def register(self, place: str, order: int, panel: Panel) -> None:
        """A piece for a place; the lower order stands first."""
        self.places.setdefault(place, []).append((order, panel))
        self.places[place].sort(key=lambda entry: entry[0])

    def pieces(
        self, place: str, session: Session, actor: Actor, subject: Any, locale: str
    ) -> Sequence[Markup]:
        """What there is to show in a place, in order."""
        drawn = [panel(session, actor, subject, locale) for _, panel in self.places.get(place, [])]
        return [piece for piece in drawn if piece is not None]

    def register_notices(self, source: NoticeSource) -> None:
        """Whoever knows what a person must acknowledge."""
        self.notice_sources.append(source)

    def notices(self, session: Session, actor: Actor, locale: str) -> tuple[InboxItem, ...]:
        """What waits for this person to acknowledge it, oldest first."""
        found = [one for source in self.notice_sources for one in source(session, actor, locale)]
        return tuple(sorted(found, key=lambda one: one.at))


@dataclass(frozen=True)
class Entry:
    """One entry of the rail; `right` None shows it to everybody."""

    key: str
    href: str
    icon: str
    #: key of the sentence in messages.yaml
    label: str
    order: int
    right: str | None = None
    count: Count | None = None
    #: at the foot of the rail
    at_foot: bool = False
    #: key of the entry whose pages show this one as a tab; it then has no place of its own in the rail
    under: str | None = None


@dataclass(frozen=True)
class Navigation:
    """The rail: features register their entries, each person sees those of their rights."""

    entries: list[Entry] = field(default_factory=list)

    def register(
        self,
        key: str,
        *,
        href: str,
        icon: str,
        label: str,
        order: int,
        right: str | None = None,
        count: Count | None = None,
        at_foot: bool = False,
        under: str | None = None,
    ) -> None:
        """One more entry; the lower order stands higher."""
        self.entries.append(Entry(key, href, icon, label, order, right, count, at_foot, under))
        self.entries.sort(key=lambda entry: entry.order)

    def items(self, session: Session, actor: Actor, locale: str, *, at_foot: bool) -> tuple[NavItem, ...]:
        """The entries this person sees, with what waits behind each and behind its tabs."""
        return tuple(
            _item(entry, session, actor, locale, also=self._under(entry.key, actor))
            for entry in self.entries
            if entry.at_foot == at_foot and entry.under is None and _shown(entry, actor)
        )

    def tabs(self, session: Session, actor: Actor, locale: str) -> dict[str, tuple[NavItem, ...]]:
        """The tabs of each entry that has any, the entry itself first."""
        return {
            parent.key: tuple(_item(one, session, actor, locale) for one in (parent, *below))
            for parent in self.entries
            if _shown(parent, actor) and (below := self._under(parent.key, actor))
        }

    def _under(self, key: str, actor: Actor) -> list[Entry]:
        return [entry for entry in self.entries if entry.under == key and _shown(entry, actor)]


def _shown(entry: Entry, actor: Actor) -> bool:
    return entry.right is None or may(actor, entry.right)


def _item(
    entry: Entry, session: Session, actor: Actor, locale: str, *, also: Sequence[Entry] = ()
) -> NavItem:
    counts = [one.count(session, actor) for one in (entry, *also) if one.count]
    return NavItem(
        key=entry.key, href=entry.href, icon=entry.icon, label=text(entry.label, locale), count=sum(counts)
    )
