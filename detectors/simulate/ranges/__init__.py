"""The values of every regime, one module each, for tuning and for the test.

The ranges follow the literature where there is any (science.md 9); the rest is a proposal. Within a
regime the ranges of the two splits that shape the signals do not overlap.
"""
