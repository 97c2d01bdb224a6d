// Framing: which part of the photo is shown. It opens on the back, goes to a point that is selected, and stays where the
// visitor has put it; what comes from Python never moves it.

const POINT_CUN = 4; // what is shown around a selected point, on each side
const HANDLES_CUN = 1.5; // and around the handles
const BACK_SHARE = 0.15; // the same of the handles' extent, where no cun is known
const MOVE_MS = 240;

class Framing {
  // draw: called after each step of a movement.
  constructor(view, draw) {
    this.view = view;
    this.draw = draw;
    this.kind = "back"; // "back", "all", "point", or "own": as the visitor has left it
    this.box = null; // of photo pixels; null is the whole photo
    this.frame = 0;
  }

  get isOwn() {
    return this.kind === "own";
  }

  // What the back takes: the marks, and while they are corrected the handles.
  static back({ back, handles, cun_px }, isCorrecting) {
    const places = isCorrecting ? handles.map(({ x_px, y_px }) => [x_px, y_px]) : [];
    if (!back && !places.length) return null;
    const extent = boxAround(places, 0);
    const padding = cun_px ? HANDLES_CUN * cun_px : BACK_SHARE * (extent[3] - extent[1]);
    const corners = back ? [[back[0], back[1]], [back[2], back[3]]] : [];
    if (!places.length) return boxAround(corners, 0);
    const [x0, y0, x1, y1] = boxAround(places, padding);
    return boxAround([[x0, y0], [x1, y1], ...corners], 0);
  }

  static point({ marks, cun_px }, selected) {
    const places = marks.filter((mark) => mark.code === selected).map(({ x_px, y_px }) => [x_px, y_px]);
    return places.length && cun_px ? boxAround(places, POINT_CUN * cun_px) : null;
  }

  // Show a box, or the whole photo.
  show(kind, box, isSudden = false) {
    const { view } = this;
    const [zoom, centre] = [view.zoom, view.centre];
    this.stop();
    [this.kind, this.box] = [kind, box];
    this.settle();
    if (isSudden || matchMedia("(prefers-reduced-motion: reduce)").matches) return this.draw();
    this.move([zoom, centre], [view.zoom, view.centre]);
  }

  move([zoom, centre], [endZoom, endCentre]) {
    const begin = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - begin) / MOVE_MS);
      const eased = share * (2 - share);
      this.view.zoom = zoom * (endZoom / zoom) ** eased;
      this.view.centre = centre.map((place, axis) => place + eased * (endCentre[axis] - place));
      this.frame = share < 1 ? requestAnimationFrame(step) : 0;
      this.draw();
    };
    step();
  }

  // After the stage has changed: what was shown is shown again.
  settle() {
    if (this.frame) return;
    if (this.isOwn) this.view.panBy(0, 0);
    else if (this.box) this.view.fitTo(this.box);
    else this.view.fit();
  }

  // The visitor takes the view into their own hands.
  release() {
    this.stop();
    this.kind = "own";
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  get kept() {
    return { kind: this.kind, box: this.box, zoom: this.view.zoom, centre: this.view.centre };
  }

  restore({ kind, box, zoom, centre }) {
    this.stop();
    [this.kind, this.box] = [kind, box];
    [this.view.zoom, this.view.centre] = [zoom, centre];
  }
}
