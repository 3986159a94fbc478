"""A night as tables for other programs: events, numbers of the night, its sensors and hours."""
