"""Sleep and wear, judged from acceleration when the night is over."""
