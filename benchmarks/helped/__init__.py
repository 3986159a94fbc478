"""Whether comparisons of two periods say what they may: on simulated counts whose truth is known."""
