"""Reports to print and to take along: one night on one page, and weeks on two."""
