"""Whose face is which, where one picture shows several people."""
