"""The team's pages: requests, decisions and letters."""
