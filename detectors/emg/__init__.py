"""Leg movements and cramp-like contractions from surface EMG."""
