"""Every word a workflow file may use; code and other features register theirs, a file can only choose among them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from hazard_flow.i18n import Label
from hazard_flow.resources import resource_dir
from hazard_flow.workflow import guards
from hazard_flow.workflow.documents import BY_ISSUER, DocumentKind, installed_kinds
from hazard_flow.workflow.fields import EvidenceWord, FieldBook, FieldDef, load_fields

#: addressees of rungs that are neither roles nor relations: one organisation above the holder; the top regulator of the division
SPECIAL_ADDRESSEES = ("above holder", "highest_regulator")
#: the relation of whoever made the request that an act settles
APPLICANT = "applicant"
#: exclusions of `other_than` beside relations: a reporter may verify beside others, never alone; `actor`: not whoever fills the form
SPECIAL_EXCLUSIONS = ("reporter_if_alone", "actor")
#: words of `issues` without a folder in report_templates/: the choice by who acts, and tables made by the calendar
OTHER_TEMPLATES = (BY_ISSUER, "statutory_table", "scorecard")
#: instants of the record itself, which no form asks for: when it was reported, when it came under its present workflow
RECORD_INSTANTS = ("reported_at", "pinned_at")


@dataclass(frozen=True)
class Vocabulary:
    """The known words, with their names where people see them."""

    roles: Mapping[str, Label]
    relations: Mapping[str, Label]
    guards: frozenset[str]
    evidence: Mapping[str, EvidenceWord]
    templates: frozenset[str]
    channels: Mapping[str, Label]
    fields: Mapping[str, FieldDef]
    book: FieldBook
    #: documents an action may issue, with who has the power to
    documents: Mapping[str, DocumentKind] = field(default_factory=dict)
    #: fact names other features provide to guards
    facts: frozenset[str] = field(default_factory=frozenset)

    @property
    def who(self) -> frozenset[str]:
        """Words allowed in `who`, `holder` and, with the special ones, in `tell`."""
        return frozenset(self.roles) | frozenset(self.relations)

    @cached_property
    def people(self) -> frozenset[str]:
        """The roles that people hold."""
        return frozenset(self.roles) - {"system"}

    @property
    def flags(self) -> Mapping[str, Label]:
        """What can stand open on a hazard."""
        return self.book.flags

    @property
    def addressees(self) -> frozenset[str]:
        """Words allowed in a rung's `tell`; the applicant of a request hears of its decision, no ladder knows of them."""
        return (self.who | frozenset(SPECIAL_ADDRESSEES)) - {APPLICANT}

    def with_(
        self, *, templates: Iterable[str] = (), guards: Iterable[str] = (), facts: Iterable[str] = ()
    ) -> "Vocabulary":
        """The same vocabulary with more registered words."""
        return replace(
            self,
            templates=self.templates | set(templates),
            guards=self.guards | set(guards),
            facts=self.facts | set(facts),
        )


@cache
def default_vocabulary() -> Vocabulary:
    """The words of the code and of the installed workflows/fields.yaml."""
    return vocabulary_of(load_fields(resource_dir("workflows") / "fields.yaml"))


def vocabulary_of(book: FieldBook) -> Vocabulary:
    """The vocabulary made of a field book and the registered guards; a mark with a name is a guard that asks whether it is set."""
    return Vocabulary(
        roles=book.roles,
        relations=book.relations,
        guards=frozenset(guards.REGISTRY) | frozenset(book.marks),
        evidence=book.evidence,
        templates=frozenset(installed_kinds()) | frozenset(OTHER_TEMPLATES),
        channels=book.channels,
        fields=book.fields,
        book=book,
        documents=installed_kinds(),
    )
