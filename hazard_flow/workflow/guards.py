"""Named conditions an action may ask for; pure questions over what the door has gathered.

A guard answers True where nothing is in the way. Its refusal and mend stand in messages.yaml as `guard.<name>`.
When a page only asks what it may offer, `data` is None: a guard over the form's answers then lets pass.
A mark named in fields.yaml is a guard too, which needs no code: `permitted` asks whether it is set.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.workflow.definition import URGENCIES

#: codes of evidence that prove somebody measured on the spot
ON_SITE_READINGS = ("LEAK_READING_BEFORE", "LEAK_READING_AFTER")
#: codes that prove the user was told in writing
WRITTEN_NOTICES = ("NOTICE_SIGNED", "GAS_STOP_NOTICE", "DELIVERY_RECEIPT")
#: codes that prove an outsider judged what had been stopped (总局令第16号 第18条 [P])
EVALUATIONS = ("EVALUATION_REPORT", "EXPERT_OPINION")
REGULATOR_ROLES = frozenset({"county_officer", "city_officer", "provincial_officer"})
#: an on-the-spot rectification shows two moments, not one picture twice (domain 3.3 T3 [D])
PHOTOS_APART = timedelta(minutes=1)
#: an A hazard with a term this short is not extended (domain 3.5 F6 [D])
SHORT_TERM = timedelta(days=3)
#: mark of a hazard for which something was stopped as an interim control
STOPPED = "operation_stopped"
#: who may cancel a listed major: an officer of the listing level or above (domain 3.3 T13)
LISTING_ROLES: Mapping[str, frozenset[str]] = {
    "county": REGULATOR_ROLES,
    "city": frozenset({"city_officer", "provincial_officer"}),
    "province": frozenset({"provincial_officer"}),
    "national": frozenset({"provincial_officer"}),
}


@dataclass(frozen=True)
class Limits:
    """Figures of local policy that guards ask for; the defaults are the national ones of the catalogue's policy file."""

    extension_times: int = 1
    household_visits_before_notice: int = 3


@dataclass(frozen=True)
class GuardView:
    """What a guard may look at: the hazard as it stands, who acts, what they bring."""

    state: str | None
    stage: str | None
    level: str | None
    urgency: str | None
    source: str | None
    now: datetime
    actor_roles: frozenset[str] = frozenset()
    #: clean values of the act's form; None while a page only asks what to offer
    data: Mapping[str, Any] | None = None
    #: pieces by evidence code, those brought with the act included
    evidence: Mapping[str, int] = field(default_factory=dict)
    #: answers of other features: `sensor_live`, `sensor_normal_since`, `sensor_fresh_at`, …
    facts: Mapping[str, Any] = field(default_factory=dict)
    found_at: datetime | None = None
    due_at: datetime | None = None
    #: when the last submission says the work was finished
    completed_at: datetime | None = None
    #: the latest an extension may be asked for; None: until the deadline
    ask_by: datetime | None = None
    #: from the assignment to the first deadline
    term: timedelta | None = None
    #: declared files whose bytes have not come, and which nobody has given up for lost
    outstanding: int = 0
    #: from the first before-photo to the last after-photo
    photo_gap: timedelta | None = None
    #: gas escapes or escaped
    is_leak: bool = False
    #: it was reported past a manager
    is_protected: bool = False
    #: a clause of the national list says so
    is_national_major: bool = False
    listing_level: str | None = None
    open_flags: Collection[str] = ()
    marks: Collection[str] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    #: roles that may assign it after it was returned again and again; None: whoever the file names
    deciders: Collection[str] | None = None
    limits: Limits = field(default_factory=Limits)

    def is_open(self, flag: str) -> bool:
        """Whether this request or measure stands open."""
        return flag in self.open_flags

    def has_mark(self, mark: str) -> bool:
        """Whether this was done."""
        return mark in self.marks


Guard = Callable[[GuardView], bool]


