"""The program as it is started: exit statuses, sentences, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.exits import Exit
from ptgbot.store.file.journal import encode
from ptgbot.store.file.lock import Lock
from tests.plain_bot import prepare

PROGRAM = [sys.executable, "-P", "-m", "ptgbot"]


def configuration(folder: Path, text: str = '[site]\noutput = "html"\n[[console]]\n') -> str:
    prepare(folder)
    path = folder / "ptgbot.toml"
    path.write_text(text)
    return str(path)


def ran(arguments: Sequence[str], typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], input=typed, capture_output=True, text=True, timeout=60, check=False)


TWIN = """\
from attrs import frozen
from ptgbot.chat.commands import Command, Decision, Form
from ptgbot.chat.message import Role
from ptgbot.feature import Answered, Deliverer, Feature, Route, Source

@frozen
class Settings:
    pass

class Twin(Feature[Settings]):
    name = "twin"
    settings = Settings
    {part}

FEATURE = Twin()
"""


def install_twin(folder: Path, part: str) -> dict[str, str]:
    """Install a feature with one part. Returns the environment in which the program finds it."""
    about = folder / "twin-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: twin\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[ptgbot.features]\ntwin = ptgbot_twin:FEATURE\n")
    (folder / "ptgbot_twin.py").write_text(TWIN.format(part=part))
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.mark.parametrize("command", [["run"], ["check", "--offline"]])
@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (
            "commands = (Command('now', Form.USER, Role.ATTENDEE, '+now', 'Now.', '+now', lambda *_: Decision()),)",
            "gathering and twin both have the command +now.",
        ),
        (
            "routes = (Route('', lambda *_: Answered(b''), ('/index.html',)),)",
            "the route /twin/ and the page index.html both have the address /index.html.",
        ),
        (
            "routes = (Route('', lambda *_: Answered(b''), ('/tracks',)),)",
            "the route /twin/ and the pages in tracks/ both have the address /tracks.",
        ),
        ("deliverers = (Deliverer('say', None),)", "the core and twin both deliver say."),
        ("sources = 2 * (Source('tap', None),)", "2 sources or jobs are named twin/tap"),
    ],
)
def test_two_features_that_clash_end_with_2(tmp_path: Path, command: list[str], part: str, sentence: str) -> None:
    config = configuration(tmp_path, '[site]\noutput = "html"\nlisten = "127.0.0.1:0"\n[[console]]\n')
    ended = subprocess.run(
        [*PROGRAM, *command, config],
        env=install_twin(tmp_path, part),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert sentence in ended.stderr
    assert ended.returncode == Exit.CONFIGURATION
    assert "can be used" not in ended.stdout


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for command in ("run", "demo", "site", "check", "journal", "convert"):
        assert f"\n    {command} " in shown


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["run"], ["journal", "burn", "x"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == Exit.CONFIGURATION


@pytest.mark.parametrize("command", ["run", "site", "check"])
def test_wrong_configuration_exits_2_naming_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, configuration(tmp_path, "[statee]\n")]) == Exit.CONFIGURATION
    assert "unknown key statee. Did you mean state?" in capsys.readouterr().err


def test_no_adapter_is_a_wrong_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", configuration(tmp_path, "")]) == Exit.CONFIGURATION
    assert "Write an [[irc]] table." in capsys.readouterr().err


def test_no_site_is_a_wrong_configuration_for_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["site", configuration(tmp_path, "")]) == Exit.CONFIGURATION
    assert "[site]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ptg.json", b'{"tracks": [', "line 1, column"),
        ("ptg.json", b'{"tracks": 5}', "tracks: expected a list, found a number."),
        ("ptg.journal.jsonl", b"nonsense\n", "line 1"),
        ("ptg.journal.jsonl", encode({"schema": 99}), "later ptgbot"),
    ],
)
def test_damaged_state_exits_3_and_stays_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, sentence: str
) -> None:
    config = configuration(tmp_path)
    (tmp_path / name).write_bytes(content)
    assert main(["run", config]) == Exit.STATE
    assert sentence in capsys.readouterr().err
    assert (tmp_path / name).read_bytes() == content


def test_second_bot_on_same_state_exits_3(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    with subprocess.Popen(
        [*PROGRAM, "run", config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        first.stdin.write("+now nova\n")
        first.stdin.flush()
        assert "nothing now" in first.stdout.readline()
        second = ran(["run", config])
        assert second.returncode == Exit.STATE
        assert "two must never write one state" in second.stderr
        first.stdin.close()
        assert first.wait(20) == Exit.NO_ADAPTER


def test_deposed_bot_exits_3_with_a_sentence(tmp_path: Path) -> None:
    config = configuration(tmp_path, "[[console]]\n")
    with subprocess.Popen(
        [*PROGRAM, "run", config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        assert bot.stderr is not None
        bot.stdin.write("+now nova\n")
        bot.stdin.flush()
        assert "nothing now" in bot.stdout.readline()
        (tmp_path / "ptg.lock").unlink()
        with Lock(tmp_path / "ptg.lock"):
            bot.stdin.write("+in lobby\n")
            bot.stdin.flush()
            assert bot.wait(30) == Exit.STATE
        assert "lobby" not in bot.stdout.read()
        assert "ptgbot: another process works on this state by now, so this one ended." in bot.stderr.read()


def test_foreign_folder_exits_2_and_is_kept(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "precious").write_text("x")
    assert ran(["run", config]).returncode == Exit.CONFIGURATION
    assert (tmp_path / "html" / "precious").exists()


def test_the_site_is_built_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path)
    assert main(["site", config]) == Exit.STOPPED
    assert "pages in" in capsys.readouterr().out
    assert "Aspen" in (tmp_path / "html" / "schedule.html").read_text()
    assert json.loads((tmp_path / "html" / "ptg.json").read_bytes())["tracks"] == ["cinder", "nova"]


def test_the_site_follows_a_change_of_its_language(tmp_path: Path) -> None:
    config = Path(configuration(tmp_path))
    assert ran(["site", str(config)]).returncode == Exit.STOPPED
    page = tmp_path / "html" / "schedule.html"
    assert "<h1>Schedule" in page.read_text()
    config.write_text(config.read_text().replace("[site]", '[site]\nlanguage = "de"'))
    assert ran(["site", str(config)]).returncode == Exit.STOPPED
    assert 'lang="de"' in page.read_text()
    assert "<h1>Zeitplan" in page.read_text()


def test_check_lists_odd_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path)
    document = json.loads((tmp_path / "ptg.json").read_bytes())
    document |= {
        "colors": {"nova": "red;background:url(x)"},
        "urls": {"nova": "javascript:alert(1)"},
        "links": {"Map": "ftp://x"},
        "subscriptions": {"mira": "(?=x)"},
        "motd": [{"level": "loud", "message": "x"}],
        "tracks": ["nova", "two words"],
        "etherpads": {"nova": "x"},
        "timezone": "Europe/Berlin",
    }
    document["schedule"]["Aspen"] |= {"MonA1": "ghost", "url": "data:x"}
    document["slots"]["Monday"][0] |= {"desc": "09:00-10:00", "realtime": "2026-11-16T10:00:00+01:00"}
    (tmp_path / "ptg.json").write_text(json.dumps(document))
    assert main(["check", config]) == Exit.STOPPED
    shown = capsys.readouterr().out
    for words in (
        "colors.nova: “red;background:url(x)” is no CSS colour",
        "urls.nova: “javascript:alert(1)” can't be linked to",
        "links.Map",
        "etherpads.nova",
        "schedule.Aspen.url",
        "a pattern never matches",
        "“loud” is no level",
        "nobody can type the name “two words”",
        "there is no track ghost",
        "slots.Monday.MonA1: “09:00-10:00” but its realtime is 10:00",
        "slots.Monday.MonP1: its time is not known",
        "Adapters: console.",
    ):
        assert words in shown, words


def test_journal_is_shown_and_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path)
    assert ran(["run", config], "#nova now a\n#nova now b\n+in lobby\n").returncode == Exit.NO_ADAPTER
    assert main(["journal", "show", config]) == Exit.STOPPED
    shown = capsys.readouterr().out.splitlines()
    assert [line.rpartition(": ")[2] for line in shown[1:]] == ["#nova now a", "#nova now b", "+in lobby"]
    assert main(["journal", "repair", config]) == Exit.STOPPED
    assert "is whole" in capsys.readouterr().out
    journal = tmp_path / "ptg.journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b"damage\n" + encode({"seq": 99}))
    assert main(["run", config]) == Exit.STATE
    assert "ptgbot journal repair" in capsys.readouterr().err
    assert main(["journal", "repair", config]) == Exit.STOPPED
    assert "kept" in capsys.readouterr().out
    assert (tmp_path / "ptg.journal.damaged").read_bytes().startswith(b"damage\n")
    assert ran(["run", config], "+now nova\n").stdout.rstrip().endswith("#nova: now b.")


def test_a_journal_of_schema_one_needs_no_downgrade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path)
    ran(["run", config], "#nova now a\n")
    assert main(["journal", "downgrade", config]) == Exit.STOPPED
    assert "schema 1 already" in capsys.readouterr().out


def test_journal_without_whole_line_is_beyond_repair(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    (tmp_path / "ptg.journal.jsonl").write_bytes(b"damage\n")
    assert main(["journal", "repair", config]) == Exit.STATE


def test_convert_prints_toml_and_warns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"irc_nick": "b", "irc_server": "s", "irc_channel": "#c", "irc_port": 6667, "zuul": 1}')
    assert main(["convert", str(path)]) == Exit.STOPPED
    shown = capsys.readouterr()
    assert 'server = "s"' in shown.out
    assert "zuul is not used." in shown.err
    assert main(["convert", str(tmp_path / "none.json")]) == Exit.CONFIGURATION


def demo(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, "demo", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )


@pytest.mark.parametrize(("number", "options"), [(signal.SIGINT, []), (signal.SIGTERM, ["--ci", "--seed", "3"])])
def test_ctrl_c_ends_demo_and_leaves_nothing(tmp_path: Path, number: signal.Signals, options: list[str]) -> None:
    with demo(tmp_path, *options) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        line = program.stdout.readline()
        address = line.partition("The page: ")[2].strip()
        program.stdin.write("+tracks\n")
        program.stdin.flush()
        while "52 tracks" not in program.stdout.readline():
            pass
        # The board is there when a month of a made-up Gerrit was read.
        answer = "" if options else "upstream succeeded"
        while "upstream succeeded" not in answer:
            program.stdin.write("+ci harbor/engine\n")
            program.stdin.flush()
            answer = program.stdout.readline()
        assert address.startswith("http://127.0.0.1:")
        program.send_signal(number)
        out, err = program.communicate(timeout=20)
        assert program.returncode == Exit.STOPPED, out + err
        assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_the_demo_shows_its_page(tmp_path: Path) -> None:
    with demo(tmp_path) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        address = program.stdout.readline().partition("The page: ")[2].strip()
        program.stdin.write("/op\n#storage now a very special topic\n")
        program.stdin.flush()
        page = ""
        while "a very special topic" not in page:
            try:
                with urllib.request.urlopen(address, timeout=20) as answer:
                    page = answer.read().decode()
            except urllib.error.HTTPError as error:
                error.close()
        program.communicate("", timeout=20)
        assert program.returncode == Exit.STOPPED


def test_demo_shows_a_given_file(tmp_path: Path) -> None:
    prepare(tmp_path)
    assert "2 tracks: cinder nova" in ran(["demo", str(tmp_path / "ptg.json")], "+tracks\n").stdout


def test_demo_of_a_broken_file_exits_3(tmp_path: Path) -> None:
    (tmp_path / "ptg.json").write_text("[]")
    assert ran(["demo", str(tmp_path / "ptg.json")]).returncode == Exit.STATE


def test_the_site_shows_the_moment_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = configuration(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    assert main(["site", path]) == Exit.STOPPED
    assert json.loads((tmp_path / "html" / "build.json").read_text())["at"] == "2026-11-18T11:06:40+00:00"


def test_a_moment_that_is_no_number_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configuration(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert main(["site", path]) == Exit.CONFIGURATION
    assert "it must be a number of seconds since 1970." in capsys.readouterr().err
