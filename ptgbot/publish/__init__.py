"""From committed slices to a site that readers see whole: builder process, releases, one switch of a link."""

from __future__ import annotations

from ptgbot.publish.afterwards import AfterBuild
from ptgbot.publish.publisher import BuildResult, Publisher
from ptgbot.publish.releases import PublishError

__all__ = ["AfterBuild", "BuildResult", "PublishError", "Publisher"]
