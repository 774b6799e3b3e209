"""What people said they felt: instruments and the scores of their scales."""
