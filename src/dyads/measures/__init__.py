"""What a trace says of a segment: expression and synchrony."""
