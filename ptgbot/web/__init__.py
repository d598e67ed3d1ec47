"""The web server: pages of the current release, the state as JSON, live events, health; in processes of its own."""
