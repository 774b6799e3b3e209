"""Frames that other programs extracted."""
