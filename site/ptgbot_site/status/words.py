"""Words for states, kinds and durations."""

from __future__ import annotations

from datetime import datetime, timedelta

from ptgbot_site.build.words import say


def state_word(state: str) -> str:
    """Return the word for the state of an alert or plan, the empty string for an unknown one."""
    return {
        "open": say("Being looked into"),
        "identified": say("Cause found"),
        "monitoring": say("Fix in place, watching"),
        "resolved": say("Resolved"),
        "planned": say("Planned"),
        "moved": say("Moved"),
        "extended": say("Extended"),
        "running": say("Running"),
        "done": say("Done"),
        "cancelled": say("Cancelled"),
        "withdrawn": say("Withdrawn"),
    }.get(state, "")


def kind_word(kind: str) -> str:
    """Return the word for the kind of an entry, the empty string for an unknown one."""
    return {
        "alert": say("Alert"),
        "notice": say("Notice"),
        "log": say("Log"),
        "update": say("Update"),
        "ok": say("Resolved"),
        "after": say("Review"),
        "plan": say("Plan"),
        "success": say("Success"),
        "thanks": say("Thanks"),
    }.get(kind, "")


def service_word(state: str) -> str:
    """Return the word for the state of a service."""
    return {
        "operational": say("Works"),
        "under_maintenance": say("Maintenance"),
        "degraded_performance": say("Restricted"),
        "partial_outage": say("Partly down"),
        "major_outage": say("Down"),
    }.get(state, state)


def lasted(start: datetime, end: datetime) -> str:
    """Return a duration in words, such as ``2 h 5 min``."""
    minutes = max(int((end - start) / timedelta(minutes=1)), 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return say("%d d %d h") % (days, hours)
    return say("%d h %d min") % (hours, rest) if hours else say("%d min") % rest
