"""Thresholds chosen on scored recordings: what is tried, what it costs, and how sure that is."""
