"""Each directive, built by a real Sphinx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Shown = Callable[..., Any]


def test_motd_shows_each_message_by_its_level(shown: Shown) -> None:
    page = shown(".. ptg:motd::")
    assert page.texts("ptg-info") == ["Soup at noon, see https://soup.example.org/menu"]
    assert page.texts("ptg-danger") == ["Danger: Leave the hall now, ask owl."]
    assert page.links()["https://soup.example.org/menu"] == "https://soup.example.org/menu"
    assert page.links()["owl"] == "https://pad.example.org/owl"


def test_an_unknown_level_looks_like_info(shown: Shown) -> None:
    assert shown(".. ptg:motd::", motd=[{"level": "x y", "message": "m"}]).texts("ptg-info") == ["m"]


def test_no_motd_shows_nothing(shown: Shown) -> None:
    assert shown(".. ptg:motd::", motd=[]).texts("ptg-motd") == [""]


def test_now_shows_topic_place_and_since_when(shown: Shown) -> None:
    page = shown(".. ptg:now::")
    assert page.texts("li")[1:] == ["fox Barn since 09:05 Dens, with owl"]
    assert page.links()["fox"] == "https://call.example.org/fox"
    assert page.links()["Barn"] == "https://call.example.org/barn"
    assert ("time", {"datetime": "2027-03-01T09:05+01:00"}, "09:05") in page.elements


def test_now_shows_meetings_without_topic_after_the_others(shown: Shown) -> None:
    page = shown(".. ptg:now::", coming=[booking("fox", "Barn"), booking("owl", "Loft"), booking("owl", "Barn")])
    assert page.texts("li")[1:] == ["fox Barn since 09:05 Dens, with owl", "owl Loft Barn no topic yet"]
    assert page.texts("ptg-nothing") == []


OVER = {
    "fox": {"text": "Dens", "since": "2027-03-01T08:05:00+00:00", "over": "2027-03-01T08:30:00+00:00"},
    "owl": {"text": "Mice", "since": "2027-02-26T08:05:00+00:00", "over": "2027-02-26T09:00:00+00:00"},
}


def test_topics_that_are_over_stand_below(shown: Shown) -> None:
    page = shown(".. ptg:now::", now=OVER, coming=[booking("owl", "Loft")])
    assert page.texts("ptg-cards") == ["owl Loft no topic yet"]
    assert page.texts("h2") == ["Earlier"]
    assert page.texts("ptg-earlier") == ["fox until Mon 09:30 Dens owl until Fri 10:00 Mice"]


def test_only_topics_that_are_over_are_nothing_now(shown: Shown) -> None:
    page = shown(".. ptg:now::", now=OVER, coming=[])
    assert (page.texts("ptg-cards"), page.texts("ptg-nothing")) == ([], ["Nothing is on now."])


def test_a_screen_leaves_out_topics_that_are_over(shown: Shown) -> None:
    assert shown(".. ptg:screen::", now=OVER).texts("ptg-topic") == []


def test_a_track_page_tells_its_last_topic(shown: Shown) -> None:
    page = shown(".. ptg:track:: fox", **{"track:fox": {"name": "fox", "now": OVER["fox"]}})
    assert page.texts("ptg-nothing")[0] == "No topic is set at the moment."
    assert "Last: Dens until Mon 09:30" in page.texts("p")


def booking(track: str, room: str) -> dict[str, Any]:
    """Return a booking of the slot that runs."""
    times = {"start": "2027-03-01T09:00:00+01:00", "end": "2027-03-01T10:30:00+01:00"}
    return {"track": track, "room": room, "day": "Monday", "slot": "MonA", **times}


def test_now_without_topics_says_so(shown: Shown) -> None:
    assert shown(".. ptg:now::", now={}).texts("ptg-nothing") == ["Nothing is on now."]


def test_next_shows_topics_in_order(shown: Shown) -> None:
    page = shown(".. ptg:next::")
    assert page.texts("ptg-topic") == ["Night flight", "Mice"]


def test_next_without_topics_says_so(shown: Shown) -> None:
    assert shown(".. ptg:next::", next={}).texts("ptg-nothing") == ["Nothing has been announced yet."]


def test_schedule_of_day_tabulates_rooms_and_slots(shown: Shown) -> None:
    page = shown(".. ptg:schedule:: Monday")
    assert page.texts("th") == [
        "Room",
        "09:00–10:30 MonA first",
        "MonB later",
        "Barn 40 seats Behind the house",
        "Loft board",
    ]
    assert page.texts("td") == ["fox", "free Barn-MonB", "owl", "closed"]
    scopes = [attributes["scope"] for tag, attributes, _ in page.elements if tag == "th"]
    assert scopes == ["col", "col", "col", "row", "row"]


def test_consecutive_slots_of_track_are_one_cell(shown: Shown) -> None:
    page = shown(".. ptg:schedule:: Monday", **{"schedule:Monday": {"Barn": {"MonA": "owl", "MonB": "owl"}}})
    assert [(a.get("colspan"), text) for tag, a, text in page.elements if tag == "td"] == [("2", "owl")]


def test_slots_that_are_over_are_folded(shown: Shown) -> None:
    table = {"Barn": {"MonA": "owl", "MonB": "fox"}}
    page = shown(".. ptg:schedule:: Monday", current=["MonB"], **{"schedule:Monday": table})
    assert page.texts("ptg-over") == ["Slots that are over: 1 09:00–10:30 MonA first owl Barn"]
    current = next(a for _, a, text in page.elements if text == "MonB later fox Barn" and "id" in a)
    assert current["id"].endswith("-now")


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2027-03-01", "Monday 1 March"),
        ("2027-02-28", "Monday 1 March, tomorrow"),
        ("2027-02-20", "Monday 1 March, in 9 days"),
        ("2027-03-03", "was Monday 1 March"),
        ("", "Monday 1 March"),
    ],
)
def test_the_schedule_of_today_says_which_day(shown: Shown, today: str, said: str) -> None:
    assert shown(".. ptg:schedule::\n   :today:", date=today).texts("ptg-which") == [said]


def test_a_day_without_date_is_told_by_name(shown: Shown) -> None:
    days: Any = [{"name": "Monday", "date": None, "slots": []}]
    assert shown(".. ptg:schedule::\n   :today:", date="2027-03-01", days=days).texts("ptg-which") == ["Monday"]

def test_track_links_its_meeting_else_its_rooms(shown: Shown) -> None:
    page = shown(".. ptg:schedule:: Monday", **{"schedule:Monday": {"Barn": {"MonA": "owl", "MonB": "fox"}}})
    assert page.links()["owl"] == "https://call.example.org/barn"
    assert page.links()["fox"] == "https://call.example.org/fox"


def test_free_slot_has_code_and_closed_word(shown: Shown) -> None:
    page = shown(".. ptg:schedule:: Monday")
    assert page.texts("ptg-code") == ["Barn-MonB", "Barn-MonB"]
    assert page.texts("ptg-closed") == ["closed"]


def test_rooms_closed_all_day_are_omitted(shown: Shown) -> None:
    assert "Loft" not in " ".join(shown(".. ptg:schedule:: Tuesday").texts("th"))


def test_list_by_time_agrees_with_the_table(shown: Shown) -> None:
    page = shown(".. ptg:schedule:: Monday")
    assert page.texts("ptg-time") == ["09:00–10:30 MonA first fox Barn owl Loft", "MonB later Free Barn-MonB"]


def test_the_slot_that_runs_is_marked(shown: Shown) -> None:
    page = shown(".. ptg:schedule::\n   :today:", current=["MonB"])
    assert page.texts("ptg-current") == ["MonB later", "free Barn-MonB", "closed", "MonB later Free Barn-MonB"]
    assert page.texts("ptg-past")[0] == "09:00–10:30 MonA first"


def test_all_days_have_headings_and_jumps(shown: Shown) -> None:
    page = shown(".. ptg:schedule::")
    assert page.texts("h2") == ["Monday", "Tuesday"]
    assert page.links()["Tuesday"] == "#day-tuesday"
    assert any(attributes.get("id") == "day-tuesday" for _, attributes, _ in page.elements)


@pytest.mark.parametrize(
    ("text", "changed", "said"),
    [
        (".. ptg:schedule:: Sunday", {}, "There is no day Sunday in this gathering."),
        (".. ptg:schedule::\n   :today:", {"today": None}, "No day of this gathering is known yet."),
        (".. ptg:schedule::", {"days": []}, "This gathering has no days yet."),
        (".. ptg:schedule:: Monday", {"schedule:Monday": {}}, "No room is open on Monday."),
        (".. ptg:etherpads::", {"tracks": {}}, "No track takes notes yet."),
        (".. ptg:links::", {"links": {}}, "There are no links yet."),
        (".. ptg:checkins::", {"check_ins": []}, "Nobody has checked in yet."),
    ],
)
def test_empty_directive_shows_a_sentence(shown: Shown, text: str, changed: dict[str, Any], said: str) -> None:
    assert shown(text, **changed).texts("ptg-nothing") == [said]


def test_etherpads_shows_each_track_with_its_notes(shown: Shown) -> None:
    page = shown(".. ptg:etherpads::")
    assert page.texts("li")[1:] == ["fox pad.example.org/fox", "owl pad.example.org/owl"]
    assert page.links()["pad.example.org/owl"] == "https://pad.example.org/owl"


def test_links_keeps_the_order_of_the_file(shown: Shown) -> None:
    page = shown(".. ptg:links::", links={"Z": "https://z.example.org/", "A": "https://a.example.org/"})
    assert page.texts("li")[1:] == ["Z", "A"]


def test_checkins_shows_people_with_place_and_time(shown: Shown) -> None:
    assert shown(".. ptg:checkins::").texts("li")[1:] == ["Edda fox since 08:30"]


def test_commands_come_from_the_registry(shown: Shown) -> None:
    page = shown(".. ptg:commands::")
    assert page.texts("h2") == ["For everybody", "With a fixed word", "For tracks", "For admins"]
    assert any("now" in term for term in page.texts("dt"))


def test_the_role_shows_a_badge(shown: Shown) -> None:
    page = shown("See :ptg:track:`Fox` and :ptg:track:`lynx`.", motd=[])
    assert page.texts("ptg-badge") == ["fox", "lynx"]
    assert page.links()["fox"] == "https://call.example.org/fox"


@pytest.mark.parametrize("name", ["motd", "now", "next", "schedule", "etherpads", "links", "checkins"])
def test_without_its_slice_a_directive_says_so(make_site: Callable[..., Any], name: str) -> None:
    site = make_site(index=f".. ptg:{name}::")
    assert site.build({})["ok"]
    assert "set ptg_state" in site.page().texts("ptg-nothing")[0]


def test_colours_stand_in_a_built_style_sheet(make_site: Callable[..., Any]) -> None:
    site = make_site(index=".. ptg:etherpads::")
    site.build()
    page = site.page()
    sheet = next(a["href"] for tag, a, _ in page.elements if tag == "link" and a.get("rel") == "stylesheet")
    text = (site.folder / "html" / sheet).read_text()
    assert text.endswith("\n.ptg-c-112233{background:#112233;color:#ffffff}\n")
    assert page.texts("ptg-c-112233") == ["fox"]


def test_no_page_has_inline_style_or_script(shown: Shown) -> None:
    page = shown(
        ".. ptg:motd::\n\n.. ptg:now::\n\n.. ptg:next::\n\n.. ptg:schedule::\n\n"
        ".. ptg:etherpads::\n\n.. ptg:links::\n\n.. ptg:checkins::\n\n.. ptg:commands::"
    )
    for tag, attributes, text in page.elements:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert tag != "script" or (text == "" and attributes["src"].startswith("_static/"))


def test_many_tracks_stand_in_several_lists(shown: Shown) -> None:
    names = [f"t{number:03}" for number in range(201)]
    page = shown(".. ptg:tracks::", tracks={name: {} for name in names}, meets={})
    assert [text.count("no slot booked") for text in page.texts("ptg-tracks")] == [60, 60, 60, 21, 201]
