"""Agreement with references over many recordings: what is read, pooled and shown."""
