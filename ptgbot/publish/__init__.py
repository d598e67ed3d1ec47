"""Makes a site of committed slices: a builder process, releases, and a link that is switched in one step."""

from __future__ import annotations

from ptgbot.publish.afterwards import AfterBuild
from ptgbot.publish.projects import IDLE, Project, Projects
from ptgbot.publish.publisher import BuildResult, Publisher
from ptgbot.publish.releases import PublishError, check_output

__all__ = [
    "IDLE",
    "AfterBuild",
    "BuildResult",
    "Project",
    "Projects",
    "PublishError",
    "Publisher",
    "check_output",
]
