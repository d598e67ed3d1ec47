"""Lists in answers."""

from __future__ import annotations

import pytest

from ptgbot.gathering.model import Gathering
from ptgbot.gathering.registry import folded, no_track
from ptgbot.testing import Chat


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (13, "alpha, beta … and 1 more"),
        (14, "alpha, beta, c"),
        (11, "alpha, beta … and 1 more"),
        (10, "alpha … and 2 more"),
        (1, "alpha … and 2 more"),
    ],
)
def test_a_list_is_cut_before_its_limit(limit: int, text: str) -> None:
    assert folded(["alpha", "beta", "c"], limit) == text


def test_a_whole_list_may_have_something_behind() -> None:
    assert folded(["alpha"], 350, ".") == "alpha."
    assert folded([]) == ""


def test_an_unknown_track_is_named_in_fifty_characters(event: Chat) -> None:
    assert no_track(Gathering(event.tree), "#" + "q" * 51) == f"There is no track {'q' * 49}…; +tracks lists them."
    assert no_track(Gathering(event.tree), "#" + "q" * 50) == f"There is no track {'q' * 50}; +tracks lists them."
    assert no_track(Gathering(event.tree), "nofa") == "There is no track nofa. Did you mean #nova?"


@pytest.mark.parametrize(("line", "answered"), [("#nov4 now x", True), ("#4nova now x", False), ("#nofa x", False)])
def test_a_name_of_no_track_may_be_conversation(event: Chat, line: str, answered: bool) -> None:
    assert bool(event(line)) is answered
