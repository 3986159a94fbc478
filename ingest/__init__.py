"""Everything that touches a wire or a file."""
