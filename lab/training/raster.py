"""Compiled kernels that draw a mesh: z-buffer, interpolation, textures, noise, shadows and light.

Screen coordinates: x right, y down, pixel centres at integers. Everything runs on one thread.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

FAR = np.float32(1e9)
NOISE_SIZE = 64


@numba.njit(cache=True, fastmath=True)
def draw(
    screen: Floats, depth: Floats, triangles: Ints, zbuffer: Floats, faces: Ints, corner_a: Floats, corner_b: Floats
) -> None:
    """Draws triangles into a z-buffer, smallest depth in front, both sides visible.

    Args:
        screen: shape (n, 2), pixels.
        depth: shape (n,).
        triangles: shape (m, 3).
        zbuffer: shape (h, w), filled with ``FAR`` before the first call.
        faces: shape (h, w), index of the triangle seen; must be -1 where nothing is.
        corner_a, corner_b: shape (h, w), weight of the triangle's first and second corner.
    """
    height, width = zbuffer.shape
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        if depth[a] < 0.05 or depth[b] < 0.05 or depth[c] < 0.05:
            continue
        xa, ya, xb, yb, xc, yc = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        left, right = max(0, int(np.ceil(min(xa, xb, xc)))), min(width - 1, int(np.floor(max(xa, xb, xc))))
        top, bottom = max(0, int(np.ceil(min(ya, yb, yc)))), min(height - 1, int(np.floor(max(ya, yb, yc))))
        if left > right or top > bottom:
            continue
        area = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
        if area == 0.0:
            continue
        scale = np.float32(1.0) / area
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                u = ((xb - x) * (yc - y) - (xc - x) * (yb - y)) * scale
                v = ((xc - x) * (ya - y) - (xa - x) * (yc - y)) * scale
                w = np.float32(1.0) - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                z = u * depth[a] + v * depth[b] + w * depth[c]
                if z < zbuffer[y, x]:
                    zbuffer[y, x] = z
                    faces[y, x] = t
                    corner_a[y, x] = u
                    corner_b[y, x] = v


@numba.njit(cache=True, fastmath=True)
def draw_depth(screen: Floats, depth: Floats, triangles: Ints, zbuffer: Floats) -> None:
    """Draws only the depth; arguments as for ``draw``."""
    height, width = zbuffer.shape
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        xa, ya, xb, yb, xc, yc = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
        if area == 0.0:
            continue
        left, right = max(0, int(np.ceil(min(xa, xb, xc)))), min(width - 1, int(np.floor(max(xa, xb, xc))))
        top, bottom = max(0, int(np.ceil(min(ya, yb, yc)))), min(height - 1, int(np.floor(max(ya, yb, yc))))
        scale = np.float32(1.0) / area
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                u = ((xb - x) * (yc - y) - (xc - x) * (yb - y)) * scale
                v = ((xc - x) * (ya - y) - (xa - x) * (yc - y)) * scale
                w = np.float32(1.0) - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                z = u * depth[a] + v * depth[b] + w * depth[c]
                if z < zbuffer[y, x]:
                    zbuffer[y, x] = z


@numba.njit(cache=True)
def samples(zbuffer: Floats, gap: float) -> tuple[Ints, Ints, Ints, Ints]:
    """Which subpixels to shade of a z-buffer twice as fine as the picture.

    Returns:
        rows, columns in the z-buffer and index of the picture's pixel (row * width + column) of each sample: the
        nearest subpixel of each pixel, and the farthest one too where the depths differ by more than ``gap``;
        and how many of the four subpixels are covered, shape (height * width,).
    """
    height, width = zbuffer.shape[0] // 2, zbuffer.shape[1] // 2
    rows = np.empty(2 * height * width, np.int32)
    columns = np.empty_like(rows)
    pixels = np.empty_like(rows)
    covered = np.zeros(height * width, np.int32)
    n = 0
    for y in range(height):
        for x in range(width):
            near, far, near_at, far_at = FAR, np.float32(-1.0), 0, 0
            for k in range(4):
                z = zbuffer[2 * y + k // 2, 2 * x + k % 2]
                if z < FAR:
                    covered[y * width + x] += 1
                    if z < near:
                        near, near_at = z, k
                    if z > far:
                        far, far_at = z, k
            if covered[y * width + x] == 0:
                continue
            rows[n], columns[n], pixels[n] = 2 * y + near_at // 2, 2 * x + near_at % 2, y * width + x
            n += 1
            if far - near > gap:
                rows[n], columns[n], pixels[n] = 2 * y + far_at // 2, 2 * x + far_at % 2, y * width + x
                n += 1
    return rows[:n], columns[:n], pixels[:n], covered


@numba.njit(cache=True, fastmath=True)
def interpolate(triangles: Ints, faces: Ints, corner_a: Floats, corner_b: Floats, values: Floats) -> Floats:
    """Values of shape (vertices, k) at samples on triangles, shape (samples, k)."""
    n, k = len(faces), values.shape[1]
    out = np.empty((n, k), np.float32)
    for i in range(n):
        t = triangles[faces[i]]
        u, v = corner_a[i], corner_b[i]
        w = np.float32(1.0) - u - v
        for j in range(k):
            out[i, j] = u * values[t[0], j] + v * values[t[1], j] + w * values[t[2], j]
    return out


@numba.njit(cache=True)
def vertex_normals(vertices: Floats, triangles: Ints) -> Floats:
    """Unit normals, outward where the triangles run anticlockwise; shape (n, 3)."""
    normals = np.zeros_like(vertices)
    for t in range(len(triangles)):
        a, b, c = triangles[t]
        p, q, r = vertices[a], vertices[b], vertices[c]
        x = (q[1] - p[1]) * (r[2] - p[2]) - (q[2] - p[2]) * (r[1] - p[1])
        y = (q[2] - p[2]) * (r[0] - p[0]) - (q[0] - p[0]) * (r[2] - p[2])
        z = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
        for v in (a, b, c):
            normals[v, 0] += x
            normals[v, 1] += y
            normals[v, 2] += z
    for i in range(len(normals)):
        size = np.sqrt(normals[i, 0] ** 2 + normals[i, 1] ** 2 + normals[i, 2] ** 2) + np.float32(1e-12)
        normals[i] /= size
    return normals


@numba.njit(cache=True, fastmath=True)
def texture(image: Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear look-up in an image of shape (h, w, k) at pixels x, y, shape (n,); the edge goes on outside."""
    height, width, k = image.shape
    out = np.empty((len(x), k), np.float32)
    for i in range(len(x)):
        px = min(max(x[i], np.float32(0.0)), np.float32(width - 1.001))
        py = min(max(y[i], np.float32(0.0)), np.float32(height - 1.001))
        ix, iy = int(px), int(py)
        fx, fy = px - np.float32(ix), py - np.float32(iy)
        one = np.float32(1.0)
        for j in range(k):
            upper = image[iy, ix, j] * (one - fx) + image[iy, ix + 1, j] * fx
            lower = image[iy + 1, ix, j] * (one - fx) + image[iy + 1, ix + 1, j] * fx
            out[i, j] = upper * (one - fy) + lower * fy
    return out


