"""Meetings, a feature: minutes from the chat, on IRC and Matrix.

Modules, the pure ones first:

``meeting``
    The model :class:`~ptgbot.meetings.meeting.Meeting`, and the line that changes it.
``items`` ``people`` ``votes`` ``actions`` ``commands``
    Parts of the model: items, chairs, votes, actions by person, and the commands that people type.
``minutes``
    The JSON of a meeting, and the address and the document of a finished one.
``extensions``
    The point where other parts of the feature hook into a meeting.
``replay`` ``styles``
    Old logs, made into meetings.
``feature``
    The side that the core sees: rooms, state, topics.
"""

from ptgbot.meetings.feature import MeetingsFeature

FEATURE = MeetingsFeature()
