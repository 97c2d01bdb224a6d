"""Where the files that ship beside the code are: in a checkout at its root, in a wheel inside the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def path(name: str) -> Path:
    """The file or folder ``name`` of the checkout (``app.py``, ``models``, ``sample_images``).

    Raises:
        FileNotFoundError: if the installation lacks it.
    """
    for root in (_PACKAGE / "checkout", _PACKAGE.parent):
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(f"{name} is missing beside {_PACKAGE}; install the program again")
