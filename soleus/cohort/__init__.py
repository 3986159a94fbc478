"""Many recordings: found, scored on several processes or machines, and kept in one Parquet data set."""
