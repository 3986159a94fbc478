"""The studio: recordings that thresholds are tried on, and what people marked in them."""
