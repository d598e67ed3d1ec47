"""What features read of servers for code review (Gerrit): responses of the REST interface, headers of comments."""
