"""What the networks are trained on shows what it is said to show, and means what the program takes it for."""

import dataclasses
import math

import numpy as np
import pytest

from lab.training import survey, tflite
from lab.training.augmentation import (
    backgrounds,
    crops,
    geometric,
    occluders,
    outline,
    overlays,
    photometric,
    sampling,
    stored_scenes,
)
from lab.training.keypoints import COARSE, FINE, GIRDLE, NAMES, STAGES, TABLE, WITNESS
from locator.core import keypoints, resources, toml
from locator.core.body import OTHER_SIDE, Side
from locator.models.heatmap_network import HEATMAP_STRIDE, OUTSIDE, WitnessNetwork
from locator.models.mediapipe_tasks import Network

LAYOUT = toml.load(resources.path("models") / "back_layout.toml")


@pytest.fixture(scope="module")
def scene():
    """A body of white dots, one at each place: what is learned from it can be read off the picture."""
    layout = np.array([LAYOUT["keypoints"][name] for name in NAMES])
    places = np.array([192.0, 132.0]) + layout * 120.0
    rgba = np.zeros((384, 384, 4), np.uint8)
    y, x = np.mgrid[:384, :384]
    for px, py in places:
        rgba[(x - px) ** 2 + (y - py) ** 2 < 9] = 255
    return stored_scenes.Scene(
        rgba, places.astype(np.float32), 0.25, np.ones(len(NAMES), np.float32), math.inf, True, False
    )


def test_program_and_training_mean_the_same_places():
    assert keypoints.of_back_networks().names == NAMES
    assert LAYOUT["side_px"] == {name: one.side_px for name, one in STAGES.items()}


def test_a_mirror_exchanges_left_and_right_and_nothing_else():
    for one, index in zip(TABLE.keypoints, TABLE.mirrored, strict=True):
        other = TABLE.keypoints[index]
        assert other.side is OTHER_SIDE[one.side]
        assert (other.kind, other.level, other.acupoint) == (one.kind, one.level, one.acupoint)
        assert (other is one) == (one.side is Side.MIDLINE)
        assert other.name[:-1] == one.name[:-1]


