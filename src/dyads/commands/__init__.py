"""The commands of the program `dyads`, one a module."""
