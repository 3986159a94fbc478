"""Many nights scored side by side: what another process brings."""
