"""Results and states as a sign and a word. Neither needs a colour to be understood."""

from __future__ import annotations

from typing import Final

from ptgbot.ci.matrix import Pair
from ptgbot.ci.standing import State
from ptgbot_site.build.words import say

SIGNS: Final = {"ok": "✔", "fail": "✘", "warn": "▲", "neutral": "–", "infra": "⚡"}
"""Signs by the class of a result."""
OF_STATE: Final = {
    State.DONE: "✔",
    State.RUNNING: "▶",
    State.PENDING: "…",
    State.SUPERSEDED: "»",
    State.MISSED: "○",
    State.NOT_EXPECTED: "·",
}
OF_STATUS: Final = {"success": "ok", "failure": "fail", "merge-failure": "infra", "config-error": "infra"}
"""The class of a run by its status."""


def word_of(state: State) -> str:
    """Return the word for a state in the language of the site."""
    return {
        State.DONE: say("done"),
        State.RUNNING: say("running"),
        State.PENDING: say("pending"),
        State.SUPERSEDED: say("superseded"),
        State.MISSED: say("missed"),
        State.NOT_EXPECTED: say("not expected"),
    }[state]


def told(status: str) -> str:
    """Return the word for the status of a run in the language of the site."""
    return {
        "success": say("success"),
        "failure": say("failure"),
        "merge-failure": say("merge failure"),
        "config-error": say("configuration error"),
    }.get(status, status)


def class_of_state(state: State) -> str:
    """Return the class of the style sheet for a state."""
    return str(state).replace(" ", "-")


def of_pair(pair: Pair) -> str:
    """Return the state of a CI on a project, as a sign and a word."""
    if pair.silent:
        return f"○ {say('silent')}"
    if pair.last is None:
        return f"○ {say('never reported')}"
    return f"✔ {say('reports')}" if pair.expected else f"– {say('no longer expected')}"
