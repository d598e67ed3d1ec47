"""Configuration: every error names its key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.config import ConfigError, SiteConfig, control_of, load
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.tools import legacy

GOOD = """
[state]
path = "state/ptg.json"

[gathering]
timezone = "Europe/Berlin"

[site]
output = "html"
listen = "127.0.0.1:8000"
url = "https://ptg.example.org/"

[fetch]
allow = ["paste.example.org"]

[[irc]]
name = "testnet"
server = "irc.example.org"
channels = ["#events", {name = "#quiet", features = ["gathering"]}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "ptgbot.toml"
    path.write_text(text, "utf-8")
    return path


def test_complete_configuration_is_read(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD))
    assert config.source == (tmp_path / "ptgbot.toml").resolve()
    assert config.state.path == tmp_path / "state" / "ptg.json"
    assert config.features["gathering"] == GatheringSettings(timezone="Europe/Berlin")
    assert config.site is not None
    assert config.site.output == tmp_path / "html"
    assert config.site_url == "https://ptg.example.org/"
    ((_, irc, first),) = config.adapters
    assert (irc.name, irc.server, first) == ("testnet", "irc.example.org", True)


def test_everything_has_a_default(tmp_path: Path) -> None:
    config = load(written(tmp_path, ""))
    assert config.site is None
    assert config.state.path == tmp_path / "ptg.json"
    assert config.adapters == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[statee]\n", "line 1: unknown key statee. Did you mean state?"),
        ("\n[state]\npfad = 1\n", "line 3: unknown key state.pfad. Did you mean path?"),
        ("[gathering]\ntimzone = 'UTC'\n", "line 2: unknown key gathering.timzone. Did you mean timezone?"),
        ("[gathering]\ntimezone = 'Mars/Olympus'\n", "“Mars/Olympus” is not a time zone"),
        ("[gathering]\ncheck_in_hours = 'x'\n", "line 2: gathering.check_in_hours: expected a number, found 'x'."),
        ("[gathering]\ncheck_in_hours = -1\n", "it must be more than 0"),
        ("[gathering]\naccount_required = 1\n", "expected true or false, found 1"),
        ("[gathering]\netherpad = 'javascript:x'\n", "does not make an http(s) address"),
        ("[state]\nrotate_bytes = 1.5\n", "expected a whole number, found 1.5"),
        ("[state]\n\nrotate_bytes = 0\n", "line 3: state.rotate_bytes: it must be above 0, not 0."),
        (
            "[[irc]]\nserver = 'a'\nport = 65536\n",
            "line 3: irc.port: it must be between 1 and 65535, not 65536.",
        ),
        (
            "[[matrix]]\nhomeserver = 'https://x'\nuser = '@a:x'\ninvite_pause = -1\n",
            "line 4: matrix.invite_pause: it must not be below 0, as -1.0 is.",
        ),
        ("[state]\nrotate_bytes = true\n", "expected a whole number, found True"),
        ("[state]\npath = 5\n", "expected a text, found 5"),
        ("[site]\nlisten = '8000'\n", "such as 127.0.0.1:8000"),
        ("[site]\nlisten = 'unix:web.sock'\n", "or unix:/run/ptgbot/web.sock"),
        ("[site]\nprocesses = 0\n", "line 2: site.processes: it must be above 0, not 0."),
        ("[site]\nproxies = ['nginx']\n", "'nginx' is neither an address nor a network nor “unix”"),
        ("[operators]\nlisten = 'x'\n", "such as 127.0.0.1:8000"),
        (
            "[site]\n[operators]\nlisten = '127.0.0.1:1'\n",
            "line 3: operators.listen: there is no web server, because [site] has no listen.",
        ),
        ("[operators]\ntoken_file = 'none'\n", "line 2: operators.token_file: it names none, which can't be read"),
        ("[site]\nurl = 'ftp://x'\n", "https:// or http://"),
        (
            "[site]\nlanguage = 'dd'\n",
            "line 2: site.language: it must be de or en, not 'dd'.",
        ),
        ("[state]\nxyz = 1\n", "line 2: unknown key state.xyz. There are path, rotate_bytes."),
        ("[fetch]\nallow = 'x'\n", "line 2: fetch.allow: expected a list, found 'x'."),
        ("state = 5\n", "state must be a table"),
        ("[irc]\nserver = 'x'\n", "write [[irc]]"),
        ("[[irc]]\nname = 'x'\n", "server"),
        ("[[irc]]\nserver = 'a'\nnik = 'b'\n", "line 3: unknown key irc.nik. Did you mean nick?"),
        ("[[irc]]\nserver = 'a'\nchannels = []\n", "no channel is named"),
        (
            "[[irc]]\nserver = 'a'\nlogin = 'sasll'\n",
            "line 3: irc.login: expected 'sasl', 'certfp', 'nickserv' or 'none', found 'sasll'; the nearest is 'sasl'.",
        ),
        ("[[irc]]\nserver = 'a'\nlogin = 5\n", "irc.login: expected 'sasl', 'certfp', 'nickserv' or 'none', found 5."),
        (2 * "[[irc]]\nserver = 'a'\nchannels = ['#a']\n", "two adapters named a"),
        ("[[ircc]]\nserver = 'a'\n", "unknown key ircc. Did you mean irc?"),
        ("x = \n", "ptgbot.toml: Invalid value"),
    ],
)
def test_error_names_key_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    assert sentence in str(caught.value)
    assert "ptgbot.toml" in str(caught.value)


