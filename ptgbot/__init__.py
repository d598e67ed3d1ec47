"""What is discussed where, now and next: a chat bot and a live schedule site for large gatherings."""

__version__ = "0.1.0"
