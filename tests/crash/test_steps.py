"""``kill -9`` at each call of the file system: a document and its batch, the change of schema, forgetting, rotation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STEPS = Path(__file__).with_name("steps.py")


def test_kill_at_any_step_leaves_no_partial_change(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(STEPS), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) > 30
