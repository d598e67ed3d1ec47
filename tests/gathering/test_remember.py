"""What is remembered never shows: lookups answer as a scan of the whole table would."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.gathering.document import from_document
from ptgbot.gathering.model import Gathering, check_in
from ptgbot.gathering.remember import Names, remembered
from ptgbot.gathering.schedule import Calendar
from ptgbot.store.edits import Edit, applied
from ptgbot.testing import START
from tests.gathering.sample import document


def initials(key: str, value: Mapping[str, str]) -> set[str]:
    return {key[0], value["nick"]}


TABLE = st.dictionaries(
    st.text("ab", min_size=1, max_size=3), st.fixed_dictionaries({"nick": st.sampled_from("abc")}), max_size=8
)


@settings(max_examples=200, deadline=None)
@given(st.lists(TABLE, max_size=6))
def test_names_find_same_keys_as_scan(history: list[dict[str, dict[str, str]]]) -> None:
    names = Names(initials)
    for table in history:
        for name in "abc":
            scanned = {key for key, value in table.items() if name in initials(key, value)}
            found = names.find(table, name)
            assert (set(found), len(found)) == (scanned, len(scanned))


def test_only_the_entries_that_differ_are_named_anew() -> None:
    named: list[str] = []

    def names_of(key: str, value: int) -> list[str]:
        named.append(f"{key}{value}")
        return [key.upper()]

    names, table = Names(names_of), {"a": 1, "b": 2, "c": 3}
    assert names.find(table, "A") == ["a"]
    named.clear()
    after = {**table, "c": 4, "d": 5}
    assert names.find(after, "C") == ["c"]
    assert sorted(named) == ["c3", "c4", "d5"]
    named.clear()
    assert names.find(after, "X") == ()
    assert named == []


def test_equal_but_different_object_is_recomputed() -> None:
    numbers = itertools.count(1)
    count = remembered(lambda _one: next(numbers))
    first = {"a": 1}
    assert [count(first), count(dict(first)), count(first)] == [1, 2, 1]


def test_the_oldest_result_is_forgotten() -> None:
    numbers = itertools.count(1)
    count = remembered(lambda _one: next(numbers))
    tables: list[dict[str, int]] = [{} for _ in range(5)]
    assert [count(one) for one in (*tables, tables[4], tables[0])] == [1, 2, 3, 4, 5, 5, 6]


def test_two_zones_of_one_schedule_are_kept_apart() -> None:
    gathering = from_document(document(timezone=""))
    calendars = [Calendar.of(gathering, START, zone) for zone in ("Europe/Berlin", "Asia/Tokyo")]
    starts = [calendar.days[0].slots[0].start for calendar in calendars]
    assert [str(start) for start in starts] == ["2026-11-16 09:00:00+01:00", "2026-11-16 09:00:00+09:00"]


def test_first_of_two_spellings_in_table_wins() -> None:
    people = {"x[]": {"nick": "x[]"}, "x{}": {"nick": "x{}"}}
    gathering = from_document({"last_check_in": people})
    assert gathering.find_key("last_check_in", "X[}", "rfc1459") == "x[]"
    assert gathering.find_key("last_check_in", "X[}", "ascii") == "X[}"
    turned = from_document({"last_check_in": dict(reversed(people.items()))})
    assert turned.find_key("last_check_in", "X[}", "rfc1459") == "x{}"


def test_people_are_found_by_each_of_their_names() -> None:
    raw = {"nick": "Mira"}
    gathering = from_document({"last_check_in": {"@mira_h:example.org": raw, "mira@oftc": raw, "tomas": {}}})
    matrix, irc = check_in("@mira_h:example.org", raw), check_in("mira@oftc", raw)
    assert gathering.check_ins_named("@MIRA", "ascii") == [matrix, irc]
    assert gathering.check_ins_named("mira_h", "ascii") == [matrix]
    assert gathering.check_ins_named("mira@oftc", "ascii") == [irc]
    assert gathering.check_in_of("uwe") is None


@settings(max_examples=100, deadline=None)
@given(st.lists(TABLE, max_size=6))
def test_check_ins_equal_table_after_any_history(history: list[dict[str, dict[str, str]]]) -> None:
    for table in history:
        gathering = from_document({"last_check_in": table})
        assert gathering.check_ins == [check_in(key, raw) for key, raw in sorted(table.items())]


def test_new_check_in_reuses_the_others_parsed() -> None:
    table = {"mira": {"nick": "Mira"}, "uwe": {"nick": "Uwe"}}
    gathering = from_document({"last_check_in": table})
    before = gathering.check_ins
    after = Gathering(applied(gathering.tree, [Edit(("last_check_in", "uwe", "nick"), "Uwe", "U")])).check_ins
    assert after[0] is before[0]
    assert after[1] == check_in("uwe", {"nick": "U"})
