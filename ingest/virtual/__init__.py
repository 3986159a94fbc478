"""Virtual leg sensors: a Bluetooth stack, a radio and sensors that need no hardware."""
