"""Rooms as addresses for the site."""

from __future__ import annotations

from ptgbot.chat.adapter import Place
from ptgbot_matrix.addresses import places
from ptgbot_matrix.config import MatrixConfig, RoomConfig


def test_rooms_with_an_alias_are_addresses_and_others_stay_out() -> None:
    rooms = ("#ptg:example.org", "!secret:example.org", RoomConfig(id="#log:example.org", features=("status",)))
    config = MatrixConfig(homeserver="https://matrix.example.org", user="@bot:example.org", rooms=rooms)
    assert places(config) == [Place("#ptg:example.org", "https://matrix.to/#/%23ptg%3Aexample.org")]
