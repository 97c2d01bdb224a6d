"""``python -m lab.speed``: see :mod:`lab.speed.ratios`."""

from lab.speed.ratios import main

main()
