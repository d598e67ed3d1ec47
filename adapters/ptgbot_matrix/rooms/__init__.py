"""Rooms: their state, what people write in them, which ones are configured, invitations and direct chats."""
