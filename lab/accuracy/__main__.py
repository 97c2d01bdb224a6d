"""``python -m lab.accuracy``: see :mod:`lab.accuracy.marks`."""

from lab.accuracy.marks import main

main()
