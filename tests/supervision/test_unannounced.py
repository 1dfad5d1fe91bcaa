"""An unannounced check: nobody but its team knows of it, not even the database tells; drawn so that anybody can draw it again."""

import uuid
from collections import Counter

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed, NotFound, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Personal
from hazard_flow.identity.queries import enterprises
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.supervision.checks import queries
from hazard_flow.supervision.checks.drawing import Candidate, draw, protocol, repeats
from hazard_flow.supervision.checks.models import UnannouncedCheck
from hazard_flow.supervision.checks.operations import CheckMovedOn, Signing, members
from tests.harness.city import City
from tests.harness.oversight import SIGNED, carried_out, check_does, planned

OUTSIDE = ("何安全", "韩总", "周调度", "马安全", "方监管", "卢主任", "梁处长", "顾管理")


def wrong(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in refused.value.fields}


def sees(city: City, who: str, check: UnannouncedCheck) -> bool:
    with city.database.reading(city.actor(who).scope) as session:
        listed = [one.id for one in queries.page(session, cursor=None, limit=50).items]
        try:
            queries.one(session, check.id)
            found = True
        except NotFound:
            found = False
    assert found == (check.id in listed)
    return found


def raw(city: City, who: str) -> tuple[int, int]:
    """Rows of checks and of their steps the database itself shows, whatever the query."""
    with city.database.reading(city.actor(who).scope) as session:
        return tuple(
            session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("unannounced_check", "unannounced_check_step")
        )  # type: ignore[return-value]


def test_a_plan_is_seen_by_its_team_and_by_nobody_else_until_it_is_finished(city: City):
    check = planned(city, by="唐监管", officers=("陈处长",))
    for step in ("planned", "under_way"):
        assert sees(city, "唐监管", check)
        assert sees(city, "陈处长", check)
        assert [who for who in OUTSIDE if sees(city, who, check)] == [], step
        if step == "planned":
            carried_out(city, check)
    check_does(city, "finish", check, by="唐监管", given=SIGNED)
    assert {who for who in OUTSIDE if sees(city, who, check)} == {
        "何安全",
        "韩总",
        "周调度",
        "卢主任",
        "梁处长",
    }


def test_the_database_itself_keeps_the_plan(city: City):
    if not city.on_postgres:
        pytest.skip("row-level security is PostgreSQL's")
    check = planned(city, by="唐监管", officers=("陈处长",))
    assert raw(city, "唐监管") == raw(city, "陈处长") == (1, 1)
    assert {who: raw(city, who) for who in OUTSIDE} == dict.fromkeys(OUTSIDE, (0, 0))
    # nor can anybody from outside write themselves into it
    with city.database.transaction(city.actor("梁处长").scope) as session:
        changed = session.execute(
            sa.text("UPDATE unannounced_check SET team = team || :me"),
            {"me": f"{city.person('梁处长').hex},"},
        )
        assert changed.rowcount == 0
    carried_out(city, check)
    check_does(city, "finish", check, by="陈处长", given=SIGNED)
    assert raw(city, "何安全")[0] == 1
    assert raw(city, "马安全") == raw(city, "方监管") == (0, 0)


def test_a_check_called_off_stays_its_teams_secret(city: City):
    check = planned(city)
    check_does(city, "call_off", check, by="唐监管", words="线索不实")
    assert sees(city, "陈处长", check)
    assert [who for who in OUTSIDE if sees(city, who, check)] == []


def test_numbers_are_given_at_the_finish_so_that_no_gap_tells_of_a_plan(city: City):
    first, second = planned(city), planned(city)
    assert first.number is second.number is None
    carried_out(city, second)
    assert check_does(city, "finish", second, by="唐监管", given=SIGNED).number == "JC-990102-20261102-0001"


def test_two_officers_at_least_and_none_from_another_district(city: City):
    with pytest.raises(Refused) as refused:
        planned(city, officers=())
    assert wrong(refused) == {("officers", "two_officers")}
    with pytest.raises(Refused) as refused:
        planned(city, officers=("方监管",))
    assert wrong(refused) == {("officers", "unknown_choice")}
    with pytest.raises(NotAllowed):
        planned(city, by="何安全", officers=("唐监管",))


def test_who_is_not_of_the_team_writes_nothing(city: City):
    check = planned(city, officers=("陈处长",))
    with pytest.raises(NotFound):
        check_does(city, "begin", check, by="梁处长")
    with pytest.raises(NotAllowed):
        check_does(city, "begin", check, by="何安全")


