"""The command ``locator``."""
