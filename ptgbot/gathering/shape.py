"""The shape of a ``ptg.json``. A document of another shape is refused, naming the place; odd values are kept.

Each check takes a value and its place, and returns the value as the state keeps it. It raises Unreadable for a value of
the wrong shape.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ptgbot.chat.text import clean, fold, short
from ptgbot.gathering.model import ROOM_INFO
from ptgbot.store.export import Unreadable

MAX_BYTES = 50_000_000
MAX_DEPTH = 30

Check = Callable[[Any, str], Any]
"""Takes a value and its place; returns the value as the state keeps it. Raises Unreadable."""

_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def _refuse(place: str, wanted: str, value: object) -> NoReturn:
    raise Unreadable(
        f"{place or 'the document'}: expected {wanted}, found {_KINDS.get(type(value), 'something else')}."
    )


def text(value: Any, place: str) -> str:
    """Check a text.

    Raises:
        Unreadable: it is not a text, or holds a lone surrogate, which UTF-8 cannot encode.
    """
    if not isinstance(value, str):
        _refuse(place, "a text", value)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Unreadable(f"{place}: half of a surrogate pair stands in the text.")
    return value


def text_or_null(value: Any, place: str) -> str | None:
    """Check a text or null.

    Raises:
        Unreadable: it is neither.
    """
    return None if value is None else text(value, place)


def number(value: Any, place: str) -> int | float:
    """Check a number.

    Raises:
        Unreadable: it is not a number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(place, "a number", value)
    return value


def flag(value: Any, place: str) -> int:
    """Check 0 or 1; true and false are accepted as such.

    Raises:
        Unreadable: it is neither.
    """
    if value not in (0, 1):
        _refuse(place, "0 or 1", value)
    return int(value)


def objects(of: Check) -> Check:
    """Return a check for an object whose values all pass ``of``. The check raises Unreadable."""

    def check(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            _refuse(place, "an object", value)
        return {text(key, place): of(inner, f"{place}.{short(key)}") for key, inner in value.items()}

    return check


def lists(of: Check) -> Check:
    """Return a check for a list whose items all pass ``of``. The check raises Unreadable."""

    def check(value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            _refuse(place, "a list", value)
        return [of(inner, f"{place}[{index}]") for index, inner in enumerate(value)]

    return check


def fields(known: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """Return a check for an object with these fields; other fields are kept as they are.

    The check raises Unreadable.
    """

    def check(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            _refuse(place, "an object", value)
        for name in required:
            if name not in value:
                raise Unreadable(f"{place}: “{name}” is missing.")
        keep: Check = plain
        return {text(key, place): known.get(key, keep)(inner, f"{place}.{key}") for key, inner in value.items()}

    return check


def plain(value: Any, place: str) -> Any:
    """Check any JSON for lone surrogates.

    Raises:
        Unreadable: a text holds a lone surrogate.
    """
    if isinstance(value, dict):
        return objects(plain)(value, place)
    if isinstance(value, list):
        return lists(plain)(value, place)
    return text(value, place) if isinstance(value, str) else value


_motd_item = fields({"level": text, "message": text}, ("level", "message"))


def motd(value: Any, place: str) -> list[dict[str, str]]:
    """Check the messages of the day. The single object in old files becomes a list.

    Raises:
        Unreadable: they have another shape.
    """
    if isinstance(value, dict):
        item = _motd_item({"level": "info", "message": "", **value}, place)
        return [item] if item["message"] else []
    items: list[dict[str, str]] = lists(_motd_item)(value, place)
    return items


def tracks(value: Any, place: str) -> dict[str, bool]:
    """Check the list of tracks and fold the names.

    Raises:
        Unreadable: it is not a list of texts, or two names fold to the same.
    """
    names: dict[str, str] = {}
    for name in lists(text)(value, place):
        folded = fold(name)
        if folded in names:
            raise Unreadable(f"{place}: “{short(names[folded])}” and “{short(name)}” are the same track.")
        names[folded] = name
    return dict.fromkeys(sorted(names), True)


def by_track(of: Check) -> Check:
    """Return a check for an object whose keys are tracks, which it folds. The check raises Unreadable."""

    def check(value: Any, place: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, inner in objects(of)(value, place).items():
            if fold(name) in found:
                raise Unreadable(f"{place}: “{short(name)}” stands there twice, written differently.")
            found[fold(name)] = inner
        return found

    return check


def schedule(value: Any, place: str) -> dict[str, dict[str, str]]:
    """Check the rooms. Names of tracks in slots are folded; descriptions of rooms are not.

    Raises:
        Unreadable: it is not an object of objects of texts.
    """
    rooms: dict[str, dict[str, str]] = objects(objects(text))(value, place)
    return {
        room: {key: cell if key in ROOM_INFO else fold(cell) for key, cell in cells.items()}
        for room, cells in rooms.items()
    }


CHECKS: dict[str, Check] = {
    "eventid": text,
    "title": text,
    "timezone": text,
    "dates": objects(text),
    "voice": flag,
    "links": objects(text),
    "motd": motd,
    "tracks": tracks,
    "slots": objects(lists(fields({"name": text, "desc": text, "realtime": text, "duration": number}, ("name",)))),
    "schedule": schedule,
    "now": by_track(text),
    "next": by_track(lists(text)),
    "location": by_track(text),
    "etherpads": by_track(text),
    "urls": by_track(text),
    "colors": by_track(text),
    "room_status": objects(fields({"state": number, "until": text_or_null}, ("state",))),
    "descriptions": by_track(text),
    "contacts": by_track(lists(text)),
    "last_check_in": objects(
        fields({"nick": text_or_null, "location": text_or_null, "in": text_or_null, "out": text_or_null})
    ),
    "subscriptions": objects(text_or_null),
    "timestamp": text_or_null,
    "ptgbot": fields(
        {
            "now_since": objects(text),
            "moderators": objects(lists(text)),
            "typed_location": lists(text),
            "told_pattern": objects(text),
        }
    ),
}


def decode(raw: bytes, limit: int = MAX_BYTES) -> dict[str, Any]:
    """Parse JSON bytes into an object.

    Raises:
        Unreadable: the bytes are not a JSON object, or exceed ``limit`` bytes or 30 levels. The message names the
            place.
    """
    if len(raw) > limit:
        raise Unreadable(f"the document has {len(raw)} bytes; {limit} are allowed.")
    try:
        value = json.loads(raw, parse_constant=_constant, parse_float=_float, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start + 1}: this is not UTF-8.") from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(f"it can't be read: {error}.") from error
    if not isinstance(value, dict):
        _refuse("", "an object", value)
    if depth(value) > MAX_DEPTH:
        raise Unreadable(f"the document is nested more than {MAX_DEPTH} levels deep.")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{short(digits, 20)} is too large a number")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{short(clean(twice))}” stands twice in one object")
    return found


def depth(value: Any) -> int:
    """Return the number of nested levels of lists and objects."""
    level, here = 0, [value]
    while here:
        level += 1
        inner = [child for box in here if isinstance(box, dict | list) for child in _children(box)]
        here = inner
    return level


def _children(box: dict[str, Any] | list[Any]) -> list[Any]:
    return list(box.values()) if isinstance(box, dict) else box


def check(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked document. Unknown keys are kept as they are.

    Raises:
        Unreadable: a value has the wrong shape; the message names the place.
    """
    return {text(key, ""): CHECKS.get(key, plain)(value, key) for key, value in document.items()}
