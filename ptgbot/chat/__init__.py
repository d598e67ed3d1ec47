"""What an adapter and the core say to each other: messages in, answers out, in order."""
