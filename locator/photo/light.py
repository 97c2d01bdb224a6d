"""How well a photo is lit and focused."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from locator.core.arrays import RGBArray

_DARK, _BRIGHT = 40.0, 0.5  # mean luma of 255; share of pixels at full white
_SUBJECT = 0.1  # share of the picture that is something on white rather than a remnant of what was burnt out
_BLURRED = 25.0  # edge width in thousandths of the longer side
_EMPTY = 8.0  # grey levels between dark and light below which there is nothing to be sharp


@dataclass(frozen=True)
class Light:
    """How well a photo is lit and focused.

    Attributes:
        luma: mean brightness, 0 to 255.
        white: share of pixels that are burnt out, of a picture cut out on white of those that are cut out.
        edge_width: of the sharpest edges, in thousandths of the longer side; nan in a picture of nothing.
    """

    luma: float
    white: float
    edge_width: float

    @property
    def dark(self) -> bool:
        """Whether little can be seen."""
        return self.luma < _DARK

    @property
    def bright(self) -> bool:
        """Whether most of it is burnt out."""
        return self.white > _BRIGHT

    @property
    def blurred(self) -> bool:
        """Whether edges are smeared out."""
        return self.edge_width > _BLURRED


def measure(rgb: RGBArray) -> Light:
    """Measure brightness and sharpness of an (h, w, 3) uint8 picture."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return Light(float(grey.mean()), _white(grey), _edge_width(grey))


def _white(grey: RGBArray) -> float:
    """Share of pixels that are burnt out; what lies around a subject on white paper or cloth is not."""
    burnt = grey >= 250
    share = float(burnt.mean())
    if share <= _BRIGHT:
        return share
    _, labels = cv2.connectedComponents(burnt.astype(np.uint8))
    at_border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    subject = ~np.isin(labels, at_border[at_border > 0])
    return float(burnt[subject].mean()) if subject.mean() > _SUBJECT else share


def _edge_width(grey: RGBArray) -> float:
    """Width of the sharpest edges, from dark to light, in thousandths of the picture's longer side."""
    calm = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)  # grain is no edge
    slope = cv2.magnitude(cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1))
    # Of every second and every fourth pixel, which tell as much.
    steepest = float(np.percentile(slope[::2, ::2], 99.9))
    dark, light = np.percentile(calm[::4, ::4], (1, 99))
    if light - dark < _EMPTY:
        return float("nan")
    sobel_gain = 8.0  # of OpenCV's 3 x 3 kernel, per grey level and pixel
    width_px = (light - dark) / (steepest / sobel_gain)
    return float(width_px / max(grey.shape) * 1000)
