"""How well a photo is lit and focused."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from locator.core.arrays import RGBArray

_DARK = 64.0  # luma of 255 that a tenth of the picture exceeds
_BRIGHT = 0.5  # share of pixels at full white
_SUBJECT = 0.02  # share of the picture that is something on white rather than a remnant of what was burnt out
_BLURRED = 22.0  # edge width in thousandths of the longer side
_EMPTY = 8.0  # grey levels between dark and light below which there is nothing to be sharp
_NOTHING_LEFT_LUMA, _NOTHING_LEFT_WIDTH = 6.0, 40.0  # beyond, nobody could make anything out

# Shares of the longer side: what is grain rather than an edge, and how far about an edge its dark and light are sought.
_GRAIN, _AROUND = 1 / 384, 0.05
_SHARPEST = 99.7  # percentile of the slope from which on an edge is one of the sharpest


@dataclass(frozen=True)
class Light:
    """How well a photo is lit and focused.

    Attributes:
        luma: brightness that a tenth of the picture exceeds, 0 to 255: what is lit, before however dark a ground.
        white: share of pixels that are burnt out, of a picture cut out on white of those that are cut out.
        edge_width: of the sharpest edges, in thousandths of the longer side; nan in a picture of nothing. Each edge by
            the dark and light about itself: under hard light from the side those of the whole are far apart.
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

    @property
    def hopeless(self) -> bool:
        """Whether so little light or sharpness is left that nobody could make anything out."""
        return self.luma < _NOTHING_LEFT_LUMA or self.edge_width > _NOTHING_LEFT_WIDTH


def measure(rgb: RGBArray) -> Light:
    """Measure brightness and sharpness of an (h, w, 3) uint8 picture."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return Light(float(np.percentile(grey[::4, ::4], 90)), _white(grey), _edge_width(grey))


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
    """Width of the sharpest edges, each from its dark to its light, in thousandths of the picture's longer side."""
    longer = max(grey.shape)
    sigma = max(0.7, longer * _GRAIN)
    calm = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma)
    reach = max(3, round(longer * _AROUND)) | 1
    around = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    height = cv2.dilate(calm, around) - cv2.erode(calm, around)
    slope = cv2.magnitude(cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1))
    # Of every second pixel each way, which tell as much.
    slope, height = slope[::2, ::2], height[::2, ::2]
    sharpest = (slope >= np.percentile(slope, _SHARPEST)) & (height >= _EMPTY)
    if not sharpest.any():
        return float("nan")
    sobel_gain = 8.0  # of OpenCV's 3 x 3 kernel, per grey level and pixel
    width_px = float(np.median(height[sharpest] / slope[sharpest])) * sobel_gain
    own_px = math.hypot(2.5 * sigma, 1.5)  # of a step, made as wide by the two filters; measured on steps
    return math.sqrt(max(0.0, width_px**2 - own_px**2)) / float(longer) * 1000
