"""Pure science: from samples to events, with numpy and scipy alone."""
