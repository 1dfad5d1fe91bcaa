"""Acts that issue documents: the right kind by who acts, a number that is one for ever, and an order for whoever makes the file."""

import dataclasses
import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed, Refused
from hazard_flow.hazards.door import apply
from hazard_flow.hazards.models import DocumentOrder, DocumentSequence
from hazard_flow.hazards.rules import install_rules
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.documents import BY_ISSUER, installed_kinds, kind_for
from tests.harness.city import City
from tests.harness.founding import on_postgres_only, rules
from tests.harness.together import together
from tests.reports.papers import issue, with_papers

NUMBER = re.compile(r"（[\u4e00-\u9fff]+）[\u4e00-\u9fff]{3}〔20\d\d〕[1-9]\d*号")


def issued(city: City, hazard, *, at: int = -1):
    return city.events(hazard)[at].data.get("issues")


def test_an_operator_s_assignment_issues_a_slip(city: City):
    hazard = city.report()
    city.assign(hazard)

    assert issued(city, hazard) == {
        "kind": "internal_slip",
        "number": "（恒川）燃安通〔2026〕1号",
        "issuer": str(city.founded.units["恒川燃气"]),
    }


def test_a_regulator_s_assignment_issues_an_order(city: City):
    hazard = city.report()
    city.assign(hazard, by="唐监管")

    assert issued(city, hazard) == {
        "kind": "rectification_order",
        "number": "（城东）燃安改〔2026〕1号",
        "issuer": str(city.founded.units["城东区燃气管理局"]),
    }


def test_where_the_user_must_mend_it_the_user_is_told(city: City):
    named = city.report(user_number="HC-0418-2207")
    city.assign(named)
    nobody = city.report(user_number="HC-0418-2208")
    with_papers(city)
    issue(city, nobody, "user_notice", full=False, liable_party="operator")
    city.assign(nobody)

    assert issued(city, named)["kind"] == "user_notice"
    assert issued(city, nobody)["kind"] == "internal_slip"


def test_who_may_issue_what_is_a_table(city: City):
    kinds = installed_kinds()

    def made(issues: str, side: str | None, *, to_user: bool = False) -> str | None:
        return kind_for(issues, side, to_user=to_user, kinds=kinds)

    assert made(BY_ISSUER, "operator") == "internal_slip"
    assert made(BY_ISSUER, "operator", to_user=True) == "user_notice"
    assert made(BY_ISSUER, "regulator", to_user=True) == "rectification_order"
    assert made(BY_ISSUER, "government") is None
    assert made("rectification_order", "operator") is None
    assert made("gas_stop_notice", "regulator") is None
    assert made("listing_notice", "regulator") is None
    assert made("listing_notice", "government") == "listing_notice"
    assert made("unheard_of", "operator") is None
    assert made("user_notice", None) is None


def test_a_verifier_without_the_power_acts_without_a_document(city: City):
    """The enterprise's verifier under a workflow whose re-checks the regulator confirms: the act counts, no paper pretends."""
    hazard = city.bring_to(with_papers(city).report(), "submitted")
    city.act("徐复查", hazard, "confirm", opinion="已整改")
    assert issued(city, hazard) is None

    city.act("唐监管", hazard, "confirm", opinion="已整改")
    assert issued(city, hazard)["kind"] == "recheck_opinion"


def test_a_government_body_lists_under_its_own_word(city: City):
    hazard = with_papers(city).report()

    assert issue(city, hazard, "listing_notice") == "（云泽）燃安督〔2026〕1号"
    assert issued(city, hazard)["issuer"] == str(city.founded.units["云泽市燃气管理局"])


def test_acts_that_issue_nothing_say_so(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    assert issued(city, hazard) is None
    assert issued(city, hazard, at=0) is None


def test_each_issuer_kind_and_year_counts_for_itself(city: City):
    city.assign(city.report())
    city.assign(city.report())
    city.assign(city.report(), by="唐监管")
    city.clock.move_to(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC))
    last = city.report()
    city.assign(last)
    city.clock.move_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))  # new year in the city
    first = city.report()
    city.assign(first)

    assert issued(city, last)["number"] == "（恒川）燃安通〔2026〕3号"
    assert issued(city, first)["number"] == "（恒川）燃安通〔2027〕1号"
    assert {row.beginning: row.last for row in city.all(sa.select(DocumentSequence))} == {
        "（恒川）燃安通〔2026〕": 3,
        "（恒川）燃安通〔2027〕": 1,
        "（城东）燃安改〔2026〕": 1,
    }


