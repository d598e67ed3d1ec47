"""Projects, people and CI systems of the simulation."""

from __future__ import annotations

import enum
from typing import Final

from attrs import frozen

DAY: Final = 86_400


class Style(enum.Enum):
    """How a CI writes its comments."""

    ZUUL = "zuul"
    JENKINS = "jenkins"
    PLAIN = "plain"
    """Lines of jobs without a summary."""


@frozen
class Ci:
    """A CI system and its habits."""

    username: str
    name: str
    projects: tuple[str, ...]
    jobs: tuple[str, ...]
    style: Style = Style.ZUUL
    minutes: float = 45
    """Typical time from the patch set to the result."""
    flaky: float = 0.03
    """Share of the jobs that fail without a reason."""
    infra: float = 0.01
    """Share of the jobs that fail by the fault of the CI."""
    lazy: float = 0.02
    """Share of the patch sets that it forgets."""
    silences: tuple[tuple[float, float], ...] = ()
    """Days before the present from which and until which it says nothing."""
    trigger: str = "recheck"
    """What people write to ask for a rerun."""
    votes: bool = True
    tells_failures: bool = True


@frozen
class Person:
    """Somebody who writes, reviews and rechecks."""

    username: str
    name: str


PROJECTS: Final = ("harbor/engine", "harbor/client", "harbor/pages", "x/engine", "harbor/docs")
"""The last one has no third-party CI; two have the same last word."""
BRANCHES: Final = ("master", "master", "master", "stable/spring")
UPSTREAM: Final = Ci(
    "zuul",
    "Zuul",
    PROJECTS,
    ("unit-py311", "unit-py312", "functional", "docs", "style"),
    minutes=40,
    flaky=0.02,
    infra=0.006,
    lazy=0.002,
)
THIRD_PARTIES: Final = (
    Ci("acme-storage", "Acme Storage CI", ("harbor/engine", "harbor/client"), ("acme-iscsi", "acme-nvme"), minutes=90),
    Ci(
        "boreal-net",
        "Boreal Networks CI",
        ("harbor/engine", "x/engine"),
        ("boreal-dsvm",),
        Style.JENKINS,
        minutes=150,
        flaky=0.08,
        trigger="boreal: recheck",
    ),
    Ci("cobalt-gpu", "Cobalt GPU CI", ("harbor/engine",), ("gpu-a", "gpu-b", "gpu-c"), Style.PLAIN, 120, flaky=0.3),
    Ci(
        "delta-arm",
        "Delta Arm CI",
        ("harbor/engine", "harbor/pages"),
        ("arm-unit", "arm-functional"),
        minutes=60,
        silences=((9, -400),),
    ),
    Ci(
        "elm-mainframe",
        "Elm Mainframe CI",
        ("harbor/engine", "harbor/client", "x/engine"),
        ("elm-boot",),
        Style.JENKINS,
        minutes=200,
        lazy=0.25,
        silences=((20, 17),),
    ),
    Ci(
        "fjord-lab",
        "Fjord Lab CI",
        ("harbor/client", "harbor/pages"),
        ("fjord-e2e",),
        minutes=75,
        infra=0.12,
        votes=False,
        tells_failures=False,
    ),
)
CIS: Final = (UPSTREAM, *THIRD_PARTIES)
PEOPLE: Final = (
    Person("ada", "Ada"),
    Person("bo", "Bo Talbot"),
    Person("chen", "Chen"),
    Person("dara", "Dara"),
    Person("emre", "Emre"),
    Person("fay", "Fay"),
    Person("goro", "Gorō"),
    Person("hana", "Hana Bot"),
)
"""One of them has a name like a machine's, one a name that is not ASCII."""
WORSENING: Final = ("functional", 5.0, 0.35)
"""A job of upstream, the days before the present since when it fails more often, and how often it does."""
INCIDENTS: Final = ((24.0, 3.0), (11.0, 2.0), (2.5, 1.5), (0.2, 1.0))
"""Days before the present and hours of incidents in which most jobs of upstream fail by its fault."""
SUBJECTS: Final = (
    "Keep the lock while the index is written",
    "Do not ask twice for the same page",
    "Remove an option that nobody sets",
    "Tell which berth is taken",
    "Log the reason of a retry",
    "Count bytes, not letters",
    "Add a test for the empty harbour",
    "Read the tide table at the start",
    "Let pilots be named in any alphabet",
    "Make the queue fair",
    "docs: explain what a mooring is",
    "Close the socket in every case",
)
REASONS: Final = ("", "", "", " timeout in functional", " node failure", " mirror was away", " known bug 4711")
"""What follows the word with which somebody asks for a rerun; most give no reason."""
