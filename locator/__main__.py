"""``python -m locator`` is the command ``locator``."""

from locator.cli.commands import main

main()
