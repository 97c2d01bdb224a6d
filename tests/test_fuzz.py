"""The short form of the search in ``lab/fuzz/``: where it begins, and all that it has ever found."""

from pathlib import Path

import pytest

from lab.fuzz import seeds, targets

FOUND = Path(targets.__file__).parent / "found"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # as the reader has it
@pytest.mark.parametrize("target", targets.TARGETS)
def test_no_input_breaks_a_promise(target):
    found = {file.name: file.read_bytes() for file in sorted((FOUND / target).glob("*-*"))}
    for name, data in {**seeds.SEEDS[target](), **found}.items():
        try:
            targets.TARGETS[target](data)
        except Exception as error:
            raise AssertionError(name) from error