def test_what_is_wrong_goes_through_the_door_as_an_administrative_inspections_hazard(city: City):
    check = planned(city, asset="VW-1")
    check_does(city, "begin", check, by="唐监管")
    check_does(
        city, "find", check, by="唐监管", item=0,
        data={"description": "阀井可燃气体浓度 18%LEL，未设警戒", "place": "青梧路 12 号"}, evidence=(city.photo(),),
    )  # fmt: skip
    with city.database.reading(SYSTEM) as session:
        stands = session.get_one(UnannouncedCheck, check.id)
        hazard = session.scalars(sa.select(Hazard)).one()
    assert (hazard.source, hazard.asset_id) == ("regulator_inspection", city.founded.assets["VW-1"])
    assert stands.items[0] | {"note": ""} == {
        "text": "阀井可燃气体浓度",
        "answer": "wrong",
        "note": "",
        "hazard": hazard.number,
    }


def test_it_ends_with_two_officers_and_the_units_signature(city: City):
    check = planned(city)
    check_does(city, "begin", check, by="唐监管")
    with pytest.raises(Refused) as refused:
        check_does(city, "sign", check, by="唐监管")
    assert wrong(refused) == {("items", "items_unanswered")}
    check_does(city, "record", check, by="唐监管", answers={0: ("fine", ""), 1: ("wrong", "值班室无人")})
    check_does(city, "sign", check, by="唐监管")
    with pytest.raises(CheckMovedOn):
        check_does(city, "record", check, by="陈处长", answers={1: ("fine", "")})
    with pytest.raises(Refused) as refused:
        check_does(city, "finish", check, by="唐监管", given=Signing(opinion=""))
    assert wrong(refused) == {
        ("opinion", "required"),
        ("signed", "two_signatures"),
        ("representative", "sign_or_refuse"),
    }
    check_does(city, "sign", check, by="陈处长")
    done = check_does(city, "finish", check, by="陈处长", given=SIGNED)
    assert done.state == "finished"
    with city.database.reading(SYSTEM) as session:
        assert session.get_one(Personal, done.representative_digest).value == "何安全"


def test_a_refusal_to_sign_needs_two_witnesses(city: City):
    check = planned(city)
    carried_out(city, check)
    for witnesses in ((), ("甲",), ("甲", "甲")):
        with pytest.raises(Refused) as refused:
            check_does(
                city,
                "finish",
                check,
                by="唐监管",
                given=Signing(opinion="见记录", refusal="负责人拒签", witnesses=witnesses),
            )
        assert wrong(refused) == {("witnesses", "two_witnesses")}
    done = check_does(
        city,
        "finish",
        check,
        by="唐监管",
        given=Signing(opinion="见记录", refusal="负责人拒签", witnesses=("甲", "乙")),
    )
    assert len(done.witness_digests) == 2


def test_a_draw_is_written_down_and_comes_out_the_same_again(city: City):
    check = planned(city, by="陈处长", to=None, officers=(), draw_officers=1, seed="a" * 32)
    assert set(check.drawn) == {"enterprise", "officers"}
    assert all(repeats(one) for one in check.drawn.values())
    assert check.drawn["enterprise"]["drawn"] == [str(check.home_id)]
    assert str(members(check)[1]) == check.drawn["officers"]["drawn"][0]
    again = planned(city, by="陈处长", to=None, officers=(), draw_officers=1, seed="a" * 32)
    assert (again.home_id, again.team) == (check.home_id, check.team)
    forged = check.drawn["enterprise"] | {
        "drawn": [key for key in check.drawn["enterprise"]["candidates"] if key != str(check.home_id)]
    }
    assert not repeats(forged)


def test_the_riskier_is_drawn_more_often_in_proportion():
    candidates = [Candidate("calm", 1.0), Candidate("risky", 4.0)]
    first = Counter(draw(candidates, 1, f"seed {n}")[0] for n in range(4_000))
    assert 0.77 < first["risky"] / 4_000 < 0.83
    assert draw(candidates[::-1], 2, "x") == draw(candidates, 2, "x")
    assert repeats(protocol(candidates, 1, "x"))


def test_open_majors_weigh_on_the_draw(city: City):
    city.report("管线上方违章建筑占压", major=True)
    with city.database.reading(city.actor("陈处长").scope) as session:
        known = {one.id: one.name_zh for one in enterprises(session)}
        weights = {
            known[uuid.UUID(one.key)]: one.weight
            for one in queries.weighted(session, enterprises(session), city.now)
        }
    assert weights == {"恒川燃气": 4.0, "安平燃气": 1.0}
