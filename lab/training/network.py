"""The networks: an encoder, a decoder to stride 4, a heat map for each keypoint.

Those that read are plain residual convolutions, which run fast on any processor and in any runtime. The witnesses,
which say whether there is a back at all and nothing else, stand on a trunk that has seen real people
(:mod:`lab.training.trunk`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lab.training.keypoints import NAMES, Stage
from lab.training.trunk import Trunk
from locator.models.heatmap_network import HEATMAP_STRIDE


def _convolution(into: int, out: int, kernel: int = 3, stride: int = 1, relu: bool = True) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out),
    ]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Sequential(_convolution(width, width), _convolution(width, width, relu=False))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.change(x))


class BackNetwork(nn.Module):
    """(n, 3, s, s) inputs → (n, 24, s/4, s/4) heat maps and (n, 25) scales and class.

    The latter hold for each keypoint the logarithm of the error's scale in pixels, then the logit that this is a back.
    """

    def __init__(self, of: Stage) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, least = of.widths
        self.to_quarter = nn.Sequential(_convolution(3, half, 5, 2), _convolution(half, quarter, stride=2))
        self.to_eighth = nn.Sequential(_convolution(quarter, eighth, stride=2), _Residual(eighth))
        self.to_sixteenth = nn.Sequential(
            _convolution(eighth, sixteenth, stride=2), _Residual(sixteenth), _Residual(sixteenth)
        )
        deep = [_Residual(least) for _ in range(of.depth)]
        self.to_least = nn.Sequential(_convolution(sixteenth, least, stride=2), *deep)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.least_to_sixteenth = nn.Conv2d(least, sixteenth, 1)
        self.sixteenth_to_eighth = nn.Conv2d(sixteenth, eighth, 1)
        self.eighth_to_quarter = nn.Conv2d(eighth, quarter, 1)
        self.at_sixteenth = nn.Sequential(*_convolution(sixteenth, sixteenth), _Residual(sixteenth))
        self.at_eighth = _convolution(eighth, eighth)
        self.at_quarter = _convolution(quarter, quarter)
        self.heat = nn.Conv2d(quarter, len(NAMES), 1)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.told = nn.Sequential(
            nn.Conv2d(least + sixteenth, least, 1), nn.ReLU(inplace=True), nn.Conv2d(least, len(NAMES) + 1, 1)
        )

    def fuse(self) -> BackNetwork:
        """Take each normalization into its convolution, as the program runs it; returns itself."""
        self.eval()
        for layers in [module for module in self.modules() if isinstance(module, nn.Sequential)]:
            for at in range(len(layers) - 1):
                convolution, norm = layers[at], layers[at + 1]
                if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    layers[at] = nn.utils.fuse_conv_bn_eval(convolution, norm)
                    layers[at + 1] = nn.Identity()
        return self.requires_grad_(True)  # biases that come from a normalization would stay as they are

    def seen(self, picture: Tensor) -> Tensor:
        """(n, c, 1, 1): the means by which scales and class are told."""
        return self._encoded(picture)[-1]

    def _encoded(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features at strides 4, 8 and 16, the last with what stride 32 adds, and the means of both last."""
        quarter = self.to_quarter(picture)
        eighth = self.to_eighth(quarter)
        sixteenth = self.to_sixteenth(eighth)
        least = self.to_least(sixteenth)
        sixteenth = self.at_sixteenth(sixteenth + self.up(self.least_to_sixteenth(least)))
        return quarter, eighth, sixteenth, torch.cat([self.mean(least), self.mean(sixteenth)], dim=1)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        quarter, eighth, sixteenth, seen = self._encoded(picture)
        eighth = self.at_eighth(eighth + self.up(self.sixteenth_to_eighth(sixteenth)))
        quarter = self.at_quarter(quarter + self.up(self.eighth_to_quarter(eighth)))
        return self.heat(quarter), self.told(seen).flatten(1)


def _plain(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, width, 3, 1, 1), nn.ReLU(inplace=True))


