"""A gathering that the version before meetings and status began is upgraded, rolled back, and upgraded again."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.conftest import ROOT
from tests.deploy.network import Network, wait_for
from tests.deploy.root import Root
from tests.deploy.systemctl import Machine
from tests.deploy.test_page import blocks, copy_repository
from tests.servers.programs import missing

pytestmark = [pytest.mark.deploy, pytest.mark.long, pytest.mark.timeout(1800)]
FORMER = "2371d5598cb9d82a17cb24ac28eab147d795e39a"
"""The last version without meetings, status, and these pages for operators."""
INSTALL = """\
python3 -m venv /opt/ptgbot/.venv
/opt/ptgbot/.venv/bin/pip install --require-hashes -r .ci/lock/run.txt
SETUPTOOLS_SCM_PRETEND_VERSION=0.0.1 /opt/ptgbot/.venv/bin/pip install --no-deps .
useradd --system --home /var/lib/ptgbot ptgbot
install -d -m 750 -g ptgbot /etc/ptgbot
install -m 640 -g ptgbot docs/deploy/ptgbot.toml /etc/ptgbot/
sed -i 's/^login = .*/login = "none"\\ntls = false\\nport = 6667/' /etc/ptgbot/ptgbot.toml
echo secret > /etc/ptgbot/irc-password
chgrp ptgbot /etc/ptgbot/irc-password
chmod 640 /etc/ptgbot/irc-password
install -d -o ptgbot /var/lib/ptgbot
install -m 644 -o ptgbot base.json /var/lib/ptgbot/ptg.json
install -m 644 docs/deploy/ptgbot.service /etc/systemd/system/
systemctl enable --now ptgbot
"""
"""The lines of that version's own page, with a password before the first start, which it forgot."""
TALK = (
    "~motd add warning The lift is being repaired",
    "~add lanterns",
    "#lanterns now Paper or glass",
    "#lanterns next Oil",
    "#lanterns book Anchor-WedA1",
    "+in Lighthouse",
    "+subscribe lanterns",
)
KEYS = ("motd", "tracks", "schedule", "now", "next", "location", "urls", "last_check_in", "subscriptions", "etherpads")
"""The keys of the state that both versions have."""


@pytest.fixture
def machine(root: Root, network: Network) -> Iterator[Machine]:
    archive = subprocess.run(["git", "archive", FORMER], cwd=ROOT, capture_output=True, check=False).stdout
    if not archive:
        missing(f"this copy of the repository does not have the commit {FORMER}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(root.at("/usr/src/former"), filter="data")
    copy_repository(root.at("/usr/src/ptgbot"))
    root.run("apt-get update && apt-get install --yes --no-install-recommends python3-venv")
    made = Machine(root, network)
    yield made
    made.stop()


def state(root: Root) -> dict[str, Any]:
    """Return what the exported file holds of the gathering."""
    found = json.loads(root.at("/var/lib/ptgbot/ptg.json").read_bytes())
    return {key: found.get(key) for key in KEYS}


def page(network: Network, path: str) -> str:
    """Return a page of the built-in server, nothing while there is none yet."""
    status, body = network.get(f"http://127.0.0.1:8000/{path}")
    return body if status == 200 else ""


def healthy(network: Network) -> bool:
    return network.get("http://127.0.0.1:8000/healthz")[0] == 200


def test_gathering_survives_upgrade_and_roll_back(machine: Machine, network: Network) -> None:
    root = machine.root
    machine.run(INSTALL, "/usr/src/former")
    wait_for(lambda: healthy(network))
    network.say("mira", *TALK, operator=True)
    wait_for(lambda: "Paper or glass" in page(network, "tracks/lanterns.html"))
    wait_for(lambda: "mira" in (state(root)["subscriptions"] or {}))
    before = state(root)
    assert before["schedule"]["Anchor"]["WedA1"] == "lanterns"

    install = blocks("upgrade", "Upgrade")[0].partition("/opt/ptgbot/0.2.0/bin/ptgbot check")[0]
    machine.run(install, "/usr/src/ptgbot")
    upgrade, back = blocks("upgrade", "Upgrade an installation in /opt/ptgbot/.venv")
    machine.run(upgrade, "/usr/src/ptgbot")
    wait_for(lambda: healthy(network))
    assert state(root) == before
    wait_for(lambda: "Paper or glass" in page(network, "tracks/lanterns.html"))
    wait_for(lambda: "The lift is being repaired" in page(network, ""))
    # Features that the former version does not have.
    network.say("mira", "#startmeeting lanterns", "#success We have light", "#endmeeting", operator=True)
    network.say("olga", "#lanterns now Glass it is")
    wait_for(lambda: "Glass it is" in page(network, "tracks/lanterns.html"))
    wait_for(lambda: state(root)["now"]["lanterns"] == "Glass it is")
    between = state(root)

    machine.run(back)
    wait_for(lambda: healthy(network))
    assert state(root) == between
    wait_for(lambda: "Glass it is" in page(network, "tracks/lanterns.html"))
    assert "Lighthouse" in network.say("olga", "+seen mira")
    network.say("olga", "#lanterns next Candles")
    wait_for(lambda: "Candles" in str(state(root)["next"]))

    machine.run(upgrade.replace("before-0.2.0", "again"), "/usr/src/ptgbot")
    wait_for(lambda: healthy(network))
    assert state(root) == {**between, "next": {**between["next"], "lanterns": ["Candles"]}}
    wait_for(lambda: "We have light" in page(network, "successes.html"))
