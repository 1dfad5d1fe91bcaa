"""The servers and the browser tests drive, each started once a session and only when a test asks."""
