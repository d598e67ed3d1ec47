"""A network that the bot has lost, or whose rooms it is in none of, is red after a time that is set."""

from __future__ import annotations

from attrs import define, field

from ptgbot.chat.adapter import Colour, Health
from ptgbot.parts.presence import Presence
from ptgbot.testing import FakeAdapter

YELLOW = Health(Colour.YELLOW, "not in #a")


@define(eq=False)
class Somewhere(FakeAdapter):
    """A network whose connection and rooms a test sets."""

    connected: bool = True
    inside: set[str] = field(factory=set)

    def is_connected(self) -> bool:
        return self.connected

    def room(self, name: str) -> str | None:
        return name if name in self.inside else None


@define
class Scene:
    adapter: Somewhere = field(factory=Somewhere)
    now: float = 0.0
    presence: Presence = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.presence = Presence(
            {"irc": self.adapter}, {"irc": ["#a", "#ops"]}, ["#OPS"], 120.0, 20.0, clock=lambda: self.now
        )

    def after(self, seconds: float) -> Colour:
        self.now += seconds
        return self.presence.judged("irc", YELLOW).colour


def test_in_no_room_turns_red_after_set_time() -> None:
    scene = Scene()
    assert (scene.after(0), scene.after(119)) == (Colour.YELLOW, Colour.YELLOW)
    assert scene.after(1) is Colour.RED
    scene.adapter.inside.add("#a")
    assert scene.after(0) is Colour.YELLOW


def test_room_of_operators_alone_does_not_count() -> None:
    scene = Scene(Somewhere(inside={"#ops"}))
    scene.after(0)
    assert scene.after(121) is Colour.RED


def test_lost_connection_turns_red_sooner() -> None:
    scene = Scene(Somewhere(connected=False))
    assert (scene.after(0), scene.after(19), scene.after(1)) == (Colour.YELLOW, Colour.YELLOW, Colour.RED)
    assert scene.presence.judged("irc", YELLOW).text == "no connection for more than 20 s: not in #a"


def test_each_login_is_counted() -> None:
    scene = Scene()
    for connected in (True, True, False, True):
        scene.adapter.connected = connected
        scene.presence.look()
    assert scene.presence.connections == {"irc": 2}
