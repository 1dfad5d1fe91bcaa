"""The bundle as the description of the API tells it; `building` makes it, and a test holds the two together."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.people.myself import Myself, Names


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Choice(_Exact):
    """One value a field may have."""

    value: str
    label: Names


class FieldView(_Exact):
    """A field by name, whichever form asks for it."""

    label: Names
    type: str = Field(
        description="text, long_text, choice, instant, deadline, person, people, percent, money, integer, decimal, flag, control, "
        "clauses or hazard"
    )
    unit: Names | None
    choices: list[Choice]
    minimum: str | None
    maximum: str | None
    places: int = Field(description="Decimals kept")
    at_most: int = Field(description="Longest text, in characters")
    personal: bool
    unit_field: str | None = Field(default=None, description="The field that holds this reading's unit")
    instrument: str | None = Field(default=None, description="The field that holds the instrument's number")


class Need(_Exact):
    """One field of a form; what is absent asks nothing."""

    field: str
    required: bool
    default: str | None = Field(default=None, description="A value to begin with; `now` for the moment")
    default_at: datetime | None = None
    latest: str | None = Field(default=None, description="`now`: not in the future")
    latest_at: datetime | None = None
    at_least: int | None = Field(default=None, description="Fewest characters, or fewest people")
    at_most: int | None = None
    choices: list[str] | None = Field(default=None, description="Of the field's choices only these")
    people: list[str] | None = Field(default=None, description="Who may be named: keys of `people`")
    confirmed: bool | None = Field(default=None, description="Must be ticked; another flag is a question")
    when: Annotated[list[str | bool], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description='Counts only while this field has this value: `["on_site", false]`'
    )
    hint: Names | None = None


class Slot(_Exact):
    """Files an act asks for; `kind` `any`: pieces of every kind count, photos among them."""

    kind: str
    label: Names
    needed: int
    is_photo: bool
    pair_with: list[str] | None = Field(
        default=None, description="Before-photos each of which asks for one of the same viewpoint"
    )


class FormView(_Exact):
    """What an act asks for."""

    action: str
    name: Names
    needs: list[Need]
    evidence: list[Slot]


class RefusedAction(_Exact):
    """An act somebody might expect to be open, and why it is not."""

    action: str
    name: Names
    because: list[Names]


class FactView(_Exact):
    """One line of what is known."""

    label: Names
    value: Names


class TaskPhoto(_Exact):
    """A photo of a task; its display copy is fetched apart and kept on the tablet."""

    sha256: str
    kind: str
    display_url: str
    captured_at: datetime
    pair_of: str | None


class TimerView(_Exact):
    """What will happen by itself next, and who will hear of it."""

    name: str
    label: Names
    level: int
    due_at: datetime
    to: list[str]


class Task(_Exact):
    """A hazard this person holds a part in or may act on."""

    number: str
    title: str
    stage: str
    state: str
    state_name: Names
    level: str
    urgency: str | None
    place: str
    asset: str | None
    lon: float | None
    lat: float | None
    found_at: datetime
    due_at: datetime | None
    version: int
    organisation: uuid.UUID
    facts: list[FactView]
    photos: list[TaskPhoto]
    allowed_actions: list[FormView]
    refused: list[RefusedAction]
    next_timers: list[TimerView]


class RowView(_Exact):
    """A row of the catalogue as it counts in this person's division today."""

    code: str
    title: Names
    area: str
    family: str
    level: str
    urgency: str
    clause: str
    mark: str = Field(
        description="V read in full, P in part, M from memory: check before printing on legal paper"
    )
    response_hours: str
    deadline_days: int
    control: str
    interim_control: Names | None
    evidence: list[str]
    conditional: bool


class SiteView(_Exact):
    """Something a hazard can be found at; positions are WGS-84."""

    id: uuid.UUID
    code: str
    label: Names
    kind: str
    lon: float | None
    lat: float | None
    organisation: uuid.UUID
    address: str


class NearView(_Exact):
    """An open hazard in scope."""

    number: str
    title: str
    asset: str | None
    lon: float | None
    lat: float | None
    stage: str
    level: str


class PersonView(_Exact):
    """Somebody a form may name."""

    name: str
    roles: Names


class Cut(_Exact):
    """How many more there are than a tablet carries."""

    tasks: int
    assets: int
    nearby: int


class RoundPlaceView(_Exact):
    """One place of a round."""

    asset: str
    name: Names
    lon: float | None
    lat: float | None
    walked: bool = Field(description="A line: its track is recorded")


class RoundTaskView(_Exact):
    """A round to be done."""

    id: str
    name: Names
    line: str
    planned_on: str
    due_at: datetime
    checklist: str = Field(description="Key of `checklists`")
    places: list[RoundPlaceView]


class SheetChoice(_Exact):
    """A word an item is answered with."""

    key: str
    label: Names
    good: bool


class SheetItem(_Exact):
    """One item of a checklist; limits are decimals as text, or so many times another reading."""

    key: str
    part: str
    text: Names
    clause: str
    mark: str
    answer: str
    unit: str
    low: str | None
    high: str | None
    times: str | None
    photo: str
    optional: bool
    choices: list[SheetChoice]
    catalogue: str


class Sheet(_Exact):
    """A checklist."""

    name: Names
    parts: dict[str, Names]
    items: list[SheetItem]


class Bundle(_Exact):
    """What a tablet takes with it."""

    v: int
    at: datetime
    me: Myself
    emergency_phone: str | None
    catalogue: list[RowView]
    areas: dict[str, Names]
    assets: list[SiteView]
    fields: dict[str, FieldView]
    evidence_kinds: dict[str, Names]
    forms: dict[str, FormView]
    people: dict[str, PersonView]
    organisations: dict[str, Names]
    tasks: list[Task]
    rounds: list[RoundTaskView]
    checklists: dict[str, Sheet]
    nearby: list[NearView]
    cut: Cut
    words_version: str
