"""A chat bot and a live schedule site for large gatherings: topics now and next, rooms, people."""

__version__ = "0.1.0"
