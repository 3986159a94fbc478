"""What channels, legs and kinds of sensors say together."""
