"""The pages in a browser: how fast they show a night, and what they cost."""
