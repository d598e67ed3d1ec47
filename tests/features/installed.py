"""Features of other people, installed beside ptgbot without changing any file of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from ptgbot.store.export import ExportFile
from ptgbot.store.file import FileStore
from ptgbot.store.opening import Opening
from ptgbot.store.state import StoredState

HERE = Path(__file__).parent
GUESTS = ("ear", "crier", "hoarder", "clerk")


def install_coffee(folder: Path) -> dict[str, str]:
    """Install the example feature into a folder with pip. Returns the environment in which programs find it."""
    target = folder / "site-packages"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, HERE / "coffee"]
    subprocess.run([*map(str, command)], check=True, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})
    return {"PYTHONPATH": str(target)}


def install_guests(folder: Path) -> dict[str, str]:
    """Put the probe guests into a folder as an installed distribution. Returns the environment that finds them."""
    target = folder / "site-packages"
    about = target / "ptgbot_guests-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ptgbot-guests\nVersion: 1.0\n", "utf-8")
    points = "".join(f"{name} = ptgbot_guest_{name}:FEATURE\n" for name in GUESTS)
    (about / "entry_points.txt").write_text(f"[ptgbot.features]\n{points}", "utf-8")
    for name in GUESTS:
        (target / f"ptgbot_guest_{name}.py").write_bytes((HERE / "guests" / f"{name}.py").read_bytes())
    _install_extensions(target)
    return {"PYTHONPATH": str(target)}


def environment(found: Mapping[str, str]) -> dict[str, str]:
    """Return our environment together with the one that finds an installed feature."""
    return {**os.environ, **found}


def _install_extensions(target: Path) -> None:
    """Put the Sphinx extensions of the hoarder beside it, each as a package with a folder of pages."""
    for name in ("hoarder_menu", "hoarder_site"):
        package = target / f"ptgbot_guest_{name}"
        package.mkdir()
        (package / "__init__.py").write_bytes((HERE / "guests" / f"{name}.py").read_bytes())
    shutil.copytree(HERE / "guests" / "pages", target / "ptgbot_guest_hoarder_site" / "pages")


async def stored(folder: Path) -> StoredState:
    """Return the state in a folder of the bot, read beside it."""
    nothing = ExportFile(folder / "nothing.json", cast("Any", None))
    opening = Opening(FileStore.beside(folder / "ptg.json"), nothing, {}, lambda _state: None, datetime.now(UTC))
    opened = await opening.follow()
    assert opened
    return opened.state
