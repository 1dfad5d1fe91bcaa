"""Every post has its duties and every holder signs them: yearly, and anew when the list changes."""

from datetime import timedelta

import pytest

from hazard_flow.daily_work.posts import operations, queries, wording
from hazard_flow.daily_work.posts.figures import figures
from hazard_flow.daily_work.posts.models import Post, PostHolder
from hazard_flow.daily_work.posts.standing import standing
from hazard_flow.daily_work.posts.templates_file import Duty, templates
from hazard_flow.errors import Conflict, NotAllowed, NotFound, Refused
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.daily_work import limit, today, told


def post(city: City, template: str = "inspector", unit: str = "运行一班") -> Post:
    actor = city.actor("何安全")
    with city.database.transaction(actor.scope) as session:
        organisation = session.get_one(Organisation, city.founded.units[unit])
        return operations.make(
            session, organisation=organisation, template=template, name="", actor=actor, now=city.now
        )


def appoint(city: City, of: Post, who: str = "李巡检", *, by: str = "何安全") -> PostHolder:
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.appoint(session, of.id, city.person(who), actor=actor, now=city.now)


def sign(city: City, holder: PostHolder, *, who: str = "李巡检", sha256: str | None = None) -> None:
    actor = city.actor(who)
    with city.database.transaction(actor.scope) as session:
        known = queries.duties(session, session.get_one(Post, holder.post_id))
        assert known is not None
        operations.sign(session, holder.id, sha256=sha256 or known.sha256, actor=actor, now=city.now)


def change(city: City, of: Post, lines: str) -> None:
    actor = city.actor("何安全")
    with city.database.transaction(actor.scope) as session:
        known = queries.duties(session, session.get_one(Post, of.id))
        assert known is not None
        before = [Duty.of(one) for one in known.duties]
        operations.change_duties(
            session, of.id, wording.read(lines, before), actor=actor, now=city.now, why="年度修订"
        )


def stands(city: City) -> list[str]:
    with city.database.reading(SYSTEM) as session:
        return [one.standing for one in queries.held(session, now=city.now)]


def test_whoever_takes_a_post_signs_within_a_week_or_it_climbs(city: City):
    holder = appoint(city, post(city))
    assert stands(city) == ["missing"]
    assert limit(city, holder.id, "duty_signature").due_at == city.now + timedelta(days=7)
    city.fast_forward(days=8)
    assert told(city, holder.id)[-1][0] == 2
    sign(city, holder)
    assert stands(city) == ["valid"]
    city.fast_forward(days=30)
    assert len(told(city, holder.id)) == 2


def test_a_signature_is_asked_for_again_after_a_year(city: City):
    holder = appoint(city, post(city))
    sign(city, holder)
    signed_at = city.now
    assert limit(city, holder.id, "duty_signature").due_at == signed_at + timedelta(days=365)
    city.fast_forward(days=366)
    assert stands(city) == ["expired"]
    assert told(city, holder.id)[-1][0] == 2
    sign(city, holder)
    assert stands(city) == ["valid"]


def test_a_changed_list_is_signed_anew_and_the_old_signature_stays(city: City):
    of = post(city)
    holder = appoint(city, of)
    sign(city, holder)
    city.fast_forward(days=30)
    change(city, of, wording.write(templates()["inspector"].duties) + "\n定期校验报警器 | 本单位制度")
    assert stands(city) == ["changed"]
    assert limit(city, holder.id, "duty_signature").due_at == city.now + timedelta(days=7)
    with city.database.reading(SYSTEM) as session:
        assert [one.version for one in queries.versions(session, of)] == [2, 1]
        assert [one.version for one in queries.signatures(session, [holder.id])] == [1]


def test_the_same_list_asks_nobody(city: City):
    of = post(city)
    sign(city, appoint(city, of))
    change(city, of, wording.write(templates()["inspector"].duties))
    assert stands(city) == ["valid"]


def test_nobody_signs_for_another_nor_a_list_that_changed_while_it_was_read(city: City):
    holder = appoint(city, post(city))
    with pytest.raises(NotAllowed):
        sign(city, holder, who="王班长")
    with pytest.raises(Conflict):
        sign(city, holder, sha256="0" * 64)
    assert stands(city) == ["missing"]


def test_lines_that_stay_keep_their_source_and_new_ones_are_the_enterprises_own():
    before = list(templates()["worker"].duties)
    lines = wording.write(before[1:]) + "\n\n参加班前会 | \n"
    after = wording.read(lines, before)
    assert after[:-1] == before[1:]
    assert (after[-1].text.zh, after[-1].clause.zh, after[-1].mark) == ("参加班前会", "本单位制度", "D")


def test_the_check_names_everybody_without_a_post(city: City):
    sign(city, appoint(city, post(city)))
    home = city.founded.units[HENGCHUAN]
    with city.database.reading(SYSTEM) as session:
        without = {one.name for one in queries.without_post(session, home_id=home)}
        found = figures(session, [home], today(city), now=city.now)[home]
    assert "李巡检" not in without
    assert {"韩总", "何安全", "王班长", "郑巡检"} <= without
    # an administrator alone does no gas work
    assert "钱管理" not in without
    assert (found.done, found.due) == (1, len(without) + 1)


def test_another_enterprise_neither_sees_nor_changes_it(city: City):
    of = post(city)
    with pytest.raises(NotFound), city.database.transaction(city.actor("马安全").scope) as session:
        operations.appoint(session, of.id, city.person("孙巡检"), actor=city.actor("马安全"), now=city.now)
    with pytest.raises(Refused) as refused:
        appoint(city, of, "孙巡检")
    assert [one.code for one in refused.value.fields] == ["person_unknown"]
    with pytest.raises(NotAllowed):
        appoint(city, of, by="李巡检")


def test_nobody_holds_a_post_twice_and_leaving_ends_what_is_owed(city: City):
    of = post(city)
    holder = appoint(city, of)
    with pytest.raises(Refused):
        appoint(city, of)
    actor = city.actor("何安全")
    with city.database.transaction(actor.scope) as session:
        operations.relieve(session, holder.id, actor=actor, now=city.now)
    assert limit(city, holder.id, "duty_signature").outcome == "dropped"
    assert appoint(city, of).id != holder.id


def test_an_unknown_template_is_refused(city: City):
    with pytest.raises(Refused):
        post(city, "clown")


def test_standings(city: City):
    at = city.now
    for version, signed, ago, expected in (
        (1, None, 0, "missing"), (2, 1, 0, "changed"), (1, 1, 364, "valid"), (1, 1, 365, "expired"), (2, 1, 400, "changed"),
    ):  # fmt: skip
        found = standing(
            version=version,
            signed_version=signed,
            signed_at=at - timedelta(days=ago) if signed else None,
            now=at,
        )
        assert found == expected
