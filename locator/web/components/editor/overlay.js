// Overlay: draws the spine, rings, marks, handles, labels, measure and legend as SVG over the photo. Every size is in
// CSS pixels whatever the zoom; only the rings and the legend's bars have the photo's scale.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  disc: "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0z",
  diamond: "M0 -8.5L8.5 0L0 8.5L-8.5 0z",
  square: "M-8 -8H8V8H-8z",
  cross: "M-14 0H-8M8 0H14M0 -14V-8M0 8V14",
  end: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
};
const SIZE = { handle: 26, mark: 16, measure: 14, part: 14 }; // what labels keep clear of
// How far from its middle a thing can be grabbed, in CSS pixels.
const HIT_RADIUS = { touch: 26, fine: 16 };
const FOCUS_RADIUS = 19;
const HANDLES_WIN_BY = 10;
const EDGE = 16; // how near the stage's edge a thing can still be grabbed
const LABEL_SLACK = 10; // how far beside a label a finger still means it
const CUN_FOR_ALL_LABELS = 26; // CSS pixels of a cun, from which both sides' marks are labelled
const CUN_FOR_LABELS = 7;
const PERSON_HEIGHT = 28; // of the button that chooses another back; a finger's slack makes it 48

function svg(tag, attributes = {}, parent = null) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  parent?.append(element);
  return element;
}

// Attributes are written only when they change: most stay the same from frame to frame.
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (name === "text") {
      if (element.textContent !== text) element.textContent = text;
    } else if (element.getAttribute(name) !== text) {
      element.setAttribute(name, text);
    }
  }
}

// Make a group hold one element for each row of attributes, keeping the elements that it has.
function fill(group, tag, rows) {
  while (group.childElementCount > rows.length) group.lastElementChild.remove();
  while (group.childElementCount < rows.length) svg(tag, {}, group);
  rows.forEach((row, index) => set(group.children[index], row));
}

const near = (value) => Math.round(value * 100) / 100;
const path = (places) => places.map(([x, y], i) => `${i ? "L" : "M"}${near(x)} ${near(y)}`).join("");

class Overlay {
  constructor(root) {
    this.root = root;
    this.layers = {};
    for (const name of ["rings", "casings", "lines", "names", "pills", "texts", "legend", "grips"]) {
      this.layers[name] = svg("g", { class: name }, root);
    }
    for (const name of ["rings", "casings", "lines", "names", "pills", "texts", "legend"]) {
      this.layers[name].setAttribute("aria-hidden", "true");
    }
    this.grips = new Map(); // key -> element of a thing that can be dragged
    this.labels = new Labels();
    this.placed = []; // labels where they stand
    this.things = [];
    this.active = {};
    this.corner = 0; // where the legend is
    this.legend = []; // its box
  }

  // things: what can be dragged, at the places where it is shown now.
  // active: what is being corrected, selected, dragged, hovered, focused, and the next handle to be placed.
  draw(things, data, view, active) {
    this.words = data.words;
    this.active = active;
    this.size = data.size; // of marks and their labels, as in the files
    this.things = things.filter((thing) => active.isCorrecting || thing.kind !== "handle");
    for (const thing of this.things) this.locate(thing, view);
    const marks = this.things.filter((thing) => thing.kind === "mark");
    this.drawRings(marks, view);
    this.drawLines(marks, data, view);
    this.drawLegend(data, view);
    this.drawLabels(marks, data, view);
    this.drawGrips();
  }

  // Another back that is out of sight is named at the edge, on its side.
  locate(thing, view) {
    thing.at = view.toStage([thing.x_px, thing.y_px]);
    if (thing.kind !== "person") return;
    thing.size = [textWidth(thing.label) + 20, PERSON_HEIGHT];
    thing.at = thing.at.map((place, axis) => {
      const inset = Math.min(thing.size[axis] / 2 + 6, view.stage[axis] / 2);
      return clamp(place, inset, view.stage[axis] - inset);
    });
  }

  drawRings(marks, view) {
    const ring = ({ at: [x, y], radius_px }) => ({ cx: near(x), cy: near(y), r: near(radius_px * view.scale) });
    const dark = marks.map((mark) => ({ ...ring(mark), class: "casing", style: "" }));
    const coloured = marks.map((mark) => ({ ...ring(mark), class: "ring", style: `stroke: ${mark.colour}` }));
    fill(this.layers.rings, "circle", [...dark, ...coloured]);
  }

