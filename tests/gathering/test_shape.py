"""A wrong shape is refused whole, with the place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.gathering import shape
from ptgbot.gathering.document import from_document, read_partial, to_document
from ptgbot.store.export import Unreadable
from ptgbot.testing import START
from tests.gathering.sample import document

TEXT, OBJECT, LIST = "a text", "an object", "a list"


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(Unreadable) as caught:
        from_document(given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "place", "wanted", "found"),
    [
        ("eventid", 1, "eventid", TEXT, "a number"),
        ("title", None, "title", TEXT, "null"),
        ("timezone", [], "timezone", TEXT, LIST),
        ("dates", [], "dates", OBJECT, LIST),
        ("dates", {"Monday": 5}, "dates.Monday", TEXT, "a number"),
        ("voice", "1", "voice", "0 or 1", TEXT),
        ("voice", 2, "voice", "0 or 1", "a number"),
        ("voice", None, "voice", "0 or 1", "null"),
        ("voice", [], "voice", "0 or 1", LIST),
        ("links", [], "links", OBJECT, LIST),
        ("links", {"Map": None}, "links.Map", TEXT, "null"),
        ("motd", "hello", "motd", LIST, TEXT),
        ("motd", None, "motd", LIST, "null"),
        ("motd", {"message": 1}, "motd.message", TEXT, "a number"),
        ("motd", ["hello"], "motd[0]", OBJECT, TEXT),
        ("motd", [{"level": "info", "message": 1.5}], "motd[0].message", TEXT, "a number"),
        ("tracks", {"nova": True}, "tracks", LIST, OBJECT),
        ("tracks", ["nova", 5], "tracks[1]", TEXT, "a number"),
        ("slots", [], "slots", OBJECT, LIST),
        ("slots", {"Monday": {}}, "slots.Monday", LIST, OBJECT),
        ("slots", {"Monday": ["A"]}, "slots.Monday[0]", OBJECT, TEXT),
        ("slots", {"Monday": [{"name": 1}]}, "slots.Monday[0].name", TEXT, "a number"),
        ("slots", {"Monday": [{"name": "A", "desc": False}]}, "slots.Monday[0].desc", TEXT, "true or false"),
        ("slots", {"Monday": [{"name": "A", "realtime": 5}]}, "slots.Monday[0].realtime", TEXT, "a number"),
        ("slots", {"Monday": [{"name": "A", "duration": "5"}]}, "slots.Monday[0].duration", "a number", TEXT),
        (
            "slots",
            {"Monday": [{"name": "A", "duration": True}]},
            "slots.Monday[0].duration",
            "a number",
            "true or false",
        ),
        ("schedule", [], "schedule", OBJECT, LIST),
        ("schedule", {"Aspen": []}, "schedule.Aspen", OBJECT, LIST),
        ("schedule", {"Aspen": {"A": None}}, "schedule.Aspen.A", TEXT, "null"),
        ("now", [], "now", OBJECT, LIST),
        ("now", {"nova": None}, "now.nova", TEXT, "null"),
        ("next", {"nova": "x"}, "next.nova", LIST, TEXT),
        ("next", {"nova": [1]}, "next.nova[0]", TEXT, "a number"),
        ("location", {"nova": 1}, "location.nova", TEXT, "a number"),
        ("etherpads", {"nova": 1}, "etherpads.nova", TEXT, "a number"),
        ("urls", {"nova": {}}, "urls.nova", TEXT, OBJECT),
        ("colors", {"nova": []}, "colors.nova", TEXT, LIST),
        ("last_check_in", [], "last_check_in", OBJECT, LIST),
        ("last_check_in", {"mira": "bar"}, "last_check_in.mira", OBJECT, TEXT),
        ("last_check_in", {"mira": {"nick": 1}}, "last_check_in.mira.nick", TEXT, "a number"),
        ("last_check_in", {"mira": {"out": False}}, "last_check_in.mira.out", TEXT, "true or false"),
        ("subscriptions", {"mira": []}, "subscriptions.mira", TEXT, LIST),
        ("timestamp", 5, "timestamp", TEXT, "a number"),
        ("ptgbot", [], "ptgbot", OBJECT, LIST),
        ("ptgbot", {"now_since": []}, "ptgbot.now_since", OBJECT, LIST),
        ("ptgbot", {"moderators": {"mira": "nova"}}, "ptgbot.moderators.mira", LIST, TEXT),
        ("ptgbot", {"typed_location": "nova"}, "ptgbot.typed_location", LIST, TEXT),
        ("ptgbot", {"told_pattern": []}, "ptgbot.told_pattern", OBJECT, LIST),
    ],
)
def test_a_wrong_type_is_named_with_its_place(key: str, value: object, place: str, wanted: str, found: str) -> None:
    assert refusal(document(**{key: value})) == f"{place}: expected {wanted}, found {found}."


def test_every_key_has_a_check_that_refuses_something() -> None:
    for key in shape.CHECKS:
        with pytest.raises(Unreadable):
            shape.check({key: 1j})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"slots": {"Monday": [{"desc": "x"}]}}, "slots.Monday[0]: “name” is missing."),
        ({"motd": [{"level": "info"}]}, "motd[0]: “message” is missing."),
        ({"tracks": ["Nova", "x", "nOVA"]}, "tracks: “Nova” and “nOVA” are the same track."),
        ({"now": {"Nova": "a", "nova": "b"}}, "now: “nova” stands there twice, written differently."),
        ({"title": "a\ud800b"}, "title: half of a surrogate pair stands in the text."),
        ({"mine": {"x": ["\udfff"]}}, "mine.x[0]: half of a surrogate pair stands in the text."),
    ],
)
def test_a_wrong_value_is_named_with_its_place(given: dict[str, Any], said: str) -> None:
    assert refusal(given) == said


@pytest.mark.parametrize("key", ["last_check_in", "subscriptions", "timestamp"])
def test_null_is_accepted_where_original_writes_it(key: str) -> None:
    value = {
        "timestamp": None,
        "subscriptions": {"mira": None},
        "last_check_in": {"mira": dict.fromkeys(["out", "in"])},
    }
    from_document({key: value[key]})


@pytest.mark.parametrize(("given", "kept"), [(True, 1), (False, 0), (1.0, 1)])
def test_true_and_false_are_read_as_voice(given: object, kept: int) -> None:
    assert from_document({"voice": given}).tree["voice"] is kept


# bytes


def said_of(raw: bytes, **limits: int) -> str:
    with pytest.raises(Unreadable) as caught:
        shape.decode(raw, **limits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "line 1, column 1: Expecting value."),
        (b'{\n "a": 1\n', "line 3, column 1: Expecting ',' delimiter."),
        (b"[]", "the document: expected an object, found a list."),
        (b'"x"', "the document: expected an object, found a text."),
        (b"null", "the document: expected an object, found null."),
        (b"1", "the document: expected an object, found a number."),
        (b'{"a": NaN}', "it can't be read: NaN is not a number that JSON knows."),
        (b'{"a": Infinity}', "it can't be read: Infinity is not a number that JSON knows."),
        (b'{"a": -Infinity}', "it can't be read: -Infinity is not a number that JSON knows."),
        (b'{"a": 1e999}', "it can't be read: 1e999 is too large a number."),
        (b'{"a": -1e999}', "it can't be read: -1e999 is too large a number."),
        (b'{"a": {"b": 1, "b": 2}}', "it can't be read: “b” stands twice in one object."),
        (b'{"\\ud800\\n": 1, "\\ud800\\n": 2}', "it can't be read: “�” stands twice in one object."),
        (b'{"a": "\xff"}', "byte 8: this is not UTF-8."),
    ],
)
def test_bytes_that_are_not_json_are_refused(raw: bytes, said: str) -> None:
    assert said_of(raw) == said


def test_a_number_of_very_many_digits_is_refused() -> None:
    assert said_of(b'{"a": ' + b"9" * 5000 + b"}").startswith("it can't be read")


def test_too_large_document_is_refused() -> None:
    assert said_of(b'{"a": "' + b"x" * 100 + b'"}', limit=100) == "the document has 109 bytes; 100 are allowed."


@pytest.mark.parametrize("box", [(b"[", b"]"), (b'{"a":', b"}")])
def test_too_deep_document_is_refused(box: tuple[bytes, bytes]) -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' + box[0] * levels + b"1" + box[1] * levels + b"}"

    shape.decode(nested(shape.MAX_DEPTH - 2))
    assert said_of(nested(shape.MAX_DEPTH)) == "the document is nested more than 30 levels deep."
    assert said_of(nested(200_000)).startswith(("it can't be read", "the document is nested"))


SMALL = json.dumps(
    {**document(), "title": "Frühling 🎉", "motd": [{"level": "info", "message": "“x”"}]}, ensure_ascii=False, indent=1
).encode()


def test_truncated_document_is_unreadable_at_any_cut() -> None:
    read_partial(SMALL)
    for end in range(len(SMALL)):
        with pytest.raises(Unreadable):
            read_partial(SMALL[:end])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_document_is_read_or_unreadable(at: int, damage: bytes) -> None:
    raw = SMALL[:at] + damage + SMALL[at + len(damage) :]
    try:
        gathering = from_document(shape.decode(raw))
    except Unreadable:
        return
    json.dumps(to_document(gathering.tree, START), allow_nan=False).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*shape.CHECKS, "other"]), JSON, max_size=4))
def test_any_json_is_unreadable_or_written_back(given: dict[str, Any]) -> None:
    try:
        gathering = from_document(shape.decode(json.dumps(given).encode()))
    except Unreadable:
        return
    made = to_document(gathering.tree, START)
    json.dumps(made, ensure_ascii=False, allow_nan=False).encode()
    assert from_document(made).tree == gathering.tree
