"""What labelling what is suggested is worth, beside labelling anything; writes docs/labelling-gain.md."""
