"""The session: requests, the login and its repetition, the sync loop and the sync tokens that are committed."""
