"""Messages, answers and commands, and the ordered way between adapters and the core."""
