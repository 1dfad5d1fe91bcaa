"""Whoever made a request hears how it was decided, also when the hazard has passed to somebody else meanwhile."""

from tests.harness.city import City


def test_who_asked_and_then_gave_it_up_hears_the_decision(city: City):
    """The leader of another team asked for more time; when it is decided, the work is no longer theirs."""
    hazard = city.report()
    city.assign(hazard, responsible=str(city.person("吴班长")))
    city.accept(hazard)
    city.request_extension(hazard)
    city.reassign(hazard, "王班长")

    city.decide_extension(hazard)

    decided = [m for m in city.told(hazard, template="told") if m.params["action"] == "decide_extension"]
    assert {m.who for m in decided} == {"吴班长", "王班长"}


def test_who_asked_hears_that_it_lapsed(city: City):
    """Nobody decided: that is an answer too, beside whoever should have decided."""
    hazard = city.report()
    city.assign(hazard, responsible=str(city.person("吴班长")))
    city.accept(hazard)
    city.request_extension(hazard)
    city.reassign(hazard, "王班长")

    city.fast_forward(days=7)

    lapsed = [m for m in city.told(hazard, template="told") if m.params["action"] == "lapse_extension"]
    assert {m.who for m in lapsed} == {"吴班长", "何安全"}
