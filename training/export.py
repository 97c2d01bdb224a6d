"""Writes a trained network as ONNX, which the program runs.

python -m training.export coarse|fine --from DIR --to FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training.network import BackNetwork
from training.places import PASSES


def export(which: str, checkpoint: Path, to: Path) -> None:
    """The running mean of the weights, for any number of pictures at once."""
    of = PASSES[which]
    network = BackNetwork(of)
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["steady"])
    network.eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, of.side_px, of.side_px),),
        str(to),
        input_names=["picture"],
        output_names=["heat", "told"],
        dynamic_axes={name: {0: "n"} for name in ("picture", "heat", "told")},
        dynamo=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=sorted(PASSES))
    parser.add_argument("--from", dest="folder", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    export(options.which, options.folder / f"{options.which}.pt", options.to)


if __name__ == "__main__":
    main()
