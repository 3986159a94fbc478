"""What a night survives: a collector that is killed again and again."""
