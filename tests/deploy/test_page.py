"""The pages for operators, typed as they are into an empty Debian."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT
from tests.deploy.network import Network, wait_for
from tests.deploy.root import Root
from tests.deploy.systemctl import PATIENCE, Machine
from tests.test_takeover import CONFIG, THEIRS, as_the_original_reads

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1800)]
EDITOR = r"""#!/bin/sh
# The operator at the editor: the server of the test has no TLS.
sed -i 's/^login = .*/&\ntls = false\nport = 6667/' "$1"
"""
OTHER_USER = 4242
"""Number of the bot's user on the second machine."""


def blocks(page: str, section: str) -> list[str]:
    """Return the shell blocks in a section of a page."""
    text = (ROOT / "docs" / f"{page}.rst").read_text(encoding="utf-8")
    begin = re.search(rf"^{re.escape(section)}\n-+\n", text, re.MULTILINE)
    assert begin, section
    rest = re.split(r"^[^\n]+\n---+\n", text[begin.end() :], flags=re.MULTILINE)[0]
    found = re.findall(r"^( *)\.\. code-block:: sh\n\n((?:\1   .*\n|\n)+)", f"{rest}\n", re.MULTILINE)
    return [re.sub(rf"^{indent}   ", "", block, flags=re.MULTILINE).strip() for indent, block in found]