@dataclass(frozen=True)
class Reads:
    """What a guard looks at of what files set: the proof follows these, and what nothing looks at serves nothing."""

    flags: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()


REGISTRY: dict[str, Guard] = {}
#: by guard
READS: dict[str, Reads] = {}


def guard(
    name: str, *, flags: tuple[str, ...] = (), marks: tuple[str, ...] = (), counts: tuple[str, ...] = ()
) -> Callable[[Guard], Guard]:
    """Register a guard under the name files use; a second one of the same name is our own mistake."""

    def register(question: Guard) -> Guard:
        assert name not in REGISTRY, f"guard {name!r} is registered twice"
        REGISTRY[name] = question
        READS[name] = Reads(flags, marks, counts)
        return question

    return register


def _register_flags() -> None:
    """`no_open_extension` and its like: nothing of this kind stands open."""
    for flag in ("control", "extension", "lowering", "transfer", "listing", "gas_stop", "plan"):
        guard(f"no_open_{flag}", flags=(flag,))(lambda view, flag=flag: not view.is_open(flag))  # type: ignore[misc]


_register_flags()


def reads(name: str) -> Reads:
    """What a guard looks at; a mark's own guard looks at the mark."""
    return READS.get(name) or Reads(marks=(name,))


@guard("control_open", flags=("control",))
def control_open(view: GuardView) -> bool:
    """At least one interim control stands."""
    return view.is_open("control")


@guard("before_due")
def before_due(view: GuardView) -> bool:
    """The deadline has not yet passed."""
    return view.due_at is not None and view.now < view.due_at


@guard("asked_in_time")
def asked_in_time(view: GuardView) -> bool:
    """An extension is asked for so long before the deadline that it can still be decided (domain 3.5 F6)."""
    latest = view.ask_by or view.due_at
    return latest is not None and view.now < latest


@guard("extension_left", counts=("extended",))
def extension_left(view: GuardView) -> bool:
    """Not yet extended as often as local policy allows."""
    return view.counters.get("extended", 0) < view.limits.extension_times


@guard("extension_possible", flags=("gas_stop",))
def extension_possible(view: GuardView) -> bool:
    """No extension where gas escapes or is shut off, nor for an A hazard that was due within three days (domain 3.5 F6 [D])."""
    short = view.urgency == "A" and view.term is not None and view.term <= SHORT_TERM
    return not (view.is_leak or view.is_open("gas_stop") or short)


@guard("urgency_b_or_c")
def urgency_b_or_c(view: GuardView) -> bool:
    """Only minor hazards are settled on the spot (domain 3.3 T3)."""
    return view.urgency in ("B", "C")


@guard("urgency_rises")
def urgency_rises(view: GuardView) -> bool:
    """Anybody who classifies may raise; lowering is asked for and decided by a second person."""
    return view.data is None or _rank(view.data.get("urgency")) < _rank(view.urgency)


@guard("urgency_falls")
def urgency_falls(view: GuardView) -> bool:
    """What is asked for is a lower urgency than the present one."""
    return view.data is None or _rank(view.data.get("requested_urgency")) > _rank(view.urgency)


def _rank(urgency: Any) -> int:
    return URGENCIES.index(urgency) if urgency in URGENCIES else len(URGENCIES)


@guard("reading_taken_on_site_if_alarm")
def reading_taken_on_site_if_alarm(view: GuardView) -> bool:
    """A hazard opened by an alarm is only dismissed on a reading somebody took on the spot."""
    if view.source != "telemetry":
        return True
    measured = any(view.evidence.get(code, 0) for code in ON_SITE_READINGS)
    return measured or view.data is None or view.data.get("leak_reading") is not None


@guard("finder_side_dismisses")
def finder_side_dismisses(view: GuardView) -> bool:
    """What the regulator found or was told past a manager, only the regulator says was nothing (domain 3.3 T4)."""
    from_regulator = view.source == "regulator_inspection" or view.is_protected
    return not from_regulator or bool(view.actor_roles & REGULATOR_ROLES)


