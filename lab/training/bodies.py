"""Virtual bodies with known keypoints: sampled shape and pose, and where the vertebrae, marks and joints then lie.

The body is Anny's parametric one (metres, z up, the back towards +y, the subject's left towards +x). The levels of the
spine stand on its average body and are kept as faces with barycentric weights, so they move with shape and pose:

* The tip of C7 at .8545 and S2 at .592 of the stature, where the mesh has the neck's base and, 30 mm above the gluteal
  cleft, the dimples of the pelvis; the levels between from ``locator/core/anatomy.toml``. By the survey's shares of
  *stature* a spine is 9 % too long for this mesh, which is long in the leg.
* A millimetre is a 490th of the body's own spine.
* The body's outline over its spine is that of a measured person (``lab.training.survey``, ``lab.training.shaping``).
* One cun: four fingers at the middle joint are 0.9 of that person's hand breadth at the knuckles.
* Acromion: .820 of the stature high and .2305 / 2 of it beside the midline (ANSUR II, acromial height and biacromial
  breadth, mean of men and women), the skin straight above that spot in the frontal plane of the shoulder joint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anny
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from lab.training import poses, shaping, survey
from lab.training.raster import vertex_normals
from lab.training.surface import SurfacePoint, geodesic_points, rearmost, surface_point
from locator.catalogue.acupoints import acupoints
from locator.core.anatomy import levels

Floats = NDArray[np.float64]

CERVICALE, SACRUM, CREST_SHARE = 0.8545, 0.592, 0.876
SPINE_MM = 490.0
FOUR_FINGERS = 0.9
ACROMION_HEIGHT, BIACROMIAL = 0.820, 0.2305
JOINTS = {"shoulder": "upperarm01", "hip": "upperleg01"}
_ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")


@dataclass(frozen=True)
class Subject:
    """One body in one pose.

    Attributes:
        vertices, normals: shape (n, 3), metres and unit vectors.
        keypoints: of every level, mark and joint, shape (3,), metres.
        cun: the body's own finger cun in metres.
        female: 0 for a man's body to 1 for a woman's.
        arms: one of ``poses.ARMS``.
        mm: metres of the mesh to a millimetre of a person: a 490th of the body's spine.
        index: body mass index.
        joints: by bone, shape (3,), metres: where each begins.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    keypoints: dict[str, Floats]
    cun: float
    female: float
    arms: str
    mm: float
    index: float
    joints: dict[str, Floats]


