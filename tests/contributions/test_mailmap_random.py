"""Random files of the form of ``.mailmap`` mean what git says."""

from __future__ import annotations

import random
from pathlib import Path

from ptgbot.contributions.mailmap import parse_mailmap
from tests.contributions.histories import git, history

NAMES = ("", "Mira", "mira lind", "MIRA LIND", "Žofie", "žofie", "# Mira", "A > B", "x  y")
EMAILS = ("m@a.example", "M@a.EXAMPLE", "é@b.example", "É@b.example", "", " spaced ", "a<b", "n@c.example")
BETWEEN = ("", " ", "\t", "  ", "\u00a0")
ENDS = ("", " # since 2014", " words", " <", "\r", "\x0b", "\u2028")


def line(chance: random.Random) -> str:
    def one() -> str:
        return f"{chance.choice(BETWEEN)}{chance.choice(NAMES)}{chance.choice(BETWEEN)}<{chance.choice(EMAILS)}>"

    kinds = (one(), one() + one(), f"#{one()}", chance.choice(NAMES), f"{one()}{chance.choice(NAMES)} {one()}", "<", "")
    return chance.choice(kinds[:2] * 3 + kinds) + chance.choice(ENDS)


def test_random_files_mean_what_git_says(tmp_path: Path) -> None:
    history(tmp_path)
    asked = [
        (name, email)
        for name in ("Mira", "MIRA", "Mira Lind", "Žofie", "žofie", "# Mira", "Other")
        for email in ("m@a.example", "M@A.example", "é@b.example", "É@b.example", "n@c.example", "z@z.example")
    ]
    given = "".join(f"{name} <{email}>\n" for name, email in asked).encode()
    for seed in range(40):
        chance = random.Random(seed)
        text = "\n".join(line(chance) for _ in range(12))
        (tmp_path / ".mailmap").write_bytes(text.encode())
        mailmap = parse_mailmap(text, ".mailmap", strict=False)
        ours = [f"{name} <{email}>" for name, email in (mailmap.applied(*one) for one in asked)]
        theirs = git(tmp_path, "check-mailmap", "--stdin", given=given).removesuffix("\n").split("\n")
        assert ours == theirs, f"seed {seed}: {text!r}"
