from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix import MatrixAdapter, MatrixConfig, check_config, check_secrets
from ptgbot_matrix.config import RoomConfig
from ptgbot_matrix.session.login import MatrixSession, SessionFile


def config(tmp_path: Path, **settings: object) -> MatrixConfig:
    password = tmp_path / "password"
    if not password.exists():
        password.write_text("secret\n")
    chosen: dict[str, object] = {
        "homeserver": "https://matrix.example.org",
        "user": "@ptgbot:example.org",
        "rooms": ("#ptg:example.org",),
        "password_file": password,
        **settings,
    }
    return MatrixConfig(**chosen)  # type: ignore[arg-type]


def test_minimal_configuration_is_valid(tmp_path: Path) -> None:
    made = config(tmp_path)
    assert (made.name, made.moderator_level, made.admin_level, made.password) == ("matrix", 50, 100, "secret")
    assert (check_config(made), check_secrets(made)) == ([], [])


@pytest.mark.parametrize("class_", [MatrixConfig, RoomConfig])
def test_every_setting_has_a_help_text(class_: type[attrs.AttrsInstance]) -> None:
    for field in attrs.fields(class_):
        assert field.metadata["help"].endswith("."), field.name


def test_rooms_may_be_written_in_three_ways(tmp_path: Path) -> None:
    made = config(tmp_path, rooms=("#a:x", RoomConfig(id="!b")), room=(RoomConfig(id="#d:x", features=("status",)),))
    assert [room.id for room in made.all_rooms] == ["#a:x", "!b", "#d:x"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"rooms": ("ptg",)}, "'ptg' is no room"),
        ({"rooms": ()}, "no room is named in rooms"),
        ({"ignore": ("@a:x",), "relays": ("@a:x", "@b:x")}, "@a:x is in ignore and in relays"),
        ({"rooms": ("#a:x", "#a:x")}, "the room #a:x is named twice"),
        ({"password_file": None}, "none is given"),
        ({"password_env": "X"}, "password_file and password_env are given"),
        ({"password_file": Path("/nowhere/at/all")}, "password_file can't be read"),
        ({"password_file": None, "password_env": "PTGBOT_NOT_SET"}, "PTGBOT_NOT_SET holds nothing"),
        ({"password_file": None, "access_token_env": "PATH"}, "access_token_env needs device_id"),
        ({"ca_file": Path("/nowhere/ca.pem")}, "ca_file /nowhere/ca.pem can't be used"),
        ({"moderator_level": 101}, "moderator_level is above admin_level"),
        ({"sync_timeout": 80.0}, "must stay within 90 s"),
    ],
)
def test_contradictory_settings_are_reported(tmp_path: Path, settings: dict[str, object], problem: str) -> None:
    made = config(tmp_path, **settings)
    (found,) = (*check_config(made), *check_secrets(made))
    assert found.startswith("matrix 'matrix': ")
    assert problem in found


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"user": "ptgbot"}, "no Matrix id"),
        ({"homeserver": "matrix.example.org"}, "must be an address"),
        ({"homeserver": "https://matrix.example.org/?x"}, "must be an address"),
        ({"ignore": ("bridge",)}, "no Matrix id"),
        ({"retry_first": 0}, "above 0"),
        ({"invite_pause": -1}, "not be below 0"),
    ],
)
def test_invalid_value_is_refused(tmp_path: Path, settings: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        config(tmp_path, **settings)


def test_login_file_is_private(tmp_path: Path) -> None:
    file = SessionFile(tmp_path / "store" / "session.json")
    assert file.load() is None
    for token in ("one", "two"):
        file.save(MatrixSession("@ptgbot:x", "DEVICE", token))
    assert file.load() == MatrixSession("@ptgbot:x", "DEVICE", "two")
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    file.path.write_text('{"user": 5')
    assert file.load() is None


def test_dropped_answers_are_counted(tmp_path: Path) -> None:
    adapter = MatrixAdapter(config(tmp_path, queue_total=2), True)
    for number in range(5):
        adapter.send(Outgoing(Kind.REPLY, f"!{number}:example.org", "yes"))
    assert adapter.counts() == {"unsent": 3, "unreadable": 0}
