"""Fixtures: an empty Debian, wheels of everything, a network of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.network import Network, own_network
from tests.deploy.root import Root, can_isolate, empty_debian
from tests.servers.programs import missing

ROOT = Path(__file__).parents[2]
NEXT = "99.0.0"
"""A version of the same program that is newer than every release."""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what takes long to make. The variable ``PTGBOT_DEPLOY_CACHE`` names one that outlives the tests."""
    if not can_isolate():
        missing("this machine allows no namespaces and no other root: run the tests as root, outside a container")
    kept = os.environ.get("PTGBOT_DEPLOY_CACHE")
    base = tmp_path_factory.getbasetemp()
    # The workers of pytest-xdist share the folder above theirs.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = Path(kept) if kept else shared / "deploy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def alone(cache: Path) -> Iterator[None]:
    """Let other workers wait: what one of them makes, all use."""
    with (cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def debian(cache: Path) -> Root:
    """An empty Debian with Python and systemd, as a new machine has it. Copy it before you change it."""
    folder = cache / "debian"
    with alone(cache):
        if not folder.exists():
            part = cache / "debian.part"
            shutil.rmtree(part, ignore_errors=True)
            empty_debian(part, ["ca-certificates", "python3", "systemd", "systemd-sysv"])
            part.rename(folder)
    return Root(folder)


@pytest.fixture(scope="session")
def wheels(cache: Path) -> Path:
    """A folder with the wheels of everything in the lock and of what builds ours."""
    folder = cache / "wheels"
    with alone(cache):
        if not folder.exists():
            part = cache / "wheels.part"
            pip = [sys.executable, "-m", "pip", "download", "-qq", "-d", str(part)]
            subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(ROOT / ".ci/lock/run.txt")], check=True)
            subprocess.run([*pip, "hatchling>=1.27", "hatch-vcs>=0.5"], check=True)
            part.rename(folder)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Build a wheel of ours with a version of choice."""

    def build(version: str) -> Path:
        folder = tmp_path_factory.mktemp("dist")
        pip = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "-w", str(folder), str(ROOT)]
        subprocess.run(pip, check=True, env={**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": version})
        return next(folder.glob("*.whl"))

    return build


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """A network of its own with an ngircd."""
    folder = tmp_path / "network"
    folder.mkdir()
    with own_network(folder) as made:
        yield made


@pytest.fixture
def root(debian: Root, tmp_path: Path, wheels: Path) -> Iterator[Root]:
    """A Debian of the test's own, which finds all wheels in ``/wheels`` and nowhere else."""
    made = debian.copy(tmp_path / "root")
    shutil.copytree(wheels, made.at("/wheels"))
    made.at("/etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    made.at("/etc/hosts").write_text("127.0.0.1 localhost irc.example.org\n")
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)
