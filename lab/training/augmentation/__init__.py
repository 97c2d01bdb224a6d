"""Augmentation: from stored scenes to training samples, with every crop, rotation, background, light and flaw."""
