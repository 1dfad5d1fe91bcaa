"""Who owes which report by when, from values alone."""

from datetime import UTC, datetime, timedelta

from hazard_flow.accidents.reporting import Hop, Owed, Sent, hops, owed

T = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
H = timedelta(hours=1)
UP = hops("ordinary", ["county", "city"])


def test_an_ordinary_accident_goes_to_the_city_and_a_major_one_to_the_state():
    assert list(UP) == [Hop("enterprise", "county"), Hop("county", "city")]
    assert hops("larger", ["county", "city", "province"])[-1].receiver == "province"
    assert hops("major", ["county", "city", "province"])[-1] == Hop("province", "state")


def test_a_level_nobody_works_at_here_is_passed_over_and_nobody_is_left_out():
    assert hops("major", ["city"]) == (Hop("enterprise", "city"), Hop("city", "state"))


def test_the_enterprise_has_an_hour_from_when_it_knew():
    assert owed(UP, {1: T}, []) == (Owed(UP[0], 1, T + H),)


def test_the_next_level_has_two_hours_from_when_it_was_told():
    assert owed(UP, {1: T}, [Sent("county", 1, T + H / 2)]) == (Owed(UP[1], 1, T + 2.5 * H),)


def test_nothing_is_owed_when_every_level_knows_everything():
    assert owed(UP, {1: T}, [Sent("county", 1, T), Sent("city", 1, T + H)]) == ()


def test_new_figures_are_owed_anew_at_every_level_in_turn():
    sent = [Sent("county", 1, T), Sent("city", 1, T + H)]
    known = {1: T, 2: T + 5 * H}
    assert owed(UP, known, sent) == (Owed(UP[0], 2, T + 6 * H),)
    assert owed(UP, known, [*sent, Sent("county", 2, T + 6 * H)]) == (Owed(UP[1], 2, T + 8 * H),)


def test_figures_that_grow_while_a_level_is_late_do_not_give_it_more_time():
    known = {1: T, 2: T + H / 4}
    sent = [Sent("county", 1, T + H / 4), Sent("county", 2, T + H / 2)]
    assert owed(UP, known, sent) == (Owed(UP[1], 2, T + 2.25 * H),)
    assert owed(UP, known, []) == (Owed(UP[0], 2, T + H),)
