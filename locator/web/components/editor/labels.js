// Labels: finds each a free place beside its mark, or none.

const LABEL_PX = 11;
const LABEL_FONT = `600 ${LABEL_PX}px system-ui, "Segoe UI", sans-serif`;
const LABEL_HEIGHT = 17;

const textWidths = new Map();
const pen = document.createElement("canvas").getContext("2d");

function textWidth(text) {
  if (!textWidths.has(text)) {
    pen.font = LABEL_FONT;
    textWidths.set(text, pen.measureText(text).width);
  }
  return textWidths.get(text);
}

const overlaps = (a, b) =>
  Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;

// Boxes beside a place, best first; `outward` is -1 for the left, 1 for the right.
function boxesBeside([x, y], [width, height], gap, outward) {
  const beside = gap + width / 2;
  const over = gap + height / 2;
  const shifts = [
    [outward * beside, 0],
    [outward * (width / 2), -over],
    [outward * (width / 2), over],
    [0, -over],
    [0, over],
    [-outward * beside, 0],
    [-outward * (width / 2), -over],
    [-outward * (width / 2), over],
  ];
  return shifts.map(([dx, dy]) => ({ x: x + dx, y: y + dy, width, height }));
}

class Labels {
  constructor() {
    this.chosen = new Map(); // where each label was last, tried first, so that labels do not hop about
  }

  // wishes: [{key, text, size, at, gap, outward}], most wanted first; size is a factor on that of the letters. Returns each with its box; what finds no room is left
  // out.
  place(wishes, obstacles, [stageWidth, stageHeight]) {
    const taken = [...obstacles];
    const placed = [];
    const inside = (box) =>
      box.x - box.width / 2 > 2 && box.x + box.width / 2 < stageWidth - 2 &&
      box.y - box.height / 2 > 2 && box.y + box.height / 2 < stageHeight - 2;
    for (const wish of wishes) {
      const extent = [Math.ceil(textWidth(wish.text) * wish.size) + 10, LABEL_HEIGHT * wish.size];
      const boxes = boxesBeside(wish.at, extent, wish.gap, wish.outward);
      const order = [this.chosen.get(wish.key) ?? 0, ...boxes.keys()];
      const index = order.find((i) => inside(boxes[i]) && !taken.some((other) => overlaps(other, boxes[i])));
      if (index === undefined) continue;
      this.chosen.set(wish.key, index);
      taken.push(boxes[index]);
      placed.push({ ...wish, ...boxes[index] });
    }
    return placed;
  }
}
