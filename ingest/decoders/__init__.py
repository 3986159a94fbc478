"""One file per device: bytes to samples and back."""