  drawLines(marks, data, view) {
    const spine = data.spine.map((place) => view.toStage(place));
    const feet = marks.filter((mark) => mark.foot).map((mark) => path([view.toStage(mark.foot), mark.at]));
    const ends = this.things.filter((thing) => thing.kind === "measure").map((thing) => thing.at);
    const lines = [path(spine), feet.join(""), this.ticks(spine)];
    if (ends.length === 2) lines.push(path(ends) + this.measureTicks(ends));
    lines.push(this.boxes(view));
    fill(this.layers.casings, "path", lines.map((d) => ({ d })));
    fill(this.layers.lines, "path", lines.map((d, i) => ({ d, class: i === lines.length - 1 ? "parts" : "" })));
  }

  // A short stroke across the spine at each level, as in the files.
  ticks(spine) {
    if (spine.length < 2) return "";
    return spine.map((at, i) => across(at, spine[Math.max(i - 1, 0)], spine[Math.max(i, 1)], 5)).join("");
  }

  // The hidden parts, upright in the photo.
  boxes(view) {
    const corners = this.things.filter((thing) => thing.kind === "part").map((thing) => [thing.x_px, thing.y_px]);
    let boxes = "";
    for (let i = 0; i + 1 < corners.length; i += 2) {
      const [[x0, y0], [x1, y1]] = [corners[i], corners[i + 1]];
      boxes += `${path([[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map((place) => view.toStage(place)))}z`;
    }
    return boxes;
  }

