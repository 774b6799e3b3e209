"""The study's figures: one module each, whose `draw` gives the figure and the numbers it shows.

A figure reads nothing: it takes tables. It shows raw data, says how many people stand behind
it and names its intervals. This package imports none of its modules, so that a change in one
figure leaves the others as they are.
"""
