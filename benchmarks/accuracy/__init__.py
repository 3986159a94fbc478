"""``make accuracy``: simulated nights scored against their truth, and the pages written from that."""
