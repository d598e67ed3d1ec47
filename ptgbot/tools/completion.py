"""``ptgbot completion``: makes the shell complete commands, options and files, from the parser of the program."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ptgbot.exits import Exit
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb

Words = Mapping[str, tuple[str, ...]]
"""The words that may follow each command."""


def words(parser: argparse.ArgumentParser) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the commands of a parser with their help, and the words that may follow each."""
    helped: dict[str, str] = {}
    following: dict[str, tuple[str, ...]] = {}
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to look at a parser
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            helped |= {one.dest: one.help or "" for one in action._choices_actions}  # noqa: SLF001
            following |= {name: tuple(_words_of(made)) for name, made in action.choices.items()}
    return helped, following


def _words_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:  # noqa: SLF001
        yield from (option for option in action.option_strings if option.startswith("--"))
        yield from map(str, action.choices or ())


def bash(helped: Mapping[str, str], following: Words) -> str:
    """Return a script for bash."""
    cases = "\n".join(f'    {name}) words="{" ".join(found)}" ;;' for name, found in following.items())
    return f"""\
_ptgbot() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{" ".join(helped)} --help --version" -- "$word"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _ptgbot ptgbot
"""


def zsh(helped: Mapping[str, str], following: Words) -> str:
    """Return a script for zsh."""
    listed = "\n".join(f"    '{name}:{_quoted(text)}'" for name, text in helped.items())
    cases = "\n".join(f"    {name}) compadd -- {' '.join(found)} ;;" for name, found in following.items())
    return f"""\
#compdef ptgbot
_ptgbot() {{
  local -a commands
  commands=(
{listed}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
{cases}
  esac
  _files
}}
# A file among zsh's functions is run by the first completion, which must not be lost.
if [ "${{funcstack[1]}}" = _ptgbot ]; then
  _ptgbot "$@"
else
  compdef _ptgbot ptgbot
fi
"""


def fish(helped: Mapping[str, str], following: Words) -> str:
    """Return a script for fish."""
    lines = [
        f"complete -c ptgbot -n __fish_use_subcommand -f -a {name} -d '{_quoted(text)}'"
        for name, text in helped.items()
    ]
    for name, found in following.items():
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        options = (f"-l {word[2:]}" if word.startswith("--") else f"-a {word}" for word in found)
        lines += [f"complete -c ptgbot {seen} {option}" for option in options]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("'", "’").replace(":", ",")


SHELLS: Final[Mapping[str, Callable[[Mapping[str, str], Words], str]]] = {"bash": bash, "zsh": zsh, "fish": fish}


def verb(parser: Callable[[], argparse.ArgumentParser]) -> Verb:
    """Return the command, which completes all commands of a parser."""

    def call(options: argparse.Namespace) -> Exit:
        print_lines([SHELLS[options.shell](*words(parser())).rstrip("\n")])
        return Exit.STOPPED

    def arguments(made: argparse.ArgumentParser) -> None:
        made.add_argument("shell", choices=(*SHELLS,), help="the shell")

    examples = (
        "bash > /etc/bash_completion.d/ptgbot",
        "zsh > /usr/local/share/zsh/site-functions/_ptgbot",
        "fish > ~/.config/fish/completions/ptgbot.fish",
    )
    return Verb("completion", "print a script that lets a shell complete ptgbot's commands", call, examples, arguments)
