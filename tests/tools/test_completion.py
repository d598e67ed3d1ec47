"""Shells complete every command, from the parser itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ptgbot.cli import main, parser
from ptgbot.exits import Exit
from ptgbot.tools import VERBS
from ptgbot.tools.completion import SHELLS, words
from ptgbot.tools.verb import Verb


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_completed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == Exit.STOPPED
    said = capsys.readouterr().out
    helped, following = words(parser())
    assert {verb.name for verb in VERBS} < set(helped)
    assert [name for name in helped if name not in said] == []
    assert {"show", "verify", "repair", "export", "downgrade"} < set(following["journal"])


def test_subcommands_of_features_are_completed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip().startswith(("ci)", "stats)"))]
    assert ["show" in lines[0], "refresh" in lines[1]] == [True, True]


def test_bash_completes_command_and_action(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = tmp_path / "ptgbot.bash"
    script.write_text(capsys.readouterr().out)
    asked = (
        f'source {script}; COMP_WORDS=(ptgbot jou); COMP_CWORD=1; _ptgbot; echo "${{COMPREPLY[@]}}";'
        ' COMP_WORDS=(ptgbot journal ver); COMP_CWORD=2; _ptgbot; echo "${COMPREPLY[@]}"'
    )
    bash = shutil.which("bash")
    assert bash is not None
    shown = subprocess.run([bash, "-c", asked], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert shown.stdout.split() == ["journal", "verify"]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_help_has_examples_and_exit_statuses(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb.name, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"examples:\n  ptgbot {verb.name}" in said
    assert "exit statuses:\n  0  " in said


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_example_is_a_command_line(verb: Verb) -> None:
    for example in verb.examples:
        line = example.partition(" > ")[0].partition(" | ")[0]
        parser().parse_args([verb.name, *line.split()])
