"""Bytes that no sensor should send: ``python -m benchmarks.fuzz``."""
