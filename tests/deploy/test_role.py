"""The role brings an empty Debian to green health, changes nothing when run again, upgrades and rolls back."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from attrs import define, field

from tests.deploy.conftest import NEXT, ROOT
from tests.deploy.network import Network, wait_for
from tests.deploy.root import Root
from tests.deploy.unit import Unit
from tests.servers.programs import need

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1800)]
FOLDER = ROOT / "docs/deploy/ansible"
VERSION = "0.1.0"


def configuration() -> str:
    """Return the configuration in the role's example, for a server without TLS."""
    source = (FOLDER / "gathering.yml").read_text(encoding="utf-8")
    block = source.partition("ptgbot_configuration: |\n")[2].partition("  roles:")[0]
    text = re.sub(r"^      ", "", block, flags=re.MULTILINE)
    return text.replace('login = "nickserv"\n', 'tls = false\nport = 6667\nlogin = "nickserv"\n')


@define
class Play:
    """Runs the playbook against a Debian in a folder."""

    root: Root
    wheels: Mapping[str, Path]
    runs: list[str] = field(factory=list)

    def __call__(self, version: str = VERSION, **more: str) -> Mapping[str, int]:
        """Run it and return Ansible's counts."""
        ansible = need("ansible-playbook", "apt-get install ansible")
        values = {
            "ptgbot_version": version,
            "ptgbot_wheel": str(self.wheels[version]),
            "ptgbot_wheels": "/wheels",
            "ptgbot_configuration": configuration(),
            **more,
        }
        target = ["-i", f"{self.root.folder},", "-c", "community.general.chroot"]
        done = subprocess.run(
            [ansible, *target, "gathering.yml", "-e", json.dumps(values)],
            cwd=FOLDER,
            env={**os.environ, "ANSIBLE_RETRY_FILES_ENABLED": "0", "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-2000:]}"
        self.runs.append(done.stdout)
        recap = done.stdout.rpartition("PLAY RECAP")[2]
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", recap)}


@pytest.fixture
def play(root: Root, built: Callable[[str], Path]) -> Play:
    return Play(root, {version: built(version) for version in (VERSION, NEXT)})


@pytest.fixture
def bot(root: Root, network: Network) -> Iterator[Unit]:
    unit = Unit(root, "ptgbot.service", network)
    yield unit
    unit.kill()


def test_role_installs_upgrades_and_rolls_back(play: Play, root: Root, network: Network, bot: Unit) -> None:
    assert play(ptgbot_prometheus="/etc")["failed"] == 0
    # The second run changes nothing.
    assert play(ptgbot_prometheus="/etc")["changed"] == 0, play.runs[-1]

    bot.start()
    wait_for(network.is_green)
    network.say("mira", "+in lobby")
    serve(root, network)
    pages_are_served(network)
    assert bot.stop() == 0

    # The upgrade keeps a back-up and the former version.
    assert play(NEXT)["failed"] == 0
    (backup,) = root.at("/var/backups/ptgbot").glob(f"before-{NEXT}-*.tar.gz")
    assert backup.stat().st_size > 100
    bot.start()
    wait_for(network.is_green)
    assert NEXT in root.run("/opt/ptgbot/current/bin/ptgbot --version")
    assert "lobby" in network.say("olga", "+seen mira")
    network.say("mira", "+in bar")
    assert bot.stop() == 0

    # Back again, now with Apache in front: nothing is lost.
    root.run("nginx -s quit")
    assert play(VERSION, ptgbot_web="apache")["failed"] == 0
    bot.start()
    wait_for(network.is_green)
    assert f"ptgbot {VERSION}\n" in root.run("/opt/ptgbot/current/bin/ptgbot --version")
    assert "bar" in network.say("olga", "+seen mira")
    network.start("chroot", str(root.folder), "apache2ctl", "-D", "FOREGROUND")
    wait_for(lambda: network.get("https://127.0.0.1/")[0] != 0)
    pages_are_served(network)
    assert bot.stop() == 0


def pages_are_served(network: Network) -> None:
    """Look at the site and at the documentation beside it, as readers do."""
    for path in ("", "tracks.html", "docs/", "docs/runbooks.html"):
        found = network.get("--resolve", "gathering.example.org:443:127.0.0.1", f"https://gathering.example.org/{path}")
        assert (found[0], "<title>" in found[1]) == (200, True), path


def serve(root: Root, network: Network) -> None:
    """Start nginx as Debian's unit does."""
    network.start("chroot", str(root.folder), "nginx", "-g", "daemon off;")
    wait_for(lambda: network.get("https://127.0.0.1/")[0] != 0)
