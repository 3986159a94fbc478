"""How fast and how large: every figure beside its anchor, measured in the same run."""
