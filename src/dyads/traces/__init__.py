"""From frames to a regular, quality-masked trace on the session clock."""
