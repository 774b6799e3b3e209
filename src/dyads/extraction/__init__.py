"""From the pictures of a film to what a detector says of each face."""
