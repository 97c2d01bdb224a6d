"""How well a photo is lit and focused."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import FloatArray, RGBArray

_DARK = 64.0  # luma of 255 that a tenth of the picture exceeds
_BRIGHT = 0.5  # share of pixels at full white
_ALL_WHITE = 0.85  # share of pixels at full white, whatever they are, from which on nothing else is left
_SUBJECT = 0.02  # share of the picture that is something on white rather than a remnant of what was burnt out
_BLURRED = 22.0  # edge width in thousandths of the longer side
_EMPTY = 8.0  # grey levels between dark and light below which there is nothing to be sharp
_NOTHING_LEFT_LUMA, _NOTHING_LEFT_WIDTH = 6.0, 40.0  # beyond, nobody could make anything out

# How many times brighter than the other one side of a back is that is lit from there. Looked at are these places along
# a spine and beside it, in lengths of it, if so many of them lie in the picture. Chosen by hand on rendered bodies.
_UNEVEN = 2.5
_ALONG, _ACROSS, _ENOUGH = np.linspace(0.15, 0.85, 15), np.linspace(0.08, 0.3, 8), 0.4

_ENOUGH_PX = 320  # of the longer side: edges are measured on no picture twice as large
# Shares of that side: what is grain rather than an edge, and how far about an edge its dark and light are sought.
_GRAIN, _AROUND = 1 / 384, 0.05
_SHARPEST = 99.7  # percentile of the slope from which on an edge is one of the sharpest


@dataclass(frozen=True)
class Light:
    """How well a photo is lit and focused.

    Attributes:
        luma: brightness that a tenth of the picture exceeds, 0 to 255: what is lit, before however dark a ground.
        white: share of pixels that are burnt out, of a picture cut out on white of those that are cut out.
        blank: share of pixels that are as white as these, cut out or not.
        edge_width: of the sharpest edges, in thousandths of the longer side; nan in a picture of nothing. Each edge by
            the dark and light about itself: under hard light from the side those of the whole are far apart.
    """

    luma: float
    white: float
    edge_width: float
    blank: float = 0.0

    @property
    def dark(self) -> bool:
        """Whether little can be seen."""
        return self.luma < _DARK

    @property
    def bright(self) -> bool:
        """Whether most of it is burnt out."""
        return self.white > _BRIGHT

    @property
    def burnt_out(self) -> bool:
        """Whether so much of it is white that nobody could be made out."""
        return self.bright or self.blank > _ALL_WHITE

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
    burnt = grey >= 250
    share = float(burnt.mean())
    return Light(float(np.percentile(grey[::4, ::4], 90)), _white(burnt, share), _edge_width(grey), share)


def is_uneven(rgb: RGBArray, c7: FloatArray, s2: FloatArray) -> bool:
    """Whether one side of a back in an (h, w, 3) uint8 picture lies in shadow.

    Args:
        c7, s2: (2,) px where its spine begins and ends.
    """
    along, across = np.meshgrid(_ALONG, _ACROSS)
    down = s2 - c7
    aside = np.array([down[1], -down[0]])
    sides = []
    for side in (-1, 1):
        x, y = np.round(c7 + along.reshape(-1, 1) * down + side * across.reshape(-1, 1) * aside).astype(int).T
        there = (x >= 0) & (y >= 0) & (x < rgb.shape[1]) & (y < rgb.shape[0])
        if there.mean() < _ENOUGH:
            return False
        sides.append(float(np.median(rgb[y[there], x[there]].max(axis=1))))
    return max(sides) > _UNEVEN * max(1.0, min(sides))


def _white(burnt: NDArray[np.bool_], share: float) -> float:
    """Share of pixels that are burnt out; what lies around a subject on white paper or cloth is not."""
    if share <= _BRIGHT:
        return share
    _, labels = cv2.connectedComponents(burnt.astype(np.uint8))
    at_border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    subject = ~np.isin(labels, at_border[at_border > 0])
    return float(burnt[subject].mean()) if subject.mean() > _SUBJECT else share


def _halved(grey: RGBArray) -> RGBArray:
    """As large as is enough to tell how wide edges are; a row or column too many is left out."""
    while max(grey.shape) >= 2 * _ENOUGH_PX and min(grey.shape) > 1:
        height, width = (side // 2 for side in grey.shape)
        even = grey[: 2 * height, : 2 * width]
        grey = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return grey


def _edge_width(grey: RGBArray) -> float:
    """Width of the sharpest edges, each from its dark to its light, in thousandths of the picture's longer side."""
    grey = _halved(grey)
    longer = max(grey.shape)
    sigma = max(0.7, longer * _GRAIN)
    calm = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma)
    reach = max(3, round(longer * _AROUND)) | 1
    around = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    height = cv2.subtract(cv2.dilate(calm, around), cv2.erode(calm, around))
    slope = cv2.magnitude(cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1))
    steep = np.percentile(slope[::2, ::2], _SHARPEST)  # of a quarter of them, which tells as much
    sharpest = (slope >= steep) & (height >= _EMPTY)
    if not sharpest.any():
        return float("nan")
    sobel_gain = 8.0  # of OpenCV's 3 x 3 kernel, per grey level and pixel
    width_px = float(np.median(height[sharpest] / slope[sharpest])) * sobel_gain
    own_px = math.hypot(2.5 * sigma, 1.5)  # of a step, made as wide by the two filters; measured on steps
    return math.sqrt(max(0.0, width_px**2 - own_px**2)) / float(longer) * 1000