@pytest.mark.parametrize("of", [COARSE, FINE, WITNESS], ids=lambda of: of.name)
def test_places_stay_where_the_body_shows_them_whatever_the_photo_is_like(scene, of, plain):
    plain.setattr(outline.Reshaping, "random", lambda *_: outline.Reshaping(0.7, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert dots_found(scene, of, range(len(NAMES))) > 200


@pytest.mark.parametrize(("shoulders", "armpits"), [(0.06, 0.0), (-0.06, 0.0), (0.04, -0.08), (-0.05, 0.07)])
def test_shoulders_that_are_carried_high_or_low_take_their_joints_along_and_not_the_spine(
    scene, plain, shoulders, armpits
):
    plain.setattr(outline.Reshaping, "random", lambda *_: outline.Reshaping(0.7, 0.0, 0.0, 0.0, shoulders, armpits))
    assert dots_found(scene, FINE, [*GIRDLE, *TABLE.levels.values()]) > 80


@pytest.fixture
def plain(monkeypatch):
    """Photos in which nothing hides a body or changes its colours; marks move with the picture."""
    for module, changes in (
        (occluders, ("occlude",)),
        (photometric, ("develop", "blotches", "uneven_light", "random_texture")),
        (overlays, ("with_margins", "lettered")),
    ):
        for change in changes:
            monkeypatch.setattr(module, change, lambda picture, *_: picture)
    monkeypatch.setattr(geometric, "_CUN_WITH_BREADTH", 1.0)
    monkeypatch.setattr(backgrounds, "background", lambda side, _: np.zeros((side, side, 3), np.uint8))
    return monkeypatch


def dots_found(scene, of, rows):
    """How many of the places in these rows lie in 40 samples; fails if one does not show its dot."""
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        sample = sampling.sample(scene, of, rng)
        spine_px = np.linalg.norm(sample.keypoints[7] - sample.keypoints[0])
        if spine_px < 60:
            continue  # the dots run into each other
        for row in rows:
            if not sample.weight[row]:
                continue
            x, y = sample.keypoints[row]
            spot = sample.picture[round(float(y)), round(float(x))]
            if (spot != OUTSIDE).any():
                assert spot.min() > 100, "a place without its dot"
                found += 1
    return found


def test_a_region_of_interest_tells_nothing_of_where_the_spine_begins_or_how_long_it_is(scene):
    rng = np.random.default_rng(8)
    c7, s2 = NAMES.index("C7"), NAMES.index("S2")
    sizes, tops = [], []
    for _ in range(3000):
        to_input = geometric.region_of_interest(scene.keypoints, FINE.side_px, False, False, rng)
        ends = geometric.transformed(scene.keypoints[[c7, s2]], to_input)
        sizes.append(math.log(np.linalg.norm(ends[1] - ends[0])))
        tops.append((ends[0] + ends[1])[1] / 2)
    for one in (sizes, tops):  # as many in each fifth of what there is
        np.testing.assert_allclose(np.histogram(one, 5)[0] / len(one), 0.2, atol=0.04)
    assert np.ptp(sizes) > 0.7


@pytest.mark.parametrize("of", [COARSE, FINE, WITNESS], ids=lambda of: of.name)
def test_the_subjects_right_is_to_the_right_of_the_spine_in_mirrored_looks_too(scene, of):
    rng = np.random.default_rng(7)
    right = [row for row, one in enumerate(TABLE.keypoints) if one.side is Side.RIGHT]
    left = [TABLE.mirrored[row] for row in right]
    for _ in range(30):
        places = sampling.sample(scene, of, rng).keypoints
        down = places[NAMES.index("S2")] - places[NAMES.index("C7")]
        assert ((places[right] - places[left]) @ [down[1], -down[0]] > 0).all()


@pytest.mark.parametrize("of", [COARSE, FINE, WITNESS], ids=lambda of: of.name)
def test_a_camera_that_is_near_holds_no_more_than_a_lens_does(scene, of):
    rng = np.random.default_rng(6)
    spine_px = float(np.linalg.norm(scene.keypoints[NAMES.index("S2")] - scene.keypoints[NAMES.index("C7")]))
    nothing_but_skin = {}
    for reach in (0.9, 1.5, math.inf):
        near = dataclasses.replace(scene, reach=reach * spine_px)
        photos = [crops.photo_corners(scene.keypoints, spine_px, near, of, rng) for _ in range(60)]
        for _, (left_top, right_top, _, left_bottom) in photos:
            assert np.linalg.norm(right_top - left_top) <= reach * spine_px
            assert np.linalg.norm(left_bottom - left_top) <= reach * spine_px
        nothing_but_skin[reach] = np.mean([bare for bare, _ in photos])
    assert nothing_but_skin[0.9] > 0.5 > nothing_but_skin[math.inf] > 0.0


def test_fronts_and_sides_are_cut_to_nothing_but_skin_more_often_since_there_they_look_most_like_backs(scene):
    rng = np.random.default_rng(7)
    spine_px = float(np.linalg.norm(scene.keypoints[NAMES.index("S2")] - scene.keypoints[NAMES.index("C7")]))
    front = dataclasses.replace(scene, back=False)
    of_backs, of_fronts = (
        np.mean([crops.photo_corners(one.keypoints, spine_px, one, FINE, rng)[0] for _ in range(300)])
        for one in (scene, front)
    )
    assert of_fronts > 1.5 * of_backs


def test_the_fine_look_shows_the_back_upright(scene):
    rng = np.random.default_rng(4)
    for _ in range(30):
        sample = sampling.sample(scene, FINE, rng)
        down = sample.keypoints[NAMES.index("S2")] - sample.keypoints[NAMES.index("C7")]
        assert abs(np.degrees(np.arctan2(down[0], down[1]))) < 40
        assert 0.3 * FINE.side_px < np.linalg.norm(down) < 0.95 * FINE.side_px


def test_the_coarse_look_shows_the_back_at_every_angle(scene):
    rng = np.random.default_rng(5)
    samples = [sampling.sample(scene, COARSE, rng) for _ in range(60)]
    downs = [sample.keypoints[NAMES.index("S2")] - sample.keypoints[NAMES.index("C7")] for sample in samples]
    quarters = {round(np.degrees(np.arctan2(down[0], down[1])) / 90) % 4 for down in downs}
    assert quarters == {0, 1, 2, 3}


def test_the_witness_is_shown_backs_as_upright_as_quarter_turns_make_them(scene):
    rng = np.random.default_rng(11)
    for _ in range(40):
        keypoints = sampling.sample(scene, WITNESS, rng).keypoints
        down = keypoints[NAMES.index("S2")] - keypoints[NAMES.index("C7")]
        assert abs(np.degrees(np.arctan2(down[0], down[1]))) < 80


def test_another_texture_leaves_shapes_and_brightness():
    rng = np.random.default_rng(13)
    y, x = np.mgrid[:96, :96]
    disc = (x - 48) ** 2 + (y - 48) ** 2 < 900
    picture = np.where(disc[..., None], (200, 140, 110), (40, 60, 90)).astype(np.uint8)
    changed = [one for one in (photometric.random_texture(picture, rng) for _ in range(100)) if (one != picture).any()]
    assert 20 < len(changed) < 60
    for one in changed:
        assert one.mean() == pytest.approx(picture.mean(), abs=12)
        inside, outside = one[np.hypot(x - 48, y - 48) < 24], one[np.hypot(x - 48, y - 48) > 36]
        assert max(np.abs(inside.mean(0) - outside.mean(0))) > 5


@pytest.mark.parametrize("of", STAGES.values(), ids=lambda of: of.name)
def test_only_witnesses_are_shown_other_textures(scene, of, monkeypatch):
    asked = []
    monkeypatch.setattr(photometric, "random_texture", lambda picture, _: asked.append(1) or picture)
    sampling.sample(scene, of, np.random.default_rng(14))
    assert bool(asked) == of.is_witness


def hourglass(waist, narrow=0.6):
    """A body without arms, (300, 300, 4), narrowest at that level, C7 at (150, 60) and S2 at (150, 240)."""
    y, x = np.mgrid[:300, :300].astype(np.float64)
    level = (y - 60) / 180
    half = 60 * (1 - (1 - narrow) * np.exp(-(((level - waist) / 0.25) ** 2)))
    cover = np.where(np.abs(x - 150) < half, 255, 0).astype(np.uint8)
    return np.dstack([np.full((300, 300, 3), 128, np.uint8), cover])


def test_the_waist_of_a_body_is_put_where_people_have_theirs_and_the_vertebrae_stay():
    rng = np.random.default_rng(12)
    keypoints = np.zeros((len(NAMES), 2), np.float32)
    keypoints[NAMES.index("C7")], keypoints[NAMES.index("S2")] = (150, 60), (150, 240)
    ends = keypoints[NAMES.index("C7")], keypoints[NAMES.index("S2")]
    levels = []
    for _ in range(60):
        body = hourglass(rng.uniform(0.68, 0.78))
        body[[60, 61, 239, 240]] = (0, 0, 0, 255)  # lines at C7 and S2
        shown = outline.Reshaping.random(body[..., 3], keypoints, rng).applied(body, *ends)
        assert (shown[[60, 240], 150, :3] < 64).all()
        levels.append(outline.level_of_waist(shown[..., 3], keypoints))
    known = [level for level in levels if level is not None]
    assert len(known) > 40
    assert np.mean(known) == pytest.approx(outline._PEOPLE, abs=0.015)
    assert np.std(known) < 2 * outline._PEOPLE_SD


def test_a_waist_that_arms_hide_is_not_told():
    keypoints = np.zeros((len(NAMES), 2), np.float32)
    keypoints[NAMES.index("C7")], keypoints[NAMES.index("S2")] = (150, 60), (150, 240)
    body = hourglass(0.75)
    assert outline.level_of_waist(body[..., 3], keypoints) == pytest.approx(0.75, abs=0.02)
    body[:, 50:250, 3] = 255
    assert outline.level_of_waist(body[..., 3], keypoints) is None


@pytest.mark.parametrize("of", [COARSE, FINE, WITNESS], ids=lambda of: of.name)
def test_what_is_no_back_teaches_no_places(scene, of):
    rng = np.random.default_rng(6)
    front = stored_scenes.Scene(scene.rgba, scene.keypoints, scene.px_per_mm, scene.weight, math.inf, False, False)
    for sample in (sampling.sample(front, of, rng), sampling.empty(of, rng)):
        assert not sample.back
        assert not sample.weight.any()
        assert sample.picture.shape == (of.side_px, of.side_px, 3)


def test_marks_beside_the_spine_move_less_than_the_body_is_stretched(scene):
    wide, _ = geometric.stretch(scene.keypoints, 1.3)
    level, mark, shoulder = (NAMES.index(name) for name in ("T4", "BL-43/R", "shoulder_R"))
    out = (wide - wide[level])[[mark, shoulder], 0] / (scene.keypoints - scene.keypoints[level])[[mark, shoulder], 0]
    assert out == pytest.approx([1.3**geometric._CUN_WITH_BREADTH, 1.3], rel=1e-3)
    levels = [row for row, name in enumerate(NAMES) if "/" not in name and "_" not in name]
    np.testing.assert_allclose(wide[levels, 1], scene.keypoints[levels, 1], atol=1e-3)


def test_breadth_tells_nothing_of_the_length_of_a_back(scene):
    rng = np.random.default_rng(8)
    breadths = []
    for _ in range(300):
        keypoints = sampling.sample(scene, FINE, rng).keypoints
        across, along = (
            np.linalg.norm(keypoints[NAMES.index(one)] - keypoints[NAMES.index(other)])
            for one, other in (("shoulder_L", "shoulder_R"), ("C7", "S2"))
        )
        breadths.append(across / along)
    assert max(breadths) / min(breadths) > 1.6


@pytest.mark.parametrize("of", [COARSE, FINE, WITNESS], ids=lambda of: of.name)
def test_a_photo_of_another_part_of_a_body_shows_little_beyond_it(scene, of):
    rng = np.random.default_rng(9)
    part = dataclasses.replace(scene, back=False, part=True)
    span = float(np.linalg.norm(scene.keypoints[NAMES.index("S2")] - scene.keypoints[NAMES.index("C7")]))
    for _ in range(50):
        _, photo = crops.photo_corners(scene.keypoints, span, part, of, rng)
        below = (photo - scene.keypoints[NAMES.index("C7")])[:, 1] / span
        assert -0.6 < below.min() < 0.5 < below.max() < 1.7


@pytest.mark.parametrize("sex", ["men", "women"])
def test_people_are_drawn_as_they_were_measured_and_a_third_are_heavier(sex):
    rng = np.random.default_rng(10)
    shapes = survey.shapes()[sex]
    people = [shapes.drawn(rng) for _ in range(2000)]
    index = np.array([one[survey.INDEX] for one in people])
    heavy = index >= survey.HEAVY[0]
    assert survey.HEAVY_SHARE < heavy.mean() < survey.HEAVY_SHARE + 0.25
    assert survey.HEAVY[1] - 2 < index.max() < survey.HEAVY[1] + 8
    usual = np.abs(index / np.exp(shapes.mean[0]) - 1) < 0.1
    for name in survey.RATIOS:
        row = shapes.names.index(name)
        values = np.log([one[name] for one, here in zip(people, usual, strict=True) if here])
        spread = math.sqrt(shapes.covariance[row, row])
        assert abs(values.mean() - shapes.mean[row]) < 0.4 * spread, name
        assert 0.5 * spread < values.std() < 1.2 * spread, name
    assert np.mean([one["waist_breadth"] for one in people if one[survey.INDEX] > 32]) > 1.1 * np.exp(
        shapes.mean[shapes.names.index("waist_breadth")]
    )


def test_bodies_have_the_proportions_of_the_people_that_they_are_given():
    pytest.importorskip("anny")
    from lab.training import shaping
    from lab.training.bodies import Anatomy

    anatomy, rng = Anatomy(), np.random.default_rng(11)
    found, wanted = [], []
    for sex, gender in (("men", 0.15), ("women", 0.85)):
        for _ in range(8):
            person = survey.shapes()[sex].drawn(rng)
            shape = dict.fromkeys(anatomy.model.phenotype_labels, 0.5) | {"gender": gender}
            made = anatomy._made(shape, {})
            heads = made["rest_bone_heads"] - made["rest_bone_heads"][0]
            warp = anatomy.warp(made["rest_vertices"] - made["rest_bone_heads"][0], heads, person)
            at = warp.at
            _, _, unposed, length = anatomy.shaped(shape, {}, person)
            assert length == pytest.approx(at.length)
            here = dataclasses.replace(
                at,
                hip=float(warp.trunk(heads)[anatomy.bones["upperleg01.L"]][2]),
                s2=float(anatomy.spots["S2"].on(unposed)[2]),
                acromion=float(anatomy.spots["acromion_L"].on(unposed)[0]),
            )
            found.append(shaping.measured(unposed, anatomy._parts, here))
            wanted.append(person)
    ratios = {name: np.array([a[name] / b[name] for a, b in zip(found, wanted, strict=True)]) for name in found[0]}
    del ratios["chest_breadth"]  # the survey's lies on the ribs, the mesh's on the muscles beside them
    for name, ratio in ratios.items():
        assert np.median(ratio) == pytest.approx(1.0, abs=0.06), name
        assert np.abs(ratio - 1).max() < 0.25, name


SIDE = 48


@pytest.mark.parametrize("seed", range(4))
def test_a_keypoint_is_the_mean_of_its_heat_map_in_pixels(seed, tmp_path):
    rgb = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    file = tflite.File(in_bytes=False)
    picture = file.tensor("picture", (1, *rgb.shape))
    written = tmp_path / "network.tflite"
    written.write_bytes(file.finished(picture, [tflite.keypoints(file, picture)]))
    (found,) = Network(lambda: written).outputs(rgb)
    heat = np.exp((rgb / 255 - 0.5) * 4)
    cells = np.arange(SIDE) * HEATMAP_STRIDE + (HEATMAP_STRIDE - 1) / 2
    y, x = np.meshgrid(cells, cells, indexing="ij")
    means = [[(shares * one).sum() / shares.sum() for one in (x, y)] for shares in np.moveaxis(heat, -1, 0)]
    np.testing.assert_allclose(found.reshape(3, 2), means, atol=1e-3)


@pytest.mark.parametrize("in_bytes", [False, True])
def test_weights_that_are_stored_small_are_what_they_were_and_can_be_read_back(in_bytes, tmp_path):
    rng = np.random.default_rng(13)
    kernels = rng.normal(0, 0.02, (SIDE, SIDE, SIDE, 3)).astype(np.float32)
    biases = rng.normal(0, 1, SIDE).astype(np.float32)
    rgb = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    file = tflite.File(in_bytes)
    picture = file.tensor("picture", (1, *rgb.shape))
    inputs = [picture, file.weights("kernels", kernels), file.weights("biases", biases)]
    options = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    valid = tflite.SCHEMA.Padding.VALID
    out = file.computed("out", (1, 1, 1, SIDE), "CONV_2D", inputs, "Conv2D", padding=valid, **options)
    written = tmp_path / "network.tflite"
    written.write_bytes(file.finished(picture, [out]))
    (found,) = Network(lambda: written).outputs(rgb)
    expected = np.tensordot(kernels, (rgb / 255 - 0.5) * 4, 3) + biases
    np.testing.assert_allclose(found, expected, atol=0.1 if in_bytes else 0.01)
    stored = tflite.weights(written)
    np.testing.assert_allclose(stored["biases"], biases, atol=1e-3)
    exact = 0.001 if in_bytes else 1e-4
    np.testing.assert_allclose(stored["kernels"], kernels.transpose(0, 3, 1, 2), atol=exact)
    assert written.stat().st_size < kernels.size * (1.2 if in_bytes else 2.2)


@pytest.mark.parametrize("name", ["witness", "region_witness"])
def test_a_witness_that_the_program_loads_can_be_trained_on(name):
    torch = pytest.importorskip("torch")
    from lab.training.export import read

    file = resources.path("models") / f"back_{name}.tflite"
    network = read(STAGES[name], file).eval()
    picture = np.random.default_rng(13).integers(0, 256, (WITNESS.side_px, WITNESS.side_px, 3), np.uint8)
    with torch.no_grad():
        as_trained = float(network(torch.from_numpy((picture[None] / 255 - 0.5) * 4).permute(0, 3, 1, 2).float()))
    in_use = WitnessNetwork(lambda: file, WITNESS.side_px).logits([picture])[0]
    assert as_trained == pytest.approx(in_use, abs=0.02)


def test_learning_the_class_alone_leaves_where_keypoints_are_as_it_is(scene, tmp_path):
    torch = pytest.importorskip("torch")
    from lab.training import class_head
    from lab.training.export import read

    stored = {"points": scene.keypoints, "px_per_mm": 0.25, "reach": 900.0}
    np.save(tmp_path / "1.npy", np.stack([scene.rgba, scene.rgba[..., [2, 0, 1, 3]] // [1, 2, 3, 1]]).astype(np.uint8))
    np.savez(tmp_path / "1.npz", view=[0, 1], **{name: np.stack([value] * 2) for name, value in stored.items()})
    file = resources.path("models") / "back_coarse.tflite"
    class_head.train(COARSE, [tmp_path], minutes=0.05, out=tmp_path, on=file)
    before = read(COARSE, file).eval()
    after = read(COARSE, file).eval()
    after.load_state_dict(torch.load(tmp_path / "coarse.pt", weights_only=True)["average"])
    with torch.no_grad():
        picture = torch.rand(1, 3, COARSE.side_px, COARSE.side_px)
        (heat, told), (same_heat, learnt) = before(picture), after(picture)
    assert torch.equal(heat, same_heat)
    np.testing.assert_allclose(learnt[0, :-1], told[0, :-1], atol=0.1)
    assert abs(float(learnt[0, -1] - told[0, -1])) > 1e-4


def test_fronts_of_the_lean_show_more_muscles_and_all_of_them_show_nipples():
    pytest.importorskip("anny")
    from lab.training.rendering import relief

    rng = np.random.default_rng(14)
    lean, heavy = ([relief.strengths_in_front(index, rng) for _ in range(60)] for index in (20, 34))
    assert all("nipples" in one for one in lean + heavy)
    across = [np.mean([one.get("across", 0.0) for one in group]) for group in (lean, heavy)]
    assert across[0] > 3 * across[1]
