"""How fast a night is scored again, and whether it is the same as from its samples."""
