"""Leg movements and changes of position from acceleration."""
