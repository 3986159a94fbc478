"""Command line and wiring of Soleus."""

__version__ = "0.1.0"
