"""Our own numbers, by topic: reasoned, tried on simulated signals, not validated on people."""
