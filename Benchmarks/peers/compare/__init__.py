"""Runs Descent and its peers in turns and writes the table of ratios and the charts."""
