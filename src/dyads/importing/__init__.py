"""Bring what was collected in REDCap into the tables of a study."""
