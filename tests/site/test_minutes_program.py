"""Import and site as an operator runs them, without a bot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOG = "14:00:00 <ada> #startmeeting infra\n14:00:09 <ada> #endmeeting\n"
TOML = '[state]\npath = "ptg.json"\n\n[site]\noutput = "html"\n'


def ptgbot(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "ptgbot", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=240)
    return done.stdout


def write(folder: Path, day: int) -> None:
    path = folder / "old" / "infra" / "2015" / f"infra.2015-07-{day}-14.00.log.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LOG, "utf-8")


def test_later_import_is_on_the_site_without_bot(tmp_path: Path) -> None:
    (tmp_path / "ptgbot.toml").write_text(TOML, "utf-8")
    for number, day in enumerate((21, 28), 1):
        write(tmp_path, day)
        assert "1 meetings written" in ptgbot(tmp_path, "meetings", "import", "ptgbot.toml", "old", "net")
        ptgbot(tmp_path, "site", "ptgbot.toml")
        shown = (tmp_path / "html" / "meetings" / "index.html").read_text("utf-8")
        assert shown.count("2015/infra.2015-07-") == number
    assert (tmp_path / "html" / "meetings" / "infra" / "2015" / "infra.2015-07-28-14.00.txt").is_file()
    release = (tmp_path / "html.d" / "projects" / "meetings").readlink()
    ptgbot(tmp_path, "site", "ptgbot.toml")
    assert (tmp_path / "html.d" / "projects" / "meetings").readlink() == release
