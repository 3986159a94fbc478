"""How fast the bench answers while a threshold is dragged."""
