"""Timings of Prepgraph beside what one would use instead, in one run on one machine: read the ratios."""
