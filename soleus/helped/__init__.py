"""Whether a number of two periods differs: rate ratio, how far one can tell, how many nights it would take, plans."""
