"""The marks of raters: kept act by act, compared with each other, written and read as lists."""
