"""Icons of rooms: the names in existing files, and the few symbols that we draw."""

from __future__ import annotations

from docutils import nodes

from ptgbot_site.build.words import say

_PREFIXES = ("glyphicon-", "glyphicon ", "fa-", "fas-", "far-", "bi-", "fa ", "fas ")

_SYMBOLS = {
    "people": "user users group people friends person",
    "video": "video facetime camera film webcam webinar",
    "board": "blackboard chalkboard easel presentation edit pencil modal",
    "voice": "bullhorn microphone volume headphones comment comments phone earphone",
    "screen": "laptop desktop tv display monitor screen projector hdd",
    "food": "coffee cutlery utensils mug glass cup",
    "power": "plug bolt flash",
    "network": "wifi signal globe cloud rss",
    "access": "wheelchair accessible universal",
    "quiet": "lock eye bed moon off",
    "size": "sort signal resize fullscreen stats chart bars th",
    "star": "star heart certificate",
}
_WORDS = {word: symbol for symbol, words in _SYMBOLS.items() for word in words.split()}


def symbol(name: str) -> str:
    """Return our symbol for the name of an icon, ``room`` if no other fits."""
    bare = name.strip().lower()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    return _WORDS.get(bare.split("-", 1)[0], "room")


def icon(name: str) -> nodes.inline:
    """Return an icon without text. The style sheet draws it, and words beside it say what it means."""
    return nodes.inline("", "", classes=["ptg-icon", f"ptg-icon-{symbol(name)}"])


def spoken(name: str) -> str:
    """Return the meaning of an icon in words, for rooms that have only the icon."""
    return {
        "people": say("seats many"),
        "video": say("video"),
        "board": say("board"),
        "voice": say("sound"),
        "screen": say("screen"),
        "food": say("food and drinks"),
        "power": say("power"),
        "network": say("network"),
        "access": say("step-free"),
        "quiet": say("quiet"),
        "size": say("size"),
        "star": say("special"),
    }.get(symbol(name), "")
