"""The banner of an incident of upstream."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from ptgbot.ci.incidents import Incident
from ptgbot_site.build.markup import EMPTY, joined, name
from ptgbot_site.build.words import say
from ptgbot_site.ci.markup import moment

_MOST: Final = 12


def banner(incident: Incident | None) -> Markup:
    """Return the banner; empty without an incident."""
    if incident is None:
        return EMPTY
    jobs = joined((name(job, 60) for job in incident.jobs[:_MOST]), ", ")
    more = len(incident.jobs) - _MOST
    rest = Markup(" {}").format(say("and {number} more").format(number=more)) if more > 0 else EMPTY
    return Markup('<p class="ci-incident" role="note"><strong>⚡ {}</strong> {} {}: {}{}</p>').format(
        say("The infrastructure of upstream fails:"),
        say("{number} jobs since").format(number=len(incident.jobs)),
        moment(incident.since),
        jobs,
        rest,
    )
