from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from ptgbot_irc import IrcConfig, check, check_secrets
from ptgbot_irc.config import ChannelConfig


def config(**settings: object) -> IrcConfig:
    chosen: dict[str, object] = {"server": "irc.example.org", "channels": ("#c",), **settings}
    return IrcConfig(**chosen)  # type: ignore[arg-type]


def test_minimal_configuration_is_valid() -> None:
    made = config()
    assert (made.name, made.port, made.tls, made.login, made.account_name) == (
        "irc.example.org",
        6697,
        True,
        "none",
        "ptgbot",
    )
    assert check(made) == []


@pytest.mark.parametrize("class_", [IrcConfig, ChannelConfig])
def test_every_setting_has_a_help_text(class_: type[attrs.AttrsInstance]) -> None:
    for field in attrs.fields(class_):
        assert field.metadata["help"].endswith("."), field.name


def test_channels_may_be_written_in_three_ways() -> None:
    made = config(
        channels=("#a", ChannelConfig(name="#b", key="k")), channel=(ChannelConfig(name="#d", features=("status",)),)
    )
    assert [room.name for room in made.rooms] == ["#a", "#b", "#d"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"nick": "two words"}, "is no nick"),
        ({"nick": "1st"}, "is no nick"),
        ({"nick": ""}, "is no nick"),
        ({"server": "a b"}, "server must be a host name"),
        ({"username": ":x"}, "username must be one word"),
        ({"realname": "a\nQUIT"}, "control character"),
        ({"port": 0}, "port must be between 1 and 65535, not 0"),
        ({"port": 70000}, "port"),
        ({"messages_per_second": -1}, "messages_per_second must not be below 0"),
        ({"ping_interval": 0}, "ping_interval must be above 0"),
        ({"burst": 0}, "burst must be above 0"),
        ({"login": "magic"}, "login"),
        ({"identify_command": "IDENTIFY {user}"}, "may hold"),
    ],
)
def test_contradictory_settings_are_refused_when_read(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        config(**settings)


@pytest.mark.parametrize("key", ["a b", "a,b", "", ":a", "a\r"])
def test_channel_key_must_be_one_word(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        ChannelConfig(name="#c", key=key)


@pytest.mark.parametrize("name", ["c", "#", "#a b", "#a,b", "#a:b", "#a\r", ""])
def test_invalid_channel_name_is_reported(name: str) -> None:
    assert check(config(channels=(name,))) == [
        f"irc.example.org: {name!r} is no channel: a name begins with # and has no blank, comma or colon"
    ]


def problems(tmp_path: Path, **settings: object) -> list[str]:
    made = config(name="n", **settings)
    return [problem.replace(str(tmp_path), "HERE") for problem in (*check(made), *check_secrets(made))]


def test_problems_are_reported_as_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "odd").write_text("pass\x07word\n")
    (tmp_path / "good").write_text("secret\nsecond line\n")
    assert problems(tmp_path, channels=()) == ["n: no channel is named in channels"]
    assert problems(tmp_path, channels=("#C[", "#c{")) == ["n: the channel #c{ is named twice"]
    assert problems(tmp_path, login="sasl") == ["n: this login needs password_file or password_env"]
    assert problems(tmp_path, login="certfp") == ["n: login certfp needs tls and cert_file"]
    assert problems(tmp_path, login="sasl", password_file=tmp_path / "none") == [
        "n: password_file can't be read: [Errno 2] No such file or directory: 'HERE/none'"
    ]
    assert problems(tmp_path, login="sasl", password_file=tmp_path / "empty") == ["n: HERE/empty holds no password"]
    assert problems(tmp_path, login="nickserv", password_file=tmp_path / "odd") == [
        "n: the password holds a control character"
    ]
    assert problems(tmp_path, login="sasl", password_env="NO_SUCH_SECRET") == ["n: NO_SUCH_SECRET holds no password"]
    assert problems(tmp_path, login="sasl", password_env="A", password_file=tmp_path / "good") == [
        "n: password_file and password_env are both given; leave one out"
    ]
    assert problems(tmp_path, login="sasl", password_file=tmp_path / "good") == []
    assert problems(tmp_path, server_password_file=tmp_path / "empty") == ["n: HERE/empty holds no server password"]
    assert problems(tmp_path, ping_interval=60.0) == [
        "n: ping_interval and ping_timeout together must stay within 90 s"
    ]
    for name in ("ca_file", "cert_file"):
        assert problems(tmp_path, **{name: tmp_path / "good"})[0].startswith(f"n: {name} HERE/good can't be used")


def test_secret_is_first_line_of_file(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("se cret\r\nsecond line\n")
    assert config(login="sasl", password_file=tmp_path / "good").password() == "se cret"
