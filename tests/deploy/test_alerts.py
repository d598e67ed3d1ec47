"""Alert rules fire at their faults and name their run books; rules and dashboard name only metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ptgbot.metrics import METRICS, PROCESS
from tests.docs.test_pages import blocks
from tests.servers.programs import need

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "docs/deploy/prometheus"
RULES = (PROMETHEUS / "ptgbot-alerts.yml").read_text(encoding="utf-8")
TESTS = ROOT / "tests/deploy/alerts.test.yml"
ALERTS = re.findall(r"- alert: (\w+)", RULES)
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}
KNOWN = {f"{one.name}{suffix}" for one in METRICS for suffix in SUFFIXES.get(one.kind, ("",))} | {*PROCESS}


@pytest.fixture
def promtool(tmp_path: Path) -> list[str]:
    """The program, in a folder with rules and tests."""
    for file in (*PROMETHEUS.iterdir(), TESTS):
        shutil.copy(file, tmp_path)
    return [need("promtool", "apt-get install prometheus")]


def says(promtool: list[str], folder: Path, *arguments: str) -> str:
    done = subprocess.run([*promtool, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_rules_and_scrape_configuration_are_valid(promtool: list[str], tmp_path: Path) -> None:
    assert f"{len(ALERTS)} rules found" in says(promtool, tmp_path, "check", "rules", "ptgbot-alerts.yml")
    says(promtool, tmp_path, "check", "config", "ptgbot-scrape.yml")


def test_lines_of_the_page_install_the_rules(promtool: list[str], tmp_path: Path) -> None:
    (block,) = [text for page, text in blocks("sh") if page == "observability" and "promtool" in text]
    typed = block.replace("/etc/prometheus", str(tmp_path / "prometheus"))
    (tmp_path / "prometheus").mkdir()
    done = subprocess.run(["bash", "-euc", typed], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, f"{len(ALERTS)} rules found" in done.stdout) == (0, True), done.stdout + done.stderr


def test_every_alert_fires_at_its_fault(promtool: list[str], tmp_path: Path) -> None:
    """Where all is well, none of them fires: the first test in the file asks for each."""
    well, _, faults = TESTS.read_text(encoding="utf-8").partition("  - name: Ptgbot")
    assert set(re.findall(r"alertname: (\w+)", well)) == set(re.findall(r"alertname: (\w+)", faults)) == set(ALERTS)
    assert "SUCCESS" in says(promtool, tmp_path, "test", "rules", TESTS.name)


def named(expression: str) -> set[str]:
    """Return the metrics of ours and of the process in an expression of Prometheus."""
    return set(re.findall(r"\b(?:ptgbot|process)_\w+", expression))


def test_alerts_name_only_metrics_that_exist() -> None:
    found = named(" ".join(re.findall(r"expr: (.*)", RULES)))
    assert len(found) > 15
    assert found <= KNOWN


def test_dashboard_names_only_metrics_that_exist() -> None:
    panels = json.loads((PROMETHEUS / "grafana.json").read_text(encoding="utf-8"))["panels"]
    shown = {metric for panel in panels for target in panel["targets"] for metric in named(target["expr"])}
    assert shown <= KNOWN
    assert len({panel["id"] for panel in panels}) == len(panels) > 15


def test_labels_in_alerts_are_labels_of_metrics() -> None:
    labels = {label for one in METRICS for label in one.labels}
    assert set(re.findall(r"\$labels\.(\w+)", RULES)) <= labels


def test_every_alert_names_a_run_book() -> None:
    books = (ROOT / "docs/runbooks.rst").read_text(encoding="utf-8")
    named_books = re.findall(r"runbook: https://gathering\.example\.org/docs/runbooks\.html#([\w-]+)", RULES)
    assert len(named_books) == len(ALERTS)
    assert [book for book in named_books if f".. _{book}:\n" not in books] == []
    assert [alert for alert in ALERTS if f"``{alert}``" not in books] == []
