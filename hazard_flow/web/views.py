"""What the shared templates draw: plain frozen values without a request, a session or a clock. Filled by the pages of each feature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Theme = Literal["auto", "light", "dark"]
Tone = Literal["plain", "strong", "good"]


@dataclass(frozen=True)
class NavItem:
    """One entry of the rail; `key` is compared with the page's own key to mark where the reader is."""

    key: str
    href: str
    icon: str
    label: str
    #: how many things wait there; 0 shows no number
    count: int = 0


@dataclass(frozen=True)
class Viewer:
    """Who is signed in, as the header names them."""

    name: str
    organisation: str
    #: the roles in words, joined for reading
    roles: str = ""


@dataclass(frozen=True)
class Banner:
    """A sentence above every page: something the reader must know before trusting what stands below."""

    icon: str
    text: str
    href: str | None = None
    link_label: str = ""


@dataclass(frozen=True)
class Shell:
    """The frame around a page. `viewer` is None on pages that need no sign-in."""

    locale: str
    theme: Theme = "auto"
    viewer: Viewer | None = None
    nav: tuple[NavItem, ...] = ()
    foot: tuple[NavItem, ...] = ()
    #: key of an entry → the tabs of its pages
    tabs: Mapping[str, tuple[NavItem, ...]] = field(default_factory=dict)
    banners: tuple[Banner, ...] = ()
    #: path and query of this page, so that changing the language comes back here
    here: str = "/"
    is_demo: bool = False


FieldType = Literal[
    "text", "textarea", "number", "money", "percent", "datetime", "date", "select", "radio", "tiles", "checkbox", "many",
    "asset", "place", "password", "hidden",
]  # fmt: skip


@dataclass(frozen=True)
class FormField:
    """One field of a generated form; limits are printed as hints and given to the browser, the door alone judges."""

    name: str
    type: FieldType
    label: str
    required: bool = True
    #: (value, label) pairs of select, radio, tiles, many and the suggestions of asset
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    minimum: str | None = None
    maximum: str | None = None
    #: fewest characters of a text
    at_least: int | None = None
    hint: str = ""
    #: what was typed; several values (type `many`) as a tuple
    value: str | tuple[str, ...] = ""
    error: str = ""
    #: only asked while another field has this value, as a form sends it (an unticked box sends nothing)
    when: tuple[str, str] | None = None
    #: stays in sight though it may be left empty
    is_kept: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """The chosen values as a tuple, also for a field of one value."""
        if isinstance(self.value, tuple):
            return self.value
        return (self.value,) if self.value else ()


@dataclass(frozen=True)
class FormError:
    """One line of the summary above a form; `field` is the id the line jumps to, without the form's prefix."""

    field: str
    text: str


@dataclass(frozen=True)
class Paging:
    """Keyset paging: where the neighbours are, how many stand here, how many there are in all (None: not counted)."""

    shown: int
    total: int | None = None
    first_href: str | None = None
    next_href: str | None = None


@dataclass(frozen=True)
class Kpi:
    """One figure of a strip. `tone` is weight, never colour: red keeps one meaning, the hazard's level."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    tone: Tone = "plain"
    icon: str = ""
    href: str | None = None


@dataclass(frozen=True)
class InboxItem:
    """One notification. `colour` is the notice's process colour (blue … red) and is shown as a word with rungs."""

    id: str
    at: datetime
    title: str
    body: str = ""
    href: str | None = None
    colour: str | None = None
    is_read: bool = False
    #: until when a named person must acknowledge; None where nothing is asked
    acknowledge_by: datetime | None = None
    acknowledged_at: datetime | None = None
    is_late: bool = False


@dataclass(frozen=True)
class ErrorPage:
    """Why a page cannot be shown and the way on. Title and sentence are chosen by status where they are empty."""

    status: int
    title: str = ""
    sentence: str = ""
    #: everything that was wrong, all at once
    details: tuple[str, ...] = ()
    #: to be told to an administrator; only where the fault is ours
    reference: str = ""
    back_href: str = "/"
    back_label: str = ""
