"""What signal counts: bad half minutes, valid hours, grades."""
