"""Tests look at what was installed, not by accident at the checkout beside it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest

PACKAGES = ["ptgbot", "ptgbot_console", "ptgbot_irc", "ptgbot_matrix", "ptgbot_site"]


def editable() -> bool:
    """Return whether the checkout itself is what was installed."""
    origin = distribution("ptgbot").read_text("direct_url.json")
    return bool(origin and json.loads(origin).get("dir_info", {}).get("editable"))


@pytest.mark.skipif(editable(), reason="the checkout itself is installed")
@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_the_installed_one(name: str) -> None:
    found = import_module(name).__file__
    assert found
    assert Path(found).is_relative_to(sys.prefix)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_that_it_is_typed(name: str) -> None:
    found = import_module(name).__file__
    assert found
    assert Path(found).with_name("py.typed").exists()


@pytest.mark.skipif(editable(), reason="the checkout has them where they are written")
def test_sample_and_documentation_are_installed() -> None:
    folder = Path(str(distribution("ptgbot").locate_file("")))
    assert (folder / "ptgbot/base.json").is_file()
    assert (folder / "ptgbot_site/docs/index.rst").is_file()
    assert (folder / "ptgbot_site/gathering/pages/index.rst").is_file()


@pytest.mark.parametrize("group", ["ptgbot.adapters", "ptgbot.features", "sphinx.html_themes", "console_scripts"])
def test_every_entry_point_can_be_loaded(group: str) -> None:
    ours = [entry for entry in entry_points(group=group) if entry.dist and entry.dist.name == "ptgbot"]
    assert ours
    for entry in ours:
        assert entry.load()