def test_the_word_an_organisation_chose_stands_in_its_numbers(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Organisation).where(Organisation.name_zh == "恒川燃气").values(document_word="云恒")
        )
    hazard = city.report()
    city.assign(hazard)

    assert issued(city, hazard)["number"] == "（云恒）燃安通〔2026〕1号"


def test_two_bodies_of_the_same_word_never_give_the_same_number(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Organisation).where(Organisation.kind == "enterprise").values(document_word="云泽")
        )
    ours, theirs = city.report(), city.report(by="孙巡检")
    city.assign(ours)
    team = {
        "responsible": str(city.person("孙巡检")),
        "verifiers": [str(city.person("马安全"))],
        "closer": str(city.person("邓总")),
    }
    with pytest.raises(Refused):  # nobody else may close there; the number it would have had is free again
        city.assign(theirs, by="马安全", **team)
    with_papers(city)
    issue(city, theirs, "user_notice", who="孙巡检", full=False)
    issue(city, ours, "user_notice", full=False)

    assert issued(city, ours, at=1)["number"] == "（云泽）燃安通〔2026〕1号"
    assert {issued(city, h)["number"] for h in (ours, theirs)} == {
        "（云泽）燃安告〔2026〕1号",
        "（云泽）燃安告〔2026〕2号",
    }


def test_a_refused_act_takes_no_number(city: City):
    hazard = city.report()
    with pytest.raises(Refused):
        city.assign(hazard, measures=None)
    with pytest.raises(NotAllowed):
        city.assign(hazard, by="李巡检")

    assert city.all(sa.select(DocumentSequence)) == []
    assert city.all(sa.select(DocumentOrder)) == []


def test_the_order_waits_for_whoever_makes_the_file(city: City):
    hazard = city.report()
    city.assign(hazard)

    orders = city.all(sa.select(DocumentOrder))
    assert {(o.hazard_id, o.event_seq, o.kind, o.locale) for o in orders} == {
        (hazard.id, 2, "internal_slip", locale) for locale in ("zh", "en")
    }
    if city.on_postgres:
        assert city.all(sa.select(DocumentOrder), by="郑巡检") == []


def test_a_report_may_issue_a_document_as_well(city: City):
    """A household check ends with the notice in the user's hand: the first event of the hazard carries it."""
    known = rules()
    general = known.workflows["general", 1]
    report = dataclasses.replace(general.actions["report"], issues=BY_ISSUER)
    checks = dataclasses.replace(general, actions={**general.actions, "report": report})
    install_rules(
        city.database.info,
        dataclasses.replace(known, workflows={**known.workflows, ("general", 1): checks}),
    )
    hazard = city.report("灶具软管老化开裂", user_number="HC-0418-2207", flat="3幢402室")

    assert issued(city, hazard)["kind"] == "user_notice"
    assert {order.event_seq for order in city.all(sa.select(DocumentOrder))} == {1}


def test_many_hands_get_many_numbers(city: City):
    hazards = [city.report() for _ in range(16)]

    answers = together(8, lambda hand: [city.assign(hazards[hand * 2 + n]) for n in range(2)])

    assert not [a for a in answers if isinstance(a, Exception)], answers
    numbers = [issued(city, hazard)["number"] for hazard in hazards]
    assert len(set(numbers)) == 16
    assert all(NUMBER.fullmatch(number) for number in numbers)


@on_postgres_only
def test_batches_that_issue_in_opposite_orders_do_not_wait_for_each_other(city: City):
    """Twenty rounds of two batches, each slip then order, and order then slip: without one order of rows they deadlock."""
    pairs = [(city.report(), city.report()) for _ in range(40)]

    def batch(hand: int) -> list[bool]:
        done = []
        for ours, theirs in pairs[hand::2]:
            slip = city.change("何安全", ours, "assign", **city.general_order())
            order = city.change("唐监管", theirs, "assign", **city.general_order())
            with city.database.transaction(SYSTEM) as session:
                outcomes = apply(session, [slip, order] if hand else [order, slip], city.now)
                done += [outcome.error is None for outcome in outcomes]
        return done

    answers = together(2, batch)
    assert answers == [[True] * 40] * 2, answers


def test_the_same_request_again_has_the_same_number(city: City):
    hazard = city.report()
    city.assign(hazard, key="once")
    city.assign(hazard, key="once")

    assert [event.data.get("issues") is None for event in city.events(hazard)] == [True, False]
    assert [row.last for row in city.all(sa.select(DocumentSequence))] == [1]
