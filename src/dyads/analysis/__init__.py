"""From measures to the answers of the study's models."""
