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
        for part in ("ptgbot", "adapters", "site", "tests"):
            shutil.rmtree(folder / part, ignore_errors=True)
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.check_output(listing, cwd=ROOT, text=True).split("\0"):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        if not (folder / ".venv").exists():
            venv.create(folder / ".venv", with_pip=False)
        packages = next((folder / ".venv/lib").glob("python*")) / "site-packages"
        found = [path for path in sys.path if Path(path).name == "site-packages"]
        paths = [folder, folder / "adapters", folder / "site", *found]
        (packages / "copy.pth").write_text("".join(f"{path}\n" for path in paths) + STARTUP)
        # Compiled once: later runs write no byte code, since that of a flipped source might outlive the flip.
        parts = [str(folder / part) for part in ("ptgbot", "adapters", "site")]
        subprocess.run([folder / ".venv/bin/python", "-m", "compileall", "-q", *parts], check=True)

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
