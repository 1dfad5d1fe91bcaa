"""The rules of a workflow in words, as people say them: spans, time limits, addressees, what an action asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.story import timer_label, timer_name
from hazard_flow.i18n import text
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.workflow.definition import Action, Duration, Keyed, Need, Rung, TimerRule, Workflow
from hazard_flow.workflow.lettering import SEAM
from hazard_flow.workflow.needs_rules import NeedRule

_SPECIAL = "above holder"


@dataclass(frozen=True)
class Words:
    """Says rules in one language."""

    rules: Rules
    locale: str

    def say(self, key: str, **params: object) -> str:
        """A sentence of this package."""
        return text(f"rulebook.{key}", self.locale, **params)

    def say_web(self, key: str) -> str:
        """A sentence every page shares."""
        return text(f"web.{key}", self.locale)

    def workflow(self, key: str) -> str:
        """What people call a workflow."""
        named = [one for one in self.rules.workflows.values() if one.key == key]
        return max(named, key=lambda one: one.version).label.in_(self.locale) if named else key

    def action(self, workflow: str, key: str) -> str:
        """What people call an action, in the newest version of a workflow that has it, else in any."""
        known = sorted(self.rules.workflows.values(), key=lambda one: (one.key != workflow, -one.version))
        labels = [one.actions[key].label for one in known if key in one.actions]
        return labels[0].in_(self.locale) if labels else key

    def somebody(self) -> str:
        """Somebody the reader may not be told the name of."""
        return text("hazards.somebody", self.locale)

    def listed(self, words: Sequence[str]) -> str:
        """Words in a row."""
        return text("web.and", self.locale).join(words)

    def duration(self, span: Duration) -> str:
        """`4 小时`, `5 working days`."""
        one = ".one" if span.amount == 1 else ""
        return self.say(f"unit.{span.unit}{one}", n=span.amount)

    def spans(self, spans: Keyed[Duration]) -> list[str]:
        """One span for all, or one for each urgency: `A 4 小时`."""
        if not spans.by_urgency:
            return [self.duration(spans.default)] if spans.default else []
        found = [f"{urgency} {self.duration(span)}" for urgency, span in spans.by_urgency.items()]
        return found + ([self.say("others", span=self.duration(spans.default))] if spans.default else [])

    def limit(self, rule: TimerRule) -> str:
        """When a time limit runs out."""
        if rule.at is not None:
            return self.say("limit.at", field=self._inside(self.field(rule.at)))
        spans = rule.within or rule.every
        said = self.say("slash").join(self.spans(spans)) if spans else ""
        if rule.every is not None:
            return self.say("limit.every", span=said)
        return said

    def timer(self, rule: TimerRule) -> str:
        """A time limit by name with when it runs out, for a narrow box: it may be broken at its seams only."""
        limit = self.limit(rule)
        if rule.at is None:
            slash = self.say("slash")
            limit = f"{slash}{SEAM}".join(limit.split(slash))
        return self.say("limit.named", name=self.limit_name(rule), limit=f"{SEAM}{limit}")

    def limit_name(self, rule: TimerRule) -> str:
        """What people call a time limit; a draft may name one that no loaded workflow has."""
        return rule.label.in_(self.locale) if rule.label else timer_name(rule.name, self.locale)

    def timer_name(self, name: str) -> str:
        """What people call a time limit of which only the key is known."""
        return timer_label(self.rules, "", name, self.locale)

    def reminders(self, rule: TimerRule) -> str:
        """When the holder is reminded before."""
        found = []
        for remind in rule.remind:
            if remind.half_way:
                found.append(self.say("remind.half_way"))
            elif remind.before is not None:
                found.append(self.say("remind.before", span=self.duration(remind.before)))
        return self.listed(found)

    def ends(self, workflow: Workflow, rule: TimerRule) -> str:
        """What a clock begins with and what ends it."""
        ended = [
            workflow.states[name].label.in_(self.locale)
            if name in workflow.states
            else self._mark(workflow, name)
            for name in rule.until
        ]
        start = self._inside(self.field(rule.starts_from or ""))
        return self.say("clock.ends", start=start, ends=self.listed(ended))

    def _inside(self, label: str) -> str:
        """A label inside a sentence: English begins it small there."""
        return label[:1].lower() + label[1:] if self.locale == "en" else label

    def _mark(self, workflow: Workflow, mark: str) -> str:
        """A mark by the action that sets it."""
        setters = [a.label.in_(self.locale) for a in workflow.actions.values() if mark in a.sets]
        return setters[0] if setters else mark

    def who(self, word: str) -> str:
        """A role, a relation or an addressee."""
        if word == _SPECIAL:
            return self.say("above_holder")
        book = self.rules.fields
        label = book.roles.get(word) or book.relations.get(word) or ROLE_LABELS.get(word)
        return label.in_(self.locale) if label else word

    def people(self, words: Sequence[str]) -> str:
        """Several of them."""
        return self.listed([self.who(word) for word in words])

    def field(self, name: str) -> str:
        """A field by its label, without what stands in brackets after it."""
        known = self.rules.fields.fields.get(name)
        label = known.label.in_(self.locale) if known else name
        return label.split("（")[0].split(" (")[0]

    def offset(self, rung: Rung) -> str:
        """How long after the expiry a rung comes."""
        default = rung.after.default
        if default is not None and default.amount == 0 and not rung.after.by_urgency:
            return self.say("rung.at_once")
        return self.say("rung.after", span=self.say("slash").join(self.spans(rung.after)))

    def channels(self, rung: Rung) -> str:
        """By what it is told."""
        known = self.rules.fields.channels
        return self.listed([known[one].in_(self.locale) if one in known else one for one in rung.by])

    def patience(self, rung: Rung) -> str:
        """How long a rung waits to be acknowledged, or how often the last one repeats."""
        if rung.repeat is not None:
            return self.say("rung.repeat", span=self.duration(rung.repeat))
        if rung.acknowledge_within is not None:
            return self.say("rung.acknowledge", span=self.duration(rung.acknowledge_within))
        return ""

    def needs(self, action: Action) -> str:
        """The fields that must be filled in, then how many more may be."""
        wanted = [self.field(need.field) for need in action.needs if _is_needed(need)]
        others = len(action.needs) - len(wanted)
        said = self.listed(wanted)
        if others:
            more = self.say("needs.optional", n=others)
            said = f"{said}{self.say('semicolon')}{more}" if said else more
        return said

    def evidence(self, action: Action) -> str:
        """The evidence that must be there."""
        rule = action.evidence
        if rule is None:
            return ""
        words = self.rules.fields.evidence
        found = [
            self.say(
                "evidence.at_least",
                kind=words[word].label.in_(self.locale) if word in words else word,
                n=count,
            )
            for word, count in rule.at_least.items()
        ]
        if rule.pair_each:
            found.append(self.say("evidence.pair"))
        return self.listed(found)


def _is_needed(need: Need) -> bool:
    rule = need.rule
    return need.required and not (
        isinstance(rule, NeedRule) and (rule.default is not None or not rule.required)
    )
