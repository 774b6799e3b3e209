"""Media files: what they hold, their pictures and sound, their time."""
