// View: where the photo's pixels lie on the stage, and back.
//
// A place is [x, y]. "Photo" places are pixels of the full, unturned photo; "stage" places are CSS pixels from the
// stage's upper left corner. The view is kept as a zoom and the photo place in the stage's middle, so that it means
// the same after the window, the turn or the stage's size has changed.

const MARGIN = 0.06; // of the photo's shorter side, shown around it at fit, so that places outside stay reachable
const OUTSIDE = 0.5; // of the photo's sides: how far outside a place may be dragged
const MIN_ZOOM = 0.5;
const MAX_ZOOM = 12;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

// The box around places, with a padding: [x0, y0, x1, y1].
function boxAround(places, padding) {
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  return [Math.min(...xs) - padding, Math.min(...ys) - padding, Math.max(...xs) + padding, Math.max(...ys) + padding];
}

class View {
  constructor() {
    this.size = [1, 1];
    this.turn = 0;
    this.stage = [1, 1];
    this.zoom = 1;
    this.centre = [0.5, 0.5];
    this.outliers = []; // photo places that must be reachable though they may lie outside the photo
  }

  // Half of what is shown at fit, in photo pixels along the stage's axes.
  get halfBox() {
    const margin = MARGIN * Math.min(...this.size);
    const half = [this.size[0] / 2 + margin, this.size[1] / 2 + margin];
    return this.sideways ? half.reverse() : half;
  }

  get sideways() {
    return this.turn % 180 !== 0;
  }

  get fitScale() {
    const [width, height] = this.halfBox;
    return Math.max(1e-6, Math.min(this.stage[0] / (2 * width), this.stage[1] / (2 * height)));
  }

  // CSS pixels for each photo pixel.
  get scale() {
    return this.fitScale * this.zoom;
  }

  get isOverflowing() {
    const [width, height] = this.halfBox;
    return 2 * width * this.scale > this.stage[0] + 1 || 2 * height * this.scale > this.stage[1] + 1;
  }

  get middle() {
    return [this.size[0] / 2, this.size[1] / 2];
  }

  // Quarter turns only, so that a turned place is as exact as an unturned one.
  get cosSin() {
    return [[1, 0], [0, 1], [-1, 0], [0, -1]][(((this.turn / 90) % 4) + 4) % 4];
  }

  turned([x, y]) {
    const [cos, sin] = this.cosSin;
    return [cos * x - sin * y, sin * x + cos * y];
  }

  // From a direction on the stage to the same on the photo.
  unturned([x, y]) {
    const [cos, sin] = this.cosSin;
    return [cos * x + sin * y, cos * y - sin * x];
  }

  toStage([x, y]) {
    const [dx, dy] = this.turned([x - this.centre[0], y - this.centre[1]]);
    return [this.stage[0] / 2 + this.scale * dx, this.stage[1] / 2 + this.scale * dy];
  }

  toPhoto([x, y]) {
    const [dx, dy] = this.unturned([(x - this.stage[0] / 2) / this.scale, (y - this.stage[1] / 2) / this.scale]);
    return [this.centre[0] + dx, this.centre[1] + dy];
  }

  // A CSS transform that lays a picture of the photo's size on the stage.
  get transform() {
    const [cos, sin] = this.cosSin;
    const [x, y] = this.toStage([0, 0]);
    const s = this.scale;
    return `matrix(${s * cos}, ${s * sin}, ${-s * sin}, ${s * cos}, ${x}, ${y})`;
  }

  // The nearest place that a thing may have: a mark within the photo, all else also around it.
  kept([x, y], kind) {
    const [width, height] = this.size;
    const outside = kind === "mark" ? 0 : OUTSIDE;
    const far = ([low, high]) => [-outside * low, high + outside * low];
    return [clamp(x, ...far([width, width - 1])), clamp(y, ...far([height, height - 1]))];
  }

  // The whole photo, and what must be reachable around it.
  fit() {
    const [width, height] = this.halfBox;
    const [farX, farY] = this.reach;
    this.zoom = clamp(Math.min(1, width / farX, height / farY), MIN_ZOOM, 1);
    this.centre = this.middle;
  }

  // A box of photo pixels, as large as the stage holds it.
  fitTo([x0, y0, x1, y1]) {
    const [width, height] = this.turned([x1 - x0, y1 - y0]).map(Math.abs);
    const scale = Math.min(this.stage[0] / width, this.stage[1] / height);
    this.zoom = clamp(scale / this.fitScale, MIN_ZOOM, MAX_ZOOM);
    this.centre = [(x0 + x1) / 2, (y0 + y1) / 2];
    this.panBy(0, 0);
  }

  // Half of what must be reachable, like halfBox.
  get reach() {
    const padding = MARGIN * Math.min(...this.size);
    const far = [...this.halfBox];
    for (const [x, y] of this.outliers) {
      const [dx, dy] = this.turned([x - this.middle[0], y - this.middle[1]]);
      far[0] = Math.max(far[0], Math.abs(dx) + padding);
      far[1] = Math.max(far[1], Math.abs(dy) + padding);
    }
    return far;
  }

  // Zoom so that the photo stays where it is under a stage place.
  zoomAt(factor, at) {
    const held = this.toPhoto(at);
    this.zoom = clamp(this.zoom * factor, MIN_ZOOM, MAX_ZOOM);
    const now = this.toStage(held);
    this.panBy(at[0] - now[0], at[1] - now[1]);
  }

  panBy(dx, dy) {
    const [x, y] = this.unturned([dx / this.scale, dy / this.scale]);
    const reach = this.reach;
    const room = [0, 1].map((axis) => Math.max(0, reach[axis] - this.stage[axis] / 2 / this.scale));
    const away = this.turned([this.centre[0] - x - this.middle[0], this.centre[1] - y - this.middle[1]]);
    const back = this.unturned([clamp(away[0], -room[0], room[0]), clamp(away[1], -room[1], room[1])]);
    this.centre = [this.middle[0] + back[0], this.middle[1] + back[1]];
  }
}
