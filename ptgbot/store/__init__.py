"""Durable JSON: edits, a journal of them, exports. Knows no feature."""