@pytest.mark.parametrize("token", ["", "too short", "with a space inside it", "é" * 20])
def test_weak_token_of_operators_is_refused(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(f"{token}\n")
    with pytest.raises(ConfigError, match="names token, which must hold at least 16 ASCII characters"):
        load(written(tmp_path, "[operators]\ntoken_file = 'token'\n"))


SECRET = "[site]\nlisten = '127.0.0.1:1'\n[operators]\ncontrol = 'talk'\ntoken_file = 'none'\n"
SECRET += "[[irc]]\nserver = 'a'\nchannels = ['#a']\nlogin = 'nickserv'\npassword_file = 'none'\n"


def test_tools_need_no_secrets(tmp_path: Path) -> None:
    path = written(tmp_path, SECRET)
    with pytest.raises(ConfigError, match="password_file can't be read"):
        load(path)
    assert [one.name for _, one, _ in load(path, secrets=False).adapters] == ["a"]


def test_running_bot_is_found_by_wrong_file(tmp_path: Path) -> None:
    assert control_of(written(tmp_path, f"{SECRET}nonsense = 1\n")) == tmp_path / "talk"
    assert control_of(written(tmp_path, "[state]\npath = 'x/ptg.json'\n[irc]\n")) == tmp_path / "x/ptg.control"


def test_token_of_operators_is_in_no_text(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("canary-0123456789\n")
    site = "[site]\nlisten = '127.0.0.1:0'\n"
    operators = load(written(tmp_path, f"{site}[operators]\ntoken_file = 'token'\n")).operators
    assert operators.token == "canary-0123456789"
    assert "canary" not in repr(operators)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.toml")


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ptgbot.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError):
        load(path)


ORIGINAL = """{"irc_nick": "ptgbot", "irc_pass": "canary", "irc_server": "irc.example.org", "irc_port": 6697,
 "irc_channel": "events", "db_filename": "data/ptg.json", "log_config": "logging.config", "zuul": 1}"""


def test_the_original_s_configuration_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(ORIGINAL)
    (tmp_path / "secret").mkdir()
    config, warnings = legacy.load_legacy(path, tmp_path / "secret")
    ((_, irc, first),) = config.adapters
    assert (irc.server, irc.port, irc.tls, irc.login, first) == ("irc.example.org", 6697, True, "nickserv", True)
    assert config.state.path == tmp_path / "data" / "ptg.json"
    assert config.site is None
    assert warnings == ["zuul is not used.", "log_config is not used: logs go to standard error."]
    assert (tmp_path / "secret" / legacy.PASSWORD).stat().st_mode & 0o777 == 0o600


BOARD = '[[ci.servers]]\nname = "review"\nurl = "https://review.example/"\nprojects = ["openstack/nova"]\n'


def test_feature_that_works_alone_needs_no_network(tmp_path: Path) -> None:
    """Features that live by commands are off then, and there is a site."""
    config = load(written(tmp_path, BOARD))
    assert config.works_alone
    assert [*config.features] == ["ci"]
    assert config.site == SiteConfig(tmp_path / "html")
    assert {"gathering", "meetings", "status"} <= {*config.off}


def test_feature_that_works_alone_changes_nothing_else(tmp_path: Path) -> None:
    config = load(written(tmp_path, f"{BOARD}[[console]]\n"))
    assert (config.works_alone, config.site, config.off) == (True, None, ())
    assert "gathering" in config.features
    idle = load(written(tmp_path, "[ci]\n"))
    assert (idle.works_alone, idle.site, idle.off) == (False, None, ())


def test_original_configuration_as_toml_means_the_same(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(ORIGINAL)
    text = legacy.toml(legacy.read_legacy(tmp_path / "config.json"))
    assert "canary" not in text
    (tmp_path / legacy.PASSWORD).write_text("canary")
    ((_, irc, _first),) = load(written(tmp_path, text)).adapters
    assert (irc.nick, irc.channels, irc.account) == ("ptgbot", ("#events",), "ptgbot")


def test_oftc_wants_the_password_first(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(ORIGINAL.replace("irc.example.org", "irc.oftc.net"))
    text = legacy.toml(legacy.read_legacy(tmp_path / "config.json"))
    (tmp_path / legacy.PASSWORD).write_text("canary")
    ((_, irc, _first),) = load(written(tmp_path, text)).adapters
    assert irc.identify_command == "IDENTIFY {password} {account}"


def test_original_configuration_may_have_an_ipv6_address(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(ORIGINAL.replace("irc.example.org", "::1"))
    text = legacy.toml(legacy.read_legacy(tmp_path / "config.json"))
    (tmp_path / legacy.PASSWORD).write_text("canary")
    ((_, irc, _first),) = load(written(tmp_path, text)).adapters
    assert (irc.server, irc.name) == ("::1", "[::1]")


def test_toml_is_not_converted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is TOML already"):
        legacy.read_legacy(written(tmp_path, "[state]\n"))


def test_credential_of_the_unit_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "token").write_text("canary-0123456789")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "given"))
    text = "[site]\nlisten = '127.0.0.1:0'\n[operators]\ntoken_file = 'token'\n"
    assert load(written(tmp_path, text)).operators.token == "canary-0123456789"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"irc_nick": 5}'])
def test_other_documents_than_original_configuration_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.json"):
        legacy.load_legacy(path, tmp_path)


def test_bare_name_means_credential_of_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd.exec(5): the variable names a folder with the files of ``LoadCredential=``."""
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "irc-password").write_text("secret\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    config = load(written(tmp_path, f'{GOOD}password_file = "irc-password"\n'))
    ((_, irc, _),) = config.adapters
    assert irc.password_file == secrets / "irc-password"
    assert config.site is not None
    assert config.site.output == tmp_path / "html"