  measureTicks([a, b]) {
    return [0, 0.25, 0.5, 0.75, 1]
      .map((share) => across([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])], a, b, share % 0.5 ? 4 : 7))
      .join("");
  }

  drawLabels(marks, data, view) {
    const cun = (data.cun_px ?? 0) * view.scale;
    const ofThings = this.things.map(({ at: [x, y], kind, size }) => {
      if (kind === "person") return { x, y, width: size[0], height: size[1] };
      const side = SIZE[kind] * (kind === "mark" ? this.size : 1);
      return { x, y, width: side, height: side };
    });
    const obstacles = [...ofThings, ...this.legend];
    const hasRoom = cun >= CUN_FOR_LABELS || !data.cun_px;
    const ofMarks = hasRoom ? this.markWishes(marks, view, cun >= CUN_FOR_ALL_LABELS) : [];
    const ofHandles = this.handleWishes();
    const isAsked = ({ key, code }) => key === this.active.hovered || key === this.active.next || this.isSelected(code);
    const wishes = [
      ...this.measureWish(data),
      ...[...ofHandles, ...ofMarks].filter(isAsked),
      ...[...ofMarks, ...ofHandles].filter((wish) => !isAsked(wish)),
    ];
    const placed = this.labels.place(wishes, obstacles, view.stage);
    const pills = placed.map(({ x, y, width, height, colour }) => ({
      x: near(x - width / 2), y: near(y - height / 2), width, height, rx: 5, style: colour ? `stroke: ${colour}` : "",
    }));
    this.placed = placed;
    const texts = placed.map(({ x, y, text, look, size }) => ({
      x: near(x), y: near(y), text, class: look, style: size === 1 ? "" : `font-size: ${near(LABEL_PX * size)}px`,
    }));
    fill(this.layers.pills, "rect", pills);
    fill(this.layers.texts, "text", texts);
    this.drawLevelNames(data, view, cun, [...obstacles, ...placed]);
  }

  isSelected(code) {
    return Boolean(code) && code === this.active.selected;
  }

  handleWishes() {
    const handles = this.things.filter((thing) => thing.kind === "handle");
    const middle = handles.reduce((sum, handle) => sum + handle.at[0], 0) / handles.length;
    return handles
      .filter((handle) => handle.key !== this.active.dragged)
      .map(({ key, label, at }) => {
        const outward = at[0] < middle - 20 ? -1 : 1;
        return { key, text: label, size: 1, at, gap: 16, outward, look: "of-handle" };
      });
  }

  measureWish(data) {
    const ends = this.things.filter((thing) => thing.kind === "measure").map((thing) => thing.at);
    if (ends.length < 2) return [];
    const at = [(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2];
    return [{ key: "measure", text: data.measure.label, size: 1, at, gap: 12, outward: 1, look: "of-handle" }];
  }

  // One label for each point, and one for each mark where there is room for both sides.
  markWishes(marks, view, both) {
    const wishes = marks.map((mark) => {
      const foot = mark.foot ? view.toStage(mark.foot) : [mark.at[0] - 1, mark.at[1]];
      const outward = mark.at[0] >= foot[0] ? 1 : -1;
      const { key, code, at, colour } = mark;
      const gap = key === this.active.focused ? FOCUS_RADIUS + 5 : 12 * this.size;
      const text = key === this.active.hovered || this.isSelected(code) ? mark.title : mark.written;
      return { key, code, text, size: this.size, at, gap, outward, colour, look: "of-mark" };
    });
    const codes = [...new Set(wishes.map((wish) => wish.code))];
    // The sides take turns, so that no side is crowded.
    const first = codes.map((code, index) => {
      const ofCode = wishes.filter((wish) => wish.code === code);
      return ofCode.find((wish) => wish.key === this.active.hovered) ?? ofCode[index % ofCode.length];
    });
    // The outermost have their outer side free; the inner ones take what is left.
    return both ? [...first, ...wishes.filter((wish) => !first.includes(wish))] : first;
  }

  drawLevelNames(data, view, cun, taken) {
    const names = [];
    for (const level of cun >= CUN_FOR_LABELS ? data.levels : []) {
      const [x, y] = view.toStage([level.x_px, level.y_px]);
      const width = textWidth(level.name);
      const box = { x: x + 9 + width / 2, y: y - 9, width, height: 12, name: level.name };
      if (!taken.some((other) => overlaps(other, box))) {
        names.push(box);
        taken.push(box);
      }
    }
    fill(this.layers.names, "text", names.map(({ x, y, name }) => ({ x: near(x), y: near(y), text: name })));
  }

  // The two finger bars, in a corner where nothing lies; it stays where it is while that is free.
  drawLegend(data, view) {
    const bar = 3 * (data.cun_px ?? 0) * view.scale;
    const [width, height, inset] = [bar + 84, 46, 8];
    const [stageWidth, stageHeight] = view.stage;
    const [right, bottom] = [stageWidth - width - inset, stageHeight - height - inset];
    const corners = [[inset, bottom], [right, bottom], [inset, inset], [right, inset]];
    const isFree = ([x, y]) => !this.things.some(({ at }) =>
      at[0] > x - 16 && at[0] < x + width + 16 && at[1] > y - 16 && at[1] < y + height + 16);
    if (!isFree(corners[this.corner])) this.corner = Math.max(0, corners.findIndex(isFree));
    this.legend = [];
    if (!data.cun_px || bar < 8 || width > 0.7 * stageWidth || !isFree(corners[this.corner])) {
      this.layers.legend.replaceChildren();
      return;
    }
    const [x, y] = corners[this.corner];
    this.legend = [{ x: x + width / 2, y: y + height / 2, width, height }];
    const half = bar / 2;
    const stroke = (length, row) => `M10 ${row}h${near(length)}M10 ${row - 4}v8M${near(10 + length)} ${row - 4}v8`;
    if (!this.layers.legend.childElementCount) {
      svg("rect", { height, rx: 6 }, this.layers.legend);
      svg("path", {}, this.layers.legend);
      svg("text", { y: 15 }, this.layers.legend);
      svg("text", { y: 32 }, this.layers.legend);
    }
    const [box, bars, two, four] = this.layers.legend.children;
    set(this.layers.legend, { transform: `translate(${near(x)} ${near(y)})` });
    set(box, { width: near(width) });
    set(bars, { d: stroke(half, 15) + stroke(bar, 32) });
    set(two, { x: near(20 + bar), text: data.words.two_fingers });
    set(four, { x: near(20 + bar), text: data.words.four_fingers });
  }

  drawGrips() {
    const keys = new Set(this.things.map((thing) => thing.key));
    for (const [key, grip] of this.grips) {
      if (keys.has(key)) continue;
      grip.remove();
      this.grips.delete(key);
    }
    for (const thing of this.things) {
      const grip = this.grips.get(thing.key) ?? this.newGrip(thing);
      this.updateGrip(grip, thing);
    }
    this.sortGrips();
  }

  newGrip(thing) {
    const grip = svg("g", { tabindex: 0, role: "button" }, this.layers.grips);
    const kinds = { handle: "data-handle", mark: "data-mark", person: "data-person", measure: "data-measure", part: "data-part" };
    const dataName = kinds[thing.kind];
    set(grip, { "data-key": thing.key, [dataName]: thing.name });
    this.grips.set(thing.key, grip);
    if (thing.kind === "person") {
      svg("rect", {}, grip);
      svg("text", {}, grip);
      return grip;
    }
    svg("circle", { class: "hit", r: HIT_RADIUS.touch }, grip);
    svg("circle", { class: "focus dark", r: FOCUS_RADIUS }, grip);
    svg("circle", { class: "focus", r: FOCUS_RADIUS }, grip);
    svg("path", { class: "casing" }, grip);
    svg("path", { class: "face" }, grip);
    if (thing.kind === "handle") {
      svg("path", { class: "arms", d: SHAPES.cross }, grip);
      svg("circle", { class: "dot", r: 1.5 }, grip);
    }
    return grip;
  }

  updatePerson(grip, { at: [x, y], size: [width, height], label }) {
    const [box, text] = grip.children;
    set(box, { x: near(-width / 2), y: -height / 2, width: near(width), height, rx: height / 2 });
    set(text, { text: label });
    set(grip, { class: "grip person", transform: `translate(${near(x)} ${near(y)})`, "aria-label": label });
  }

  updateGrip(grip, thing) {
    if (thing.kind === "person") return this.updatePerson(grip, thing);
    const { isCorrecting, dragged, hovered, next } = this.active;
    const isSelected = thing.kind === "mark" && this.isSelected(thing.code);
    const looks = { dragged: thing.key === dragged, hovered: thing.key === hovered, next: thing.key === next, selected: isSelected };
    const look = Object.keys(looks).filter((name) => looks[name]).join(" ");
    const forMark = thing.moved ? SHAPES.diamond : SHAPES.disc;
    const shape = { handle: SHAPES.square, mark: forMark, measure: SHAPES.end, part: SHAPES.end }[thing.kind];
    const transform = `scale(${thing.kind === "mark" ? this.size : 1})`;
    set(grip.querySelector(".casing"), { d: thing.kind === "handle" ? shape + SHAPES.cross : shape, transform });
    set(grip.querySelector(".face"), { d: shape, transform, style: thing.colour ? `fill: ${thing.colour}` : "" });
    set(grip, {
      class: `grip ${thing.kind} ${thing.set_by ? `by-${thing.set_by}` : ""} ${look}`,
      transform: `translate(${near(thing.at[0])} ${near(thing.at[1])})`,
      "data-x": thing.x_px,
      "data-y": thing.y_px,
      "aria-label": spoken(thing, this.words),
    });
    if (thing.kind !== "mark" || isCorrecting) set(grip, { "aria-roledescription": this.words.draggable });
    else grip.removeAttribute("aria-roledescription");
    if (thing.kind === "mark") set(grip, { "aria-pressed": isSelected });
  }

  // Tab goes from top to bottom. An element that has the focus or the finger would lose it by being moved.
  sortGrips() {
    const layer = this.layers.grips;
    if (layer.querySelector(":focus, .dragged")) return;
    const sorted = [...this.things].sort((a, b) => a.at[1] - b.at[1] || a.at[0] - b.at[0]);
    sorted.forEach((thing, index) => {
      const grip = this.grips.get(thing.key);
      if (layer.children[index] !== grip) layer.insertBefore(grip, layer.children[index]);
    });
  }

  // Whether a thing can be grabbed; also if there is none. Handles that nobody has set go along with others, and may leave.
  isInSight(key, [width, height]) {
    const thing = this.things.find((one) => one.key === key);
    const [x, y] = thing?.at ?? [EDGE, EDGE];
    return x >= EDGE && x <= width - EDGE && y >= EDGE && y <= height - EDGE;
  }

  // The thing at a stage place, by itself or by its label.
  hit(at, isTouch) {
    const radius = isTouch ? HIT_RADIUS.touch : HIT_RADIUS.fine;
    const score = (thing) => distance(at, thing.at) - (thing.kind === "handle" ? HANDLES_WIN_BY : 0);
    const near = this.things
      .filter((thing) => (thing.kind === "person" ? isOn(thing, at) : distance(at, thing.at) <= radius))
      .reduce((best, thing) => (best && score(best) <= score(thing) ? best : thing), null);
    return near ?? this.labelled(at, isTouch);
  }

  labelled([x, y], isTouch) {
    const slack = isTouch ? LABEL_SLACK : 0;
    const label = this.placed.find(
      (box) => Math.abs(x - box.x) <= box.width / 2 + slack && Math.abs(y - box.y) <= box.height / 2 + slack,
    );
    return (label && this.things.find((thing) => thing.key === label.key)) ?? null;
  }
}

// Whether a stage place is on the button of another back, or right beside it.
function isOn({ at, size }, [x, y]) {
  return Math.abs(x - at[0]) <= size[0] / 2 + LABEL_SLACK && Math.abs(y - at[1]) <= size[1] / 2 + LABEL_SLACK;
}

// A stroke of a half-length across the line from a to b.
function across([x, y], a, b, half) {
  const length = distance(a, b) || 1;
  const [ux, uy] = [(-half * (b[1] - a[1])) / length, (half * (b[0] - a[0])) / length];
  return path([[x - ux, y - uy], [x + ux, y + uy]]);
}
