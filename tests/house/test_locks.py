"""What is installed is exactly what was chosen, from wherever it is fetched."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / ".ci/lock").glob("*.txt"))
NPM_LOCKS = [ROOT / ".ci/npm/package-lock.json", ROOT / "tests/browser/npm/package-lock.json"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS: dict[str, list[str]] = {
    "run": PROJECT["project"]["dependencies"],
    "test": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"],
    "types": PROJECT["project"]["dependencies"]
    + PROJECT["dependency-groups"]["test"]
    + PROJECT["dependency-groups"]["types"],
    "matrix-e2e": PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["matrix-e2e"],
    # The version of Spark is that of the cluster.
    "extras": [
        one
        for name, extra in PROJECT["project"]["optional-dependencies"].items()
        for one in extra
        if name != "stats-spark"
    ],
    "lint": PROJECT["dependency-groups"]["lint"],
    "release": PROJECT["dependency-groups"]["release"],
    "synapse": PROJECT["dependency-groups"]["synapse"],
    "mutation": PROJECT["dependency-groups"]["mutation"],
}


def entries(lock: Path) -> list[str]:
    text = re.sub(r"^#.*\n", "", lock.read_text(), flags=re.MULTILINE)
    return [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]


def pinned(lock: Path) -> dict[str, Requirement]:
    found = [Requirement(entry.partition(" --hash")[0]) for entry in entries(lock)]
    return {canonicalize_name(one.name): one for one in found if not one.marker or one.marker.evaluate()}


def test_there_is_a_lock_for_each_purpose() -> None:
    assert {lock.stem for lock in LOCKS} == set(GROUPS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_entry_is_one_version_with_hashes(lock: Path) -> None:
    entry = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[^\s;]+( ; [^\\]+?)?\s+(--hash=sha256:[0-9a-f]{64}\s*)+")
    assert [line for line in entries(lock) if not entry.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_place_to_fetch_from(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"://|^-|--index|--find-links|/(home|root|opt|tmp|srv|usr)/", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_lock_has_everything_the_project_asks_for(lock: Path) -> None:
    versions = pinned(lock)
    for requirement in map(Requirement, GROUPS[lock.stem]):
        one = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(next(iter(one.specifier)).version, prereleases=True)


def test_locks_agree_with_each_other() -> None:
    chosen: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, requirement in pinned(lock).items():
            chosen.setdefault(name, set()).add(str(requirement.specifier))
    assert {name: versions for name, versions in chosen.items() if len(versions) > 1} == {}


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=["lint", "browser"])
def test_npm_lock_has_digests_and_no_addresses(lock: Path) -> None:
    packages = {name: entry for name, entry in json.loads(lock.read_text())["packages"].items() if name}
    project = json.loads(lock.with_name("package.json").read_text())
    asked = {**project.get("devDependencies", {}), **project.get("optionalDependencies", {})}
    assert {f"node_modules/{name}" for name in asked} == packages.keys()
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
