"""Whether what ``soleus tune`` says of its choice holds on nights that it has not seen; writes docs/tuning.md."""
