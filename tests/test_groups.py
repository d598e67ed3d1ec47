"""Groups of rooms: what the configuration may say of them, and how people name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.chat.groups import Group, Groups
from ptgbot.chat.message import Target
from ptgbot.config import ConfigError, load

NETWORKS = """
[[irc]]
name = "harbour"
server = "irc.example.org"
channels = ["#Infra", "#events"]

[[irc]]
name = "meadow"
server = "irc.example.net"
channels = ["#events", {name = "#ops", features = []}]
"""


def groups(folder: Path, text: str) -> Groups:
    path = folder / "ptgbot.toml"
    path.write_text(text + NETWORKS, "utf-8")
    return load(path).groups


def test_group_has_rooms_as_networks_name_them(tmp_path: Path) -> None:
    found = groups(
        tmp_path,
        "[groups.Infra]\nrooms = ['#infra', 'Meadow/#events', 'harbour/#Infra']\n"
        "[groups.floor-2]\nrooms = ['#ops']\npublic = true\n",
    )
    infra = Group("Infra", (Target("harbour", "#Infra"), Target("meadow", "#events")), False)
    assert found.find("infra") == infra
    assert found.find("@INFRA") == infra
    assert found.find("@floor-2") == Group("floor-2", (Target("meadow", "#ops"),), True)


def test_group_all_is_public_and_has_every_room(tmp_path: Path) -> None:
    rooms = [("harbour", "#Infra"), ("harbour", "#events"), ("meadow", "#events"), ("meadow", "#ops")]
    assert groups(tmp_path, "").groups == (Group("all", tuple(Target(*room) for room in rooms), True),)


def test_no_network_leaves_all_empty(tmp_path: Path) -> None:
    path = tmp_path / "ptgbot.toml"
    path.write_text("")
    assert load(path).groups.find("all") == Groups().find("all") == Group("all", (), True)


def test_a_mistyped_group_has_a_near_name(tmp_path: Path) -> None:
    found = groups(tmp_path, "[groups.Infra]\nrooms = ['#infra']\n")
    assert found.find("@infar") is None
    assert found.near("@INFAR") == "Infra"
    assert found.near("al") == "all"
    assert found.near("@quiet") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n[groups.a]\n", "line 2: groups.a: a group needs at least one room."),
        ("[groups.a]\nrooms = []\n", "line 1: groups.a: a group needs at least one room."),
        ("[groups.a]\nrooms = '#infra'\n", "line 2: groups.a.rooms: expected a list, found '#infra'."),
        (
            "[groups.a]\nrooms = ['#infra']\n\n[groups.b]\nrooms = ['#infar']\n",
            "line 5: groups.b.rooms: no network has #infar. Did you mean #Infra?",
        ),
        (
            "[groups.a]\nrooms = ['meadow/#opps']\n",
            "line 2: groups.a.rooms: no network has meadow/#opps. Did you mean meadow/#ops?",
        ),
        (
            "[groups.a]\nrooms = ['harbor/#infra']\n",
            "line 2: groups.a.rooms: there is no network harbor. Did you mean harbour?",
        ),
        (
            "[groups.a]\nrooms = ['oasis/#infra']\n",
            "line 2: groups.a.rooms: there is no network oasis. There are harbour, meadow.",
        ),
        (
            "[groups.a]\nrooms = ['#events']\n",
            "line 2: groups.a.rooms: several networks have #events. Write harbour/#events or meadow/#events.",
        ),
        ("[groups.a]\nrooms = ['#ops']\npublik = true\n", "line 3: unknown key groups.a.publik. Did you mean public?"),
        ("[groups.a]\nrooms = ['#ops']\npublic = 1\n", "line 3: groups.a.public: expected true or false, found 1."),
        ("[groups]\na = { rooms = ['#opps'] }\n", "line 2: groups.a.rooms: no network has #opps. Did you mean #ops?"),
        ("\n[groups.'in fra']\nrooms = ['#ops']\n", "line 2: groups.in fra: a name has letters, digits, - and _ only"),
        ("[groups.'@infra']\nrooms = ['#ops']\n", "line 1: groups.@infra: a name has letters"),
        ("[groups.'']\nrooms = ['#ops']\n", "groups.: a name has letters"),
        ("[groups.-a]\nrooms = ['#ops']\n", "line 1: groups.-a: a name has letters"),
        ("[groups.All]\nrooms = ['#ops']\n", "line 1: groups.All: all is the group of every room already"),
        (
            "[groups.a]\nrooms = ['#ops']\n[groups.A]\nrooms = ['#ops']\n",
            "line 3: groups.A: capitals make no difference; a is the same name.",
        ),
        ("groups = 5\n", "groups must be a table; write [groups.NAME]."),
        ("[groups]\na = 5\n", "groups.a must be a table."),
        ("[group.a]\n", "line 1: unknown key group. Did you mean groups?"),
    ],
)
def test_impossible_group_is_named_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        groups(tmp_path, text)
    assert sentence in str(caught.value)
