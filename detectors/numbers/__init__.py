"""The numbers of a finished night, each null with a reason where it cannot be known."""
