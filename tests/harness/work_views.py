"""Pages of daily work in a city in which some was done, for whoever looks at all pages."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.daily_work.posts import operations as posts
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from tests.harness import daily_work as work
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City


def work_views(city: City) -> Iterator[tuple[str, str, str]]:
    """Name, address, and who looks."""
    _work(city)
    post = _post(city)
    kinds = {"cylinder": "何安全", "complaint": "何安全", "drill": "唐监管"}
    with city.database.reading(SYSTEM) as session:
        for kind, who in kinds.items():
            id_ = session.scalar(sa.select(WorkRecord.id).where(WorkRecord.kind == kind).limit(1))
            yield f"work-{kind}", f"/work/records/{id_}", who
    yield "work", "/work", "何安全"
    yield "work-officer", "/work?period=month", "唐监管"
    yield "work-line", "/work/training", "何安全"
    yield "work-items", "/work/drills?figure=drills_done&part=below", "何安全"
    yield "work-register", "/work/lpg/cylinder", "李巡检"
    yield "work-register-empty", "/work/leak_survey/leak", "何安全"
    yield "work-figure", "/work/corrosion/cp_reading?figure=protected_rate&part=above", "何安全"
    yield "work-new", "/work/drills/drill/new", "何安全"
    yield "work-movement", "/work/lpg/movement/new?cylinder=YQ-1", "李巡检"
    yield "work-import", "/work/lpg/cylinder/import", "何安全"
    yield "work-roster", "/work/duty/roster", "何安全"
    yield "posts", "/posts", "何安全"
    yield "posts-check", "/posts/check", "唐监管"
    yield "post", f"/posts/{post}", "李巡检"
    yield "post-plan", f"/posts/{post}", "何安全"


def _work(city: City) -> None:
    work.make_items(city)
    work.cylinder(city, "YQ-1", test_in=-5)
    work.move(city, "YQ-1", "delivery", files=[city.photo()], checked="yes", user_number="U-1")
    work.certificate(city, days=-2)
    work.drill(city)
    work.complaint(city)
    for volts in ("-0.92", "-0.79"):
        work.record(city, "cp_reading", measured_on=work.day(city), test_post=f"CP{volts}", potential_v=volts)
    monday = work.today(city) - timedelta(days=work.today(city).weekday())
    for post, who in (("dispatcher", "周调度"), ("leader", "韩总")):
        work.record(
            city,
            "shift",
            person=str(city.person(who)),
            post=post,
            begins_at=f"{monday}T08:00",
            ends_at=f"{monday + timedelta(days=6)}T20:00",
        )
    for answered in ("yes", "no"):
        work.record(
            city,
            "call_test",
            person=str(city.person("周调度")),
            called_at=city.now.isoformat(),
            answered=answered,
            answer_s="9" if answered == "yes" else "",
        )


def _post(city: City) -> str:
    actor = city.actor("何安全")
    with city.database.transaction(actor.scope) as session:
        home = session.get_one(Organisation, city.founded.units[HENGCHUAN])
        made = posts.make(
            session, organisation=home, template="inspector", name="", actor=actor, now=city.now
        )
        posts.appoint(session, made.id, city.person("李巡检"), actor=actor, now=city.now)
        return str(made.id)
