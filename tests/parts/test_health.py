"""What ``/healthz`` says of the parts."""

from __future__ import annotations

from ptgbot.chat.adapter import Colour, Health
from ptgbot.parts.health import HealthBoard, Part


def board(*colours: Colour) -> HealthBoard:
    made = HealthBoard(lambda: {"dropped_lines": 3})
    for number, colour in enumerate(colours):
        made.parts[f"part{number}"] = Part(lambda colour=colour: Health(colour, "so so"))  # type: ignore[misc]
    return made


def test_single_red_part_makes_health_red() -> None:
    assert board(Colour.GREEN, Colour.YELLOW).report()[0]
    assert not board(Colour.GREEN, Colour.RED).report()[0]


def test_counts_are_listed_with_their_part() -> None:
    made = board(Colour.GREEN)
    made.parts["birds/source"] = Part(lambda: Health(Colour.YELLOW, "later"), lambda: {"facts": 2})
    assert made.report()[1] == {
        "ok": True,
        "ready": True,
        "parts": {
            "part0": {"colour": "green", "text": "so so"},
            "birds/source": {"colour": "yellow", "text": "later", "counts": {"facts": 2}},
        },
        "counts": {"dropped_lines": 3},
    }
