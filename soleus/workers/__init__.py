"""The processes of a night; each can be killed at any time and started again."""
