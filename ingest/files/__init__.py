"""Recordings and lists of events that were made by other programs."""
