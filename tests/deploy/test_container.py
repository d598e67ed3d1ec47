"""The steps of the Containerfile, in a clean root: not every machine that runs tests reaches a registry of images."""

from __future__ import annotations

import re

import pytest

from tests.deploy.conftest import ROOT
from tests.deploy.root import Root
from tests.deploy.test_page import copy_repository

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1800)]
SOURCE = (ROOT / "docs/deploy/Containerfile").read_text(encoding="utf-8")


def steps() -> list[str]:
    """Return the shell commands of all RUN instructions."""
    joined = SOURCE.replace("\\\n", " ")
    return re.findall(r"^RUN (.*)$", joined, re.MULTILINE)


def test_steps_of_containerfile_make_a_program(root: Root) -> None:
    copy_repository(root.at("/src"))
    packages, build, install = steps()
    root.run(packages)
    root.run(f"cd /src\n{build}")
    root.run(install)
    assert re.search(r"^USER ptgbot$", SOURCE, re.MULTILINE)
    entry = re.search(r'^ENTRYPOINT \["(.*)"\]$', SOURCE, re.MULTILINE)
    assert entry
    command = " ".join(entry[1].split('", "'))
    # tini wants to be the first process.
    assert "ptgbot " in root.run(f"{command.replace('tini', 'tini -s')} --version", user="ptgbot")
    root.run("touch /var/cache/ptgbot/writable /var/lib/ptgbot/writable", user="ptgbot")