def copy_repository(folder: Path) -> None:
    """Copy what git knows, as an archive of a release has it."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


@pytest.fixture
def machine(root: Root, network: Network) -> Iterator[Machine]:
    copy_repository(root.at("/usr/src/ptgbot"))
    editor = root.at("/usr/local/bin/editor")
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    made = Machine(root, network)
    yield made
    made.stop()


def test_page_brings_empty_debian_to_green(machine: Machine, network: Network, debian: Root, tmp_path: Path) -> None:
    root = machine.root
    programs, *steps, healthy = blocks("install", "By hand")
    # Packages come from the mirror, which the network of the test does not reach.
    root.run(programs)
    for step in steps:
        machine.run(step, "/usr/src/ptgbot")
    wait_for(network.is_green)
    assert '"ok": true' in machine.run(healthy)
    assert root.at("/etc/systemd/system/multi-user.target.wants/ptgbot.service").is_symlink()
    assert root.at("/etc/systemd/system/timers.target.wants/ptgbot-backup.timer").is_symlink()

    site = ["--resolve", "gathering.example.org:443:127.0.0.1", "https://gathering.example.org/"]
    assert network.get(*site)[0] == 200
    assert network.get(*site[:2], f"{site[2]}docs/runbooks.html")[0] == 200
    # A web server that reads the files itself can, and nobody reads the state.
    assert "<title>" in root.run("cat /var/cache/ptgbot/html/index.html", user="www-data")
    with pytest.raises(AssertionError, match="Permission denied"):
        root.run("cat /var/lib/ptgbot/ptg.json", user="www-data")

    wait_for(lambda: streams(network, site))
    by_apache(machine, network, site)

    network.say("mira", "+in lobby")
    run_books(machine, network)
    for section in ("Upgrade", "Roll back"):
        machine.run(blocks("upgrade", section)[0], "/usr/src/ptgbot")
        wait_for(network.is_green)
        assert "lobby" in network.say("olga", "+seen mira")
    machine.run(blocks("upgrade", "Roll back")[1])
    wait_for(network.is_green)

    machine.run(blocks("upgrade", "Back up")[0])
    network.say("mira", "+in bar")
    machine.run(blocks("upgrade", "Restore")[0])
    wait_for(network.is_green)
    assert "lobby" in network.say("olga", "+seen mira")
    machine.run(blocks("upgrade", "Rotate secrets")[0])
    wait_for(network.is_green)
    machine.run("systemctl disable --now ptgbot")

    moved(machine, debian.copy(tmp_path / "second"), network)
    taken_over(machine, network)


def by_apache(machine: Machine, network: Network, site: Sequence[str]) -> None:
    """Put Apache in the place of nginx: before the built-in server, and with the files alone."""
    (lines,) = blocks("publishing", "Behind a web server")
    packages, *rest = lines.splitlines()
    machine.root.run(packages)
    for file in ("apache-proxy.conf", "apache.conf"):
        machine.run("\n".join(rest).replace("apache-proxy.conf", file), "/usr/src/ptgbot")
        wait_for(lambda: network.get(*site)[0] != 0)
        for path in ("", "tracks.html", "build.json", "schedule.json", "docs/runbooks.html"):
            assert network.get(*site[:2], f"{site[2]}{path}")[0] == 200, (file, path)
        if file == "apache-proxy.conf":
            wait_for(lambda: streams(network, site))
        else:
            assert not streams(network, site)


def streams(network: Network, site: Sequence[str]) -> bool:
    """Say whether events arrive, and not only when the stream ends."""
    return "event-stream" in network.get(*site[:2], "-i", "-N", "-m", "3", f"{site[2]}events")[1]


RUN_BOOKS = ("The bot is gone", "It is in no room", "The page is old", "The disk is full, or slow", "It is slow")
"""Sections whose lines may be typed as they are. That of a damaged state has lines for two cases."""


def run_books(machine: Machine, network: Network) -> None:
    """Type what the pages for three in the morning say, and mend a damaged journal by them."""
    for page, section in (
        ("glance", "Five commands"),
        *(("runbooks", name) for name in RUN_BOOKS),
    ):
        for block in blocks(page, section):
            machine.run(ours(block))
            wait_for(network.is_green, PATIENCE)
    look, mend = blocks("runbooks", "The state is damaged")
    machine.run("systemctl stop ptgbot")
    with machine.root.at("/var/lib/ptgbot/ptg.journal.jsonl").open("ab") as journal:
        journal.write(b"damage\n" * 2)
    with pytest.raises(AssertionError, match="the checksum does not fit"):
        machine.run(look)
    machine.run(mend)
    wait_for(network.is_green, PATIENCE)
    assert "lobby" in network.say("olga", "+seen mira")


def ours(block: str) -> str:
    """Return the lines of a block without those that need the journal of systemd, or ``/proc``."""
    return "\n".join(line for line in block.splitlines() if line.split()[0] not in ("journalctl", "df", "top"))


def taken_over(machine: Machine, network: Network) -> None:
    """Take a gathering over from the original, first in its shadow, and give it back."""
    files, state = machine.root.at("/root"), machine.root.at("/var/lib/ptgbot/ptg.json")
    machine.root.run("rm -rf /var/lib/ptgbot/* /var/cache/ptgbot/*")
    (files / "config.json").write_text(json.dumps({**CONFIG, "irc_channel": "#gathering"}))
    (files / "ptg.json").write_text(json.dumps(THEIRS))
    taken = as_the_original_reads(files / "ptg.json")
    for block in blocks("takeover", "Side by side"):
        machine.run(block, "/root")
    wait_for(network.is_green, PATIENCE)
    assert as_the_original_reads(state) == taken
    # The old bot works until the change.
    (files / "ptg.json").write_text(json.dumps({**THEIRS, "now": {"cinder": "still there"}}))
    machine.run(blocks("takeover", "The change")[0], "/root")
    wait_for(network.is_green, PATIENCE)
    network.say("olga", "#nova now at work")
    machine.run(blocks("takeover", "Give it back")[0], "/root")
    given = as_the_original_reads(files / "ptg.json")
    assert given == {**taken, "now": {"cinder": "still there", "nova": "at work"}, "next": {}}


def moved(machine: Machine, second: Root, network: Network) -> None:
    """Restore the back-up on another machine, where the user of the bot has another number."""
    for folder in ("/opt/ptgbot", "/etc/ptgbot"):
        subprocess.run(["cp", "-a", str(machine.root.at(folder)), str(second.at(folder))], check=True)
    second.at("/etc/hosts").write_text("127.0.0.1 localhost irc.example.org\n")
    second.run(f"useradd --system --uid {OTHER_USER} --home-dir /var/lib/ptgbot ptgbot")
    second.run("chgrp ptgbot /etc/ptgbot/ptgbot.toml")
    second.run("apt-get update -q && apt-get install --yes --no-install-recommends procps")
    second.run("install -d -m 700 -o ptgbot -g ptgbot /var/backups/ptgbot /var/lib/ptgbot")
    unit = "etc/systemd/system/ptgbot.service"
    shutil.copy(machine.root.at(unit), second.at(unit))
    archive = "var/backups/ptgbot/by-hand.tar.gz"
    shutil.copy(machine.root.at(archive), second.at(archive))
    other = Machine(second, network)
    stop, *rest = blocks("upgrade", "Restore")[0].splitlines()
    assert stop == "systemctl stop ptgbot"
    try:
        other.run("\n".join(rest))
        wait_for(network.is_green)
        assert "lobby" in network.say("olga", "+seen mira")
        assert second.at("/var/lib/ptgbot/ptg.journal.jsonl").stat().st_uid == OTHER_USER
    finally:
        other.stop()
