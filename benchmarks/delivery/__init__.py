"""How fast entries get from the journal to the database, beside what the bare clients do."""
