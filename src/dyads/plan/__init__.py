"""The analysis plan: what was decided beforehand, its lock, and what later changes touch."""
