// Loupe: shows, beside the finger, what the finger hides.

const LOUPE_SIZE = 124;
const LOUPE_POWER = 2.5;
const LOUPE_AWAY = 104; // from the finger to the loupe's middle

class Loupe {
  constructor(stage) {
    this.element = document.createElement("div");
    this.element.className = "loupe";
    this.element.hidden = true;
    this.element.setAttribute("aria-hidden", "true");
    this.picture = document.createElement("img");
    this.picture.alt = "";
    const cross = svg("svg", { viewBox: "-62 -62 124 124" });
    const lines = "M-62 0H-7M7 0H62M0 -62V-7M0 7V62";
    svg("path", { d: lines, class: "casing" }, cross);
    svg("path", { d: lines, class: "face" }, cross);
    svg("circle", { r: 1.5, class: "dot" }, cross);
    this.element.append(this.picture, cross);
    stage.append(this.element);
  }

  hide() {
    this.element.hidden = true;
  }

  // place: the photo place in the cross hairs; finger: on the stage.
  show(place, finger, photo, view) {
    if (this.picture.src !== photo.src) {
      this.picture.src = photo.src;
      this.picture.style.width = `${view.size[0]}px`;
      this.picture.style.height = `${view.size[1]}px`;
    }
    const [x, y] = this.beside(finger, view.stage);
    const [cos, sin] = view.cosSin;
    const s = view.scale * LOUPE_POWER;
    const [dx, dy] = view.turned(place);
    const half = LOUPE_SIZE / 2;
    const matrix = [s * cos, s * sin, -s * sin, s * cos, half - s * dx, half - s * dy];
    this.picture.style.transform = `matrix(${matrix})`;
    this.element.style.transform = `translate(${x - half}px, ${y - half}px)`;
    this.element.hidden = false;
  }

  // Above the finger; near the top, to the side that has more room.
  beside([x, y], [width, height]) {
    const half = LOUPE_SIZE / 2 + 4;
    if (y - LOUPE_AWAY >= half) return [clamp(x, half, width - half), y - LOUPE_AWAY];
    const side = x < width / 2 ? 1 : -1;
    return [x + side * LOUPE_AWAY, clamp(y - 30, half, height - half)];
  }
}