class _PlainResidual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Sequential(_plain(width), nn.Conv2d(width, width, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.change(x))


class WitnessNetwork(nn.Module):
    """(n, 3, s, s) inputs → (n, 1) the logits that these are backs."""

    def __init__(self, trunk: Trunk | None = None) -> None:
        super().__init__()
        self.trunk = trunk or Trunk()
        sixteenth, least = Trunk.widths
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.from_least, self.from_sixteenth = nn.Conv2d(least, _WIDE, 1), nn.Conv2d(sixteenth, _WIDE, 1)
        self.at_sixteenth = nn.Sequential(nn.ReLU(), _PlainResidual(_WIDE))
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.told = nn.Sequential(nn.Conv2d(least + _WIDE, _WIDE, 1), nn.ReLU(inplace=True), nn.Conv2d(_WIDE, 1, 1))

    def fuse(self) -> WitnessNetwork:
        """There are no normalizations; returns itself."""
        return self

    def forward(self, picture: Tensor) -> Tensor:
        """See the class."""
        sixteenth, least = self.trunk(picture)
        sixteenth = self.at_sixteenth(self.up(self.from_least(least)) + self.from_sixteenth(sixteenth))
        return self.told(torch.cat([self.mean(least), self.mean(sixteenth)], dim=1)).flatten(1)


def network_of(of: Stage) -> BackNetwork | WitnessNetwork:
    """A new network for a stage."""
    return WitnessNetwork() if of.is_witness else BackNetwork(of)


def _cells(side: int) -> Tensor:
    """(side,) px: the middles of the cells."""
    return torch.arange(side, dtype=torch.float32) * HEATMAP_STRIDE + (HEATMAP_STRIDE - 1) / 2


def soft_argmax(probabilities: Tensor) -> Tensor:
    """(n, k, 2) px: the means of (n, k, h, w) probabilities."""
    cells = _cells(probabilities.shape[-1]).to(probabilities.device)
    return torch.stack([probabilities.sum(2) @ cells, probabilities.sum(3) @ cells], dim=-1)


def heatmap_probabilities(heat: Tensor) -> Tensor:
    """(n, k, h, w) heat → probabilities."""
    return heat.float().flatten(2).softmax(-1).view(heat.shape)


def loss(heat: Tensor, extra: Tensor, keypoints: Tensor, weight: Tensor, back: Tensor) -> dict[str, Tensor]:
    """What training lowers.

    Args:
        keypoints: (n, 24, 2) true positions in px.
        weight: (n, 24) how much each counts; 0 where there is none.
        back: (n,) 1 for a back, 0 for anything else.

    Returns:
        ``heat``: cross entropy of the heat maps to a Gaussian at the true position; ``off``: distance of their
        soft-argmax, in cells; ``scale``: negative log likelihood of that distance under the predicted scale; ``back``:
        binary cross entropy of the class; ``apart``: see :func:`witness_loss`.
    """
    total = weight.sum().clamp(min=1)
    gaussian = torch.exp(
        -((_cells(heat.shape[-1]).to(heat.device) - keypoints[..., None]) ** 2) / (2 * _GAUSSIAN_PX**2)
    )
    across, down = (gaussian / gaussian.sum(-1, keepdim=True).clamp(min=1e-6)).unbind(2)
    log_probabilities = heat.float().flatten(2).log_softmax(-1).view(heat.shape)
    cross_entropy = -((log_probabilities @ across[..., None])[..., 0] * down).sum(-1)
    off = (soft_argmax(log_probabilities.exp()) - keypoints).norm(dim=-1)
    log_scale = extra[:, :-1].float().clamp(-3, 5)
    nll = off.detach() * torch.exp(-log_scale) + 2 * log_scale  # of a density falling off as exp(-r / scale)
    return {
        "heat": (cross_entropy * weight).sum() / total,
        "off": (off * weight).sum() / total / HEATMAP_STRIDE,
        "scale": (nll * weight).sum() / total,
        **witness_loss(extra[:, -1:], back),
    }


def witness_loss(logits: Tensor, back: Tensor) -> dict[str, Tensor]:
    """The same for a witness.

    Args:
        logits, back: (n, 1) and (n,), 1 for a back, 0 for anything else.

    Returns:
        ``back``: binary cross entropy; ``apart``: how far the surest of no back stands above the least sure backs, for
        it is these that decide where the threshold must be.
    """
    logits = logits.float()[:, 0]
    backs, others = logits[back > 0], logits[back == 0]
    pairs = max(len(backs) * len(others), 1)
    above = torch.logsumexp(others, 0) + torch.logsumexp(-backs, 0) - math.log(pairs) + _APART
    return {
        "back": nn.functional.binary_cross_entropy_with_logits(logits, back),
        "apart": nn.functional.softplus(above) if len(backs) and len(others) else 0.0 * logits.sum(),
    }


_GAUSSIAN_PX = 5.0
_WIDE = 128  # channels of a witness's own layers
_APART = 2.0  # logits that a back shall stand above what is none
