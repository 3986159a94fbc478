"""Many virtual sensors in front of one recorder."""
