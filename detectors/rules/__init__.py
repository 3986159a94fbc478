"""WASM 2016 and AASM: from movements of single legs to series and indices."""