class Anatomy:
    """Anny's model and what is known of its average body."""

    def __init__(self) -> None:
        self.model = anny.Anny(local_changes="none").to(dtype=torch.float32)
        self.triangles = np.asarray(self.model.faces).astype(np.int64)
        self.bones = {label: i for i, label in enumerate(self.model.bone_labels)}
        average = self._made(dict.fromkeys(self.model.phenotype_labels, 0.5), {})
        self.rest, self.joints = average["vertices"], average["bone_poses"][:, :3, 3]
        low, high = self.rest[:, 2].min(), self.rest[:, 2].max()
        stature = high - low
        c7 = low + CERVICALE * stature
        span = (CERVICALE - SACRUM) * stature
        self.heights = {name: c7 - span * level.fraction for name, level in levels().items()}
        self.spots = {name: self._spot(0.0, height) for name, height in self.heights.items()}
        for side, sign in (("L", 1), ("R", -1)):
            self.spots[f"acromion_{side}"] = self._above(
                sign * BIACROMIAL / 2 * stature, low + ACROMION_HEIGHT * stature
            )
        arm = self.bone_weights(*_ARM_BONES)
        leg = self.bone_weights("upperleg", "lowerleg", "foot", "toe")
        head = self.bone_weights("head", "neck03", "eye")
        self._parts = shaping.Parts(arm, leg, head, self.rest[:, 0] > 0)
        self._arm_bones = np.array([label.startswith(_ARM_BONES) for label in self.bones])
        self._left_bones = np.array([label.endswith(".L") for label in self.bones])
        self._weights = self.model.vertex_bone_weights.numpy().astype(float)
        self._indices = self.model.vertex_bone_indices.numpy().astype(int)
        self._rest_arms = {
            side: poses.RestArm.of(*(self.joint(f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist")))
            for side in "LR"
        }

    def joint(self, bone: str) -> Floats:
        """Centre of a bone's upper joint on the average body, shape (3,)."""
        return np.asarray(self.joints[self.bones[bone]])

    def bone_weights(self, *starts: str) -> Floats:
        """How far each vertex follows the bones whose names start so, shape (n,), 0 to 1."""
        wanted = np.array([label.startswith(starts) for label in self.bones])
        indices = self.model.vertex_bone_indices.numpy().astype(int)
        return np.asarray((self.model.vertex_bone_weights.numpy() * wanted[indices]).sum(1), float)

    def subject(self, rng: np.random.Generator) -> Subject:
        """A body of random shape in a random pose."""
        shape, person = random_person(rng)
        arms, turns = poses.random_pose(self._rest_arms, rng)
        return self.place(shape, turns, arms, person)

    def place(
        self, shape: dict[str, float], turns: dict[str, Rotation], arms: str, person: dict[str, float]
    ) -> Subject:
        """The body of one shape and pose and a person's proportions, with its true keypoints."""
        posed, joints, unposed, length = self.shaped(shape, turns, person)
        cun = FOUR_FINGERS * person["hand_breadth"] / 3 * length
        spots = dict(self.spots)
        by_level: dict[str, list[tuple[float, str]]] = {}
        for point in acupoints():
            if point.paired:
                by_level.setdefault(point.level, []).append((point.lateral_cun, point.code))
            else:
                spots[point.code] = self.spots[point.level]
        for level, marks in by_level.items():
            marks.sort()
            wanted = np.array([lateral * cun for lateral, _ in marks])
            start = self.spots[level].on(unposed)
            for side, step in (("L", 0.001), ("R", -0.001)):
                ends = geodesic_points(unposed, self.triangles, start, step, wanted)
                for (_, code), (triangle, a, b) in zip(marks, ends, strict=True):
                    spots[f"{code}/{side}"] = surface_point(self.triangles[triangle], a, b)
        keypoints = {name: spot.on(posed) for name, spot in spots.items()}
        for name, bone in JOINTS.items():
            for side in "LR":
                keypoints[f"{name}_{side}"] = joints[self.bones[f"{bone}.{side}"]]
        skin = posed.astype(np.float32)
        normals = vertex_normals(skin, self.triangles.astype(np.int32))
        return Subject(
            vertices=skin,
            normals=normals,
            keypoints=keypoints,
            cun=cun,
            female=shape["gender"],
            arms=arms,
            mm=length / (CREST_SHARE * SPINE_MM),
            index=person[survey.INDEX],
            joints={bone: joints[row] for bone, row in self.bones.items()},
        )

    def shaped(
        self, shape: dict[str, float], turns: dict[str, Rotation], person: dict[str, float]
    ) -> tuple[Floats, Floats, Floats, float]:
        """Posed vertices and joints and unposed vertices, with a person's proportions; metres from crest to C7."""
        made = self._made(shape, turns)
        unposed, heads = made["rest_vertices"], made["rest_bone_heads"]
        unposed, heads = unposed - heads[0], heads - heads[0]  # the model poses about its root
        warp = self.warp(unposed, heads, person)
        at_side = {side: heads[self.bones[f"upperarm01.{side}"]] for side in "LR"}
        shoulder = np.where(self._parts.left[:, None], at_side["L"], at_side["R"])
        unposed = warp.skin(unposed, self._parts.arm, shoulder)
        shoulder = np.where(self._left_bones[:, None], at_side["L"], at_side["R"])
        heads = warp.skin(heads, self._arm_bones.astype(float), shoulder)
        # Each bone turns as on the unscaled body, about its moved joint.
        turn = made["bone_poses"][:, :3, :3] @ made["rest_bone_poses"][:, :3, :3].transpose(0, 2, 1)
        joints = _forward_kinematics(heads, turn, self.model.bone_parents)
        posed = _linear_blend_skinning(unposed, heads, joints, turn, self._indices, self._weights)
        return posed, joints, unposed, warp.at.length

    def warp(self, unposed: Floats, heads: Floats, person: dict[str, float]) -> shaping.Warp:
        """What gives an unposed body a person's proportions."""
        level = {name: float(self.spots[name].on(unposed)[2]) for name in ("C7", "L4", "S2")}
        fractions = {name: levels()[name].fraction for name in level}
        span = (level["C7"] - level["L4"]) / (fractions["L4"] - fractions["C7"])
        c7 = level["C7"] + fractions["C7"] * span
        acromion = self.spots["acromion_L"].on(unposed)
        joint = lambda bone: heads[self.bones[bone]]  # noqa: E731
        at = shaping.Heights(
            c7=c7,
            crest=c7 - CREST_SHARE * span,
            s2=level["S2"],
            hip=float(joint("upperleg01.L")[2]),
            acromion=float(acromion[0]),
            acromion_height=float(acromion[2]),
        )
        arm = [joint(f"{bone}.L") for bone in ("upperarm01", "lowerarm01", "wrist")]
        arm_length = float(np.linalg.norm(arm[1] - arm[0]) + np.linalg.norm(arm[2] - arm[1]))
        return shaping.Warp(unposed, self._parts, at, person, arm_length)

    def _made(self, shape: dict[str, float], turns: dict[str, Rotation]) -> dict[str, Floats]:
        """What the model gives; a turn is about the body's axes, relative to the bone above."""
        pose = torch.eye(4)[None, None].repeat(1, self.model.bone_count, 1, 1)
        for bone, turn in turns.items():
            pose[0, self.bones[bone], :3, :3] = torch.tensor(turn.as_matrix(), dtype=torch.float32)
        with torch.no_grad():
            made = self.model(pose_parameters=pose, phenotype_kwargs=shape)
        return {name: values[0].numpy().astype(float) for name, values in made.items()}

    def _spot(self, x: float, z: float) -> SurfacePoint:
        triangle, _, a, b = rearmost(self.rest, self.triangles, x, z)
        return surface_point(self.triangles[triangle], a, b)

    def _above(self, x: float, z: float) -> SurfacePoint:
        """The skin above x in the frontal plane of the shoulder joints; ``z`` only says which layer is meant."""
        y = self.joint("upperarm01.L")[1]
        turned = self.rest[:, [0, 2, 1]]
        triangle, height, a, b = rearmost(turned, self.triangles, x, y)
        if abs(height - z) > 0.03:
            raise ValueError(f"the skin above the acromion lies at {height:.3f} m, the bone at {z:.3f} m")
        return surface_point(self.triangles[triangle], a, b)


def _forward_kinematics(heads: Floats, turn: Floats, parents: Sequence[int]) -> Floats:
    """Posed joints, (b, 3), of bones whose unposed ones are ``heads``, (b, 3), and that turn by ``turn``, (b, 3, 3)."""
    joints = np.zeros_like(heads)
    for bone, parent in enumerate(parents):
        if parent >= 0:
            joints[bone] = joints[parent] + turn[parent] @ (heads[bone] - heads[parent])
    return joints


def _linear_blend_skinning(
    unposed: Floats, heads: Floats, joints: Floats, turn: Floats, indices: NDArray[np.int64], weights: Floats
) -> Floats:
    """Posed vertices, (n, 3), each of which follows the bones ``indices`` with ``weights``, (n, k) both."""
    posed = np.zeros_like(unposed)
    for slot in range(indices.shape[1]):
        bone = indices[:, slot]
        moved = joints[bone] + np.einsum("nij,nj->ni", turn[bone], unposed - heads[bone])
        posed += weights[:, slot, None] * moved
    return posed


def random_person(rng: np.random.Generator) -> tuple[dict[str, float], dict[str, float]]:
    """The model's parameters of shape, 0 to 1, and a measured person's proportions to go with them."""
    sex = "women" if rng.random() < 0.5 else "men"
    person = survey.shapes()[sex].drawn(rng)
    index = person[survey.INDEX]
    fat = float(np.clip((index - 24) / 14, 0, 1))
    person["waist_above_navel"] = float(rng.normal(0.945 + 0.03 * fat, 0.02))
    shape = {
        "gender": float(np.clip(rng.normal(0.85 if sex == "women" else 0.15, 0.12), 0, 1)),
        "age": rng.uniform(0.5, 0.97),
        "muscle": rng.uniform(0.15, 0.97),
        "weight": float(np.clip(0.5 + (index - 26) / 28 + rng.normal(0, 0.1), 0.1, 1.0)),
        "height": rng.uniform(0.2, 0.85),
        "proportions": rng.uniform(0.2, 1),
    }
    return shape, person
