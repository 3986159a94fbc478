"""Damaged files into every importer: ``python -m benchmarks.fuzz_files``."""
