"""Status: alerts, notices, plans, successes and thanks, told in every room and kept on record.

A decision of this feature makes entries of a record that only grows (:mod:`ptgbot.status.model`), and effects that
outlive restarts: lines in rooms (kind ``say``) and messages to publishers (kind ``status.publish``).
"""

from ptgbot.status.feature import FEATURE

__all__ = ["FEATURE"]
