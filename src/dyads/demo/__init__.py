"""The demo study: people who never lived, painted, filmed and read like any other."""