def noise_volumes(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """A block of value noise that repeats: values (SD about 1), shape (64, 64, 64, 1), and their gradient, with 3."""
    value = rng.normal(0, 1, (NOISE_SIZE,) * 3)
    gradient = [(np.roll(value, -1, axis) - np.roll(value, 1, axis)) / 2 for axis in range(3)]
    return value[..., None].astype(np.float32), np.stack(gradient, axis=-1).astype(np.float32)


@numba.njit(cache=True, fastmath=True)
def noise(volume: Floats, points: Floats, frequency: Floats, shift: Floats) -> Floats:
    """A volume's channels at points of shape (n, 3), ``frequency`` cells a metre on each axis: shape (n, channels)."""
    channels = volume.shape[3]
    out = np.empty((len(points), channels), np.float32)
    one = np.float32(1.0)
    for i in range(len(points)):
        x = points[i, 0] * frequency[0] + shift[0]
        y = points[i, 1] * frequency[1] + shift[1]
        z = points[i, 2] * frequency[2] + shift[2]
        bx, by, bz = np.floor(x), np.floor(y), np.floor(z)
        fx, fy, fz = np.float32(x - bx), np.float32(y - by), np.float32(z - bz)
        ax, ay, az = int(bx) & 63, int(by) & 63, int(bz) & 63
        cx, cy, cz = (ax + 1) & 63, (ay + 1) & 63, (az + 1) & 63
        for j in range(channels):
            low = (volume[ax, ay, az, j] * (one - fz) + volume[ax, ay, cz, j] * fz) * (one - fy)
            low += (volume[ax, cy, az, j] * (one - fz) + volume[ax, cy, cz, j] * fz) * fy
            high = (volume[cx, ay, az, j] * (one - fz) + volume[cx, ay, cz, j] * fz) * (one - fy)
            high += (volume[cx, cy, az, j] * (one - fz) + volume[cx, cy, cz, j] * fz) * fy
            out[i, j] = low * (one - fx) + high * fx
    return out


@numba.njit(cache=True, fastmath=True)
def lit(zbuffer: Floats, x: Floats, y: Floats, depth: Floats, bias: float, radius: float) -> Floats:
    """Share, 0 to 1, of a light that reaches samples at pixels x, y and ``depth`` of its z-buffer; shape (n,)."""
    height, width = zbuffer.shape
    out = np.ones(len(x), np.float32)
    for i in range(len(x)):
        total = 0.0
        for k in range(9):
            ix = int(x[i] + (k % 3 - 1) * radius + 0.5)
            iy = int(y[i] + (k // 3 - 1) * radius + 0.5)
            if ix < 0 or iy < 0 or ix >= width or iy >= height or depth[i] - zbuffer[iy, ix] < bias:
                total += 1.0
        out[i] = total / 9.0
    return out


@numba.njit(cache=True, fastmath=True)
def shade(
    albedo: Floats,
    normals: Floats,
    views: Floats,
    shine: Floats,
    gloss: Floats,
    soft: Floats,
    lights: Floats,
    shares: Floats,
    sky: Floats,
    ground: Floats,
    open_: Floats,
) -> Floats:
    """Linear colours of samples, shape (n, 3).

    Args:
        albedo: linear, shape (n, 3).
        normals, views: unit vectors, the latter to the camera, shape (n, 3).
        shine, gloss: strength and exponent of the highlight, shape (n,).
        soft: how far light creeps past the edge of shadow, in red, green and blue; shape (n, 3).
        lights: each with its unit direction, colour and own softness; shape (k, 7).
        shares: how much of each light arrives, shape (k, n).
        sky, ground: colour of the light from above and below, shape (3,).
        open_: share of that light that arrives, shape (n,).
    """
    out = np.empty_like(albedo)
    one, zero = np.float32(1.0), np.float32(0.0)
    for i in range(len(albedo)):
        nx, ny, nz = normals[i]
        vx, vy, vz = views[i]
        up = np.float32(0.5) + np.float32(0.5) * nz
        edge = one - max(zero, nx * vx + ny * vy + nz * vz)
        rim = shine[i] * edge * edge * edge * edge
        sums = np.empty(3, np.float32)
        glints = np.zeros(3, np.float32)
        for j in range(3):
            sums[j] = (sky[j] * up + ground[j] * (one - up)) * open_[i]
            glints[j] = sums[j] * rim
        for k in range(len(lights)):
            lx, ly, lz, wrap = lights[k, 0], lights[k, 1], lights[k, 2], lights[k, 6]
            cosine = nx * lx + ny * ly + nz * lz
            hx, hy, hz = lx + vx, ly + vy, lz + vz
            size = np.sqrt(hx * hx + hy * hy + hz * hz) + np.float32(1e-6)
            half = max(zero, (nx * hx + ny * hy + nz * hz) / size)
            glint = shine[i] * half ** gloss[i] * max(zero, min(one, cosine * np.float32(4.0)))
            for j in range(3):
                wide = wrap + soft[i, j]
                direct = max(zero, (cosine + wide) / (one + wide))
                # Shadow edges bleed red through skin as well.
                share = shares[k, i] ** (one - soft[i, j])
                sums[j] += lights[k, 3 + j] * direct * share
                glints[j] += lights[k, 3 + j] * glint * shares[k, i]
        for j in range(3):
            out[i, j] = albedo[i, j] * sums[j] + glints[j]
    return out


@numba.njit(cache=True, fastmath=True)
def average(colours: Floats, pixels: Ints, covered: Ints, width: int) -> Floats:
    """The picture of samples: shape (h, width, 4), mean colour and coverage 0 to 1 of each pixel.

    Pixels a little outside take the mean colour of the edge near them, so that resampling mixes no black in.

    Args:
        colours: shape (n, 3).
        pixels: index of each sample's pixel, not falling; shape (n,).
        covered: of the four subpixels, shape (h * width,).
    """
    height = len(covered) // width
    out = np.zeros((height, width, 4), np.float32)
    n = len(colours)
    i = 0
    while i < n:
        y, x = pixels[i] // width, pixels[i] % width
        if i + 1 < n and pixels[i + 1] == pixels[i]:
            for j in range(3):
                out[y, x, j] = (colours[i, j] + colours[i + 1, j]) / 2
            i += 2
        else:
            for j in range(3):
                out[y, x, j] = colours[i, j]
            i += 1
        out[y, x, 3] = covered[y * width + x] / np.float32(4)
    counts = np.zeros((height, width), np.int32)
    for i in range(n):
        y, x = pixels[i] // width, pixels[i] % width
        inside = 0 < x < width - 1 and 0 < y < height - 1
        if inside and out[y, x - 1, 3] > 0 and out[y, x + 1, 3] > 0 and out[y - 1, x, 3] > 0 and out[y + 1, x, 3] > 0:
            continue
        for v in range(max(0, y - 2), min(height, y + 3)):
            for u in range(max(0, x - 2), min(width, x + 3)):
                if out[v, u, 3] == 0:
                    counts[v, u] += 1
                    for j in range(3):
                        out[v, u, j] += out[y, x, j]
    for y in range(height):
        for x in range(width):
            if counts[y, x] > 1:
                for j in range(3):
                    out[y, x, j] /= counts[y, x]
    return out
