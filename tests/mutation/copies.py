"""Copies of the repository in which sources are changed and tests run, each with an environment of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
IGNORED = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "html", "html.d", "dist", "build", "*.pyc")

STARTUP = """\
import sys; sys.modules["rich"] = None
import os; "COVERAGE_PROCESS_START" in os.environ and __import__("coverage").process_startup()
"""
"""Executed by every interpreter of a copy.

cosmic-ray brings rich, with which structlog renders tracebacks so slowly that tests run out of time. Processes that
tests start are measured as well, until they are killed.
"""


class Copy:
    """A folder with the tracked sources, and an interpreter that imports ptgbot from it."""

    def __init__(self, folder: Path) -> None:
        """Make the copy, or bring an earlier one up to date."""
        self.folder = folder
        for kept in ("ptgbot", "adapters", "site", "tests", "docs", "bench"):
            shutil.rmtree(folder / kept, ignore_errors=True)
        shutil.copytree(ROOT, folder, ignore=IGNORED, dirs_exist_ok=True)
        if not (folder / ".venv").exists():
            venv.create(folder / ".venv", with_pip=False)
        packages = next((folder / ".venv/lib").glob("python*")) / "site-packages"
        found = [path for path in sys.path if Path(path).name == "site-packages"]
        paths = [folder, folder / "adapters", folder / "site", *found]
        (packages / "copy.pth").write_text("".join(f"{path}\n" for path in paths) + STARTUP)

    def pytest(self, tests: list[str], *options: str, limit: float, **environment: str) -> tuple[int | None, str]:
        """Run tests in the copy.

        Args:
            tests: Paths or identifiers, in the order in which they shall run.
            options: Further arguments of pytest.
            limit: Seconds after which the run is killed.
            environment: Further variables.

        Returns:
            The status of pytest, or None when it was killed; and what it printed.
        """
        listed = self.folder / ".tests"
        listed.write_text("".join(f"{one}\n" for one in tests))
        command = [self.folder / ".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "tests.mutation.contexts", "--hypothesis-seed=0", "--no-header", *options, f"@{listed}"]
        cleared = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        started = subprocess.Popen(
            [str(word) for word in command],
            cwd=self.folder,
            env={**cleared, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            said, _ = started.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            said, _ = started.communicate()
            return None, said
        return started.returncode, said