@guard("photos_a_minute_apart")
def photos_a_minute_apart(view: GuardView) -> bool:
    """Before and after were taken at two moments."""
    return view.data is None or (view.photo_gap is not None and view.photo_gap >= PHOTOS_APART)


@guard("sensor_normal_since_repair")
def sensor_normal_since_repair(view: GuardView) -> bool:
    """Where a live sensor watches the place, it reads normal now and has reported since the work was finished. No data is never normal."""
    if not view.facts.get("sensor_live", False):
        return True
    normal_since, fresh_at = view.facts.get("sensor_normal_since"), view.facts.get("sensor_fresh_at")
    if normal_since is None or fresh_at is None:
        return False
    return view.completed_at is None or bool(fresh_at >= view.completed_at)


@guard("evidence_outstanding")
def evidence_outstanding(view: GuardView) -> bool:
    """Bytes of a file a tablet declared have not come yet: without any there is nothing to give up for lost."""
    return view.outstanding > 0


@guard("on_site_unless_c")
def on_site_unless_c(view: GuardView) -> bool:
    """Only an urgency C hazard may be re-checked without going there."""
    return view.data is None or bool(view.data.get("on_site")) or view.urgency == "C"


@guard("officer_acts")
def officer_acts(view: GuardView) -> bool:
    """A major hazard is re-checked and cancelled by the regulator's officers, also one that was raised on the way."""
    return bool(view.actor_roles & REGULATOR_ROLES)


@guard("level_above_decides")
def level_above_decides(view: GuardView) -> bool:
    """What was returned a second time is assigned by whoever it went up to, or above (domain 3.3 T7)."""
    return view.deciders is None or bool(view.actor_roles & frozenset(view.deciders))


@guard("operator_acts")
def operator_acts(view: GuardView) -> bool:
    """A measure of the operator under its contract, never of an agency: no stopping of gas to residents (行政强制法 第43条 [V])."""
    return not view.actor_roles & REGULATOR_ROLES


@guard("regulator_lowers_national")
def regulator_lowers_national(view: GuardView) -> bool:
    """A major of the national list is lowered only by the regulator (domain 2.2)."""
    return not view.is_national_major or bool(view.actor_roles & REGULATOR_ROLES)


@guard("gas_stop_lawful", marks=("user_notified",), counts=("visits",))
def gas_stop_lawful(view: GuardView) -> bool:
    """Gas is stopped in an emergency, or after written notice; for refused entry also only after the visits policy asks for."""
    if view.data is None or view.data.get("gas_ground") == "emergency":
        return True
    notified = view.has_mark("user_notified") or any(view.evidence.get(code, 0) for code in WRITTEN_NOTICES)
    return notified and (view.data.get("gas_ground") != "refused_entry" or visits_made(view))


@guard("visits_made", counts=("visits",))
def visits_made(view: GuardView) -> bool:
    """Somebody was there in vain as often as local policy asks for before the written notice (domain 3.6)."""
    return view.counters.get("visits", 0) >= view.limits.household_visits_before_notice


@guard("evaluated_if_stopped", marks=(STOPPED,))
def evaluated_if_stopped(view: GuardView) -> bool:
    """Where something was stopped, experts or a safety-evaluation body have judged it before it runs again."""
    return not view.has_mark(STOPPED) or any(view.evidence.get(code, 0) for code in EVALUATIONS)


@guard("listing_level_acts")
def listing_level_acts(view: GuardView) -> bool:
    """A listed major is cancelled at the level that listed it, or above."""
    wanted = LISTING_ROLES.get(view.listing_level or "")
    return wanted is None or bool(view.actor_roles & wanted)


@guard("lifting_published", marks=("listed", "lifting_announced"))
def lifting_published(view: GuardView) -> bool:
    """What was listed in public is lifted in public (domain 3.8)."""
    return not view.has_mark("listed") or view.has_mark("lifting_announced")
