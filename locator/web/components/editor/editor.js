// Editor: one on the page for each mount. Python's data comes in through update(); what the visitor does goes out
// through the sender, and shows at once at the place where it was done until Python has answered.

const HELD_PHOTOS = 3;
const held = new Map(); // photo id -> {src, zoom, centre}: outlives a remount
const editors = new WeakMap(); // parent element -> Editor
const SENT_BUTTONS = ["undo", "redo", "reset", "turn", "symmetric"];

class Editor {
  constructor(parent) {
    this.build(parent);
    this.view = new View();
    this.sender = new Sender(({ seq, kind, name, x_px, y_px, final }) =>
      this.setStateValue("event", { seq, kind, name, x_px, y_px, final }),
    );
    this.overlay = new Overlay(this.svg);
    this.loupe = new Loupe(this.stage);
    this.gestures = new Gestures(this);
    listenToKeys(this, this.root);
    this.moved = new Map(); // key -> newest event about that thing that Python has not answered
    this.drag = null;
    this.handlesShown = true;
    this.isLarge = false;
    this.resizes = new ResizeObserver(() => this.data && this.layOut());
    this.resizes.observe(this.stage);
    this.resizes.observe(this.frame);
  }

  build(parent) {
    // The frame keeps the editor's place on the page while the root fills the window.
    this.frame = element("div", { class: "frame" }, parent);
    this.root = element("div", { class: "editor", "data-editor": "" }, this.frame);
    this.toolbar = new Toolbar((name) => this.press(name));
    this.root.append(this.toolbar.element);
    this.stage = element("div", { class: "stage", tabindex: "0", role: "group" }, this.root);
    this.picture = element("img", { alt: "", draggable: "false", hidden: "" }, this.stage);
    this.svg = svg("svg", { class: "overlay" }, this.stage);
    this.message = element("div", { class: "message", role: "status", hidden: "" }, this.root);
    this.live = element("div", { class: "spoken", "aria-live": "polite" }, this.root);
  }

  // ---- Python's data ----

  update({ data, setStateValue }) {
    this.setStateValue = setStateValue;
    const isOther = this.data?.photo.id !== data.photo.id;
    const isNew = isOther && !held.get(data.photo.id)?.zoom;
    this.takePhoto(data.photo);
    this.data = data;
    this.showWords(data.words);
    if (isOther) this.showPhoto();
    this.view.turn = data.turn;
    const answered = this.sender.inFlight;
    this.sender.answered(data.answers);
    this.forgetAnswered(data.answers);
    const wasFit = this.view.isFit; // who has not zoomed or panned goes on seeing everything
    if (!this.drag) this.view.outliers = data.handles.map((handle) => [handle.x_px, handle.y_px]);
    this.showTools();
    this.message.textContent = data.message ?? "";
    this.message.hidden = !data.message;
    this.layOut();
    if (isNew || (wasFit && !this.drag)) this.fit();
    this.root.dataset.answers = data.answers;
    this.noteLatency(data.answers);
    if (answered?.final && answered.seq <= data.answers) this.say(answered);
  }

  showWords(words) {
    set(this.stage, { "aria-label": words.picture });
    this.toolbar.showWords(words);
  }

  // The photo comes once; its state value tells Python that it is here, or that it is missing after a remount.
  takePhoto({ id, src }) {
    const now = performance.now();
    const tell = (value) => {
      if (this.acknowledged?.value === value && now - this.acknowledged.at < 2000) return;
      this.acknowledged = { value, at: now };
      this.setStateValue("photo", value);
    };
    if (src) {
      hold(id, { src });
      tell(id);
    } else if (!held.has(id)) {
      tell("");
    }
    const known = held.get(id)?.src;
    if (known && this.picture.getAttribute("src") !== known) this.picture.src = known;
    this.picture.hidden = !known;
  }

  showPhoto() {
    const { id, width_px, height_px } = this.data.photo;
    this.view.size = [width_px, height_px];
    this.picture.style.width = `${width_px}px`;
    this.picture.style.height = `${height_px}px`;
    this.moved.clear();
    this.drag = null;
    this.gestures.drop();
    const { zoom, centre } = held.get(id) ?? {};
    this.view.zoom = zoom ?? 1;
    this.view.centre = centre ?? this.view.middle;
  }

  forgetAnswered(answers) {
    for (const [key, event] of this.moved) {
      if (event.seq && event.seq <= answers) this.moved.delete(key);
    }
  }

  noteLatency(answers) {
    if (!this.dropped?.event.seq || this.dropped.event.seq > answers) return;
    this.root.dataset.latencyMs = (performance.now() - this.dropped.at).toFixed(1);
    this.dropped = null;
  }

  say({ kind, name }) {
    const thing = this.things().find((one) => one.kind === kind && one.name === name);
    const { words, marks, symmetric } = this.data;
    const moved = kind === "handle" && marks.length ? words.moved_with_points : words.moved;
    const done = { ...words.done, symmetric: symmetric ? words.both_on : words.both_off };
    this.live.textContent = thing ? worded(moved, { thing: thing.label }) : done[kind];
  }

  // ---- What is drawn ----

  // All that can be dragged, where it is shown: where the visitor has it, else where Python has it.
  things() {
    const { handles, marks, measure, parts, words } = this.data;
    const nameOfEnd = (number) => worded(words.end, { measure: measure.label, number });
    const nameOfCorner = (part, number) => worded(words.corner, { part, number });
    const all = [
      ...handles.map((handle) => ({ ...handle, kind: "handle" })),
      ...marks.map((mark) => ({ ...mark, kind: "mark", name: mark.id })),
      ...(measure?.ends ?? []).map(([x_px, y_px], i) => (
        { kind: "measure", name: String(i), label: nameOfEnd(i + 1), x_px, y_px }
      )),
      ...parts.flatMap((corners, part) => corners.map(([x_px, y_px], i) => (
        { kind: "part", name: `${part}/${i}`, label: nameOfCorner(part + 1, i + 1), x_px, y_px }
      ))),
    ];
    return all.map((thing) => {
      const key = `${thing.kind}/${thing.name}`;
      const event = this.moved.get(key);
      if (this.drag?.key === key) [thing.x_px, thing.y_px] = this.drag.place;
      else if (event) ({ x_px: thing.x_px, y_px: thing.y_px } = event);
      return { ...thing, key };
    });
  }

  layOut() {
    const [width, height] = this.view.halfBox;
    const tall = (this.root.clientWidth * height) / width;
    // The page says how high its picture is: then nothing moves while handles do.
    this.stage.style.height = this.isLarge ? "" : `var(--stage-height, min(78svh, ${Math.round(tall)}px))`;
    const box = this.stage.getBoundingClientRect();
    this.view.stage = [box.width, box.height];
    if (!this.drag) this.view.panBy(0, 0); // less room, or less zoom, may have put the picture off the stage
    this.draw();
  }

  draw() {
    this.willDraw = false;
    const { view } = this;
    hold(this.data.photo.id, { zoom: view.zoom, centre: view.centre });
    this.picture.style.transform = view.transform;
    this.stage.classList.toggle("zoomed", view.isZoomed);
    this.overlay.draw(this.things(), this.data, view, { handlesShown: this.handlesShown, dragged: this.drag?.key });
    if (this.drag?.finger) this.loupe.show(this.drag.place, this.drag.finger, this.picture, view);
    else this.loupe.hide();
  }

  drawSoon() {
    if (this.willDraw) return;
    this.willDraw = true;
    requestAnimationFrame(() => this.willDraw && this.draw());
  }

  showTools() {
    const { can_undo, can_redo, can_reset, symmetric } = this.data;
    this.toolbar.enable("undo", can_undo);
    this.toolbar.enable("redo", can_redo);
    this.toolbar.enable("reset", can_reset);
    this.toolbar.press("symmetric", symmetric);
    this.toolbar.press("handles", this.handlesShown);
    this.toolbar.press("large", this.isLarge);
  }

  // ---- What the visitor does to a thing ----

  thingAt(at, isTouch) {
    if (this.willDraw) this.draw(); // places on the stage are those of the last drawing
    return this.overlay.hit(at, isTouch);
  }

  startDrag(thing, at) {
    const place = [thing.x_px, thing.y_px];
    // The place in the hand stays under the same part of the thing: no jump to the pointer.
    this.drag = { ...thing, place, grab: [at[0] - thing.at[0], at[1] - thing.at[1]], hasMoved: false };
    this.focusOn(thing);
    this.drawSoon();
  }

  focusOn(thing) {
    this.overlay.grips.get(thing.key)?.focus({ preventScroll: true });
  }

  hasFocus(thing) {
    return this.root.getRootNode().activeElement === this.overlay.grips.get(thing.key);
  }

  dragTo(at, isFinger) {
    const { drag } = this;
    drag.place = this.view.kept(this.view.toPhoto([at[0] - drag.grab[0], at[1] - drag.grab[1]]), drag.kind);
    drag.finger = isFinger ? at : null;
    drag.hasMoved = true;
    this.sendPlace(drag, drag.place, false);
    this.drawSoon();
  }

  endDrag() {
    const { drag } = this;
    this.drag = null;
    // A handle that is in its place already is accepted by a tap.
    if (drag?.hasMoved || drag?.set_by === "default") {
      const at = performance.now();
      this.dropped = { event: this.sendPlace(drag, drag.place, true), at };
    }
    this.drawSoon();
  }

  cancelDrag() {
    const { drag } = this;
    this.drag = null;
    this.gestures.drop();
    if (drag.hasMoved) this.sender.cancel(drag); // the points have followed; they go back too
    this.moved.delete(drag.key);
    this.drawSoon();
  }

  // Accept a handle where it is.
  accept(key) {
    const thing = this.overlay.things.find((one) => one.key === key);
    if (!thing || this.drag || thing.set_by !== "default") return false;
    this.sendPlace(thing, [thing.x_px, thing.y_px], true);
    return true;
  }

  // Move a thing by a step along the view's directions.
  nudge(key, step) {
    const thing = this.overlay.things.find((one) => one.key === key);
    if (!thing || this.drag) return;
    const [dx, dy] = this.view.unturned(step);
    this.sendPlace(thing, this.view.kept([thing.x_px + dx, thing.y_px + dy], thing.kind), true);
    this.draw();
  }

  sendPlace({ kind, name, key }, [x_px, y_px], final) {
    const event = this.sender.send({ kind, name, x_px, y_px, final });
    this.moved.set(key, event);
    return event;
  }

  // ---- Tools ----

  press(name) {
    if (!this.toolbar.isEnabled(name)) return;
    if (SENT_BUTTONS.includes(name)) this.sender.send({ kind: name, final: true });
    else if (name === "in") this.zoomBy(1.5);
    else if (name === "out") this.zoomBy(1 / 1.5);
    else if (name === "fit") this.fit();
    else if (name === "large") this.setLarge(!this.isLarge);
    else if (name === "handles") this.showHandles(!this.handlesShown);
  }

  showHandles(isShown) {
    this.handlesShown = isShown;
    this.showTools();
    this.draw();
  }

  // In the browser's top layer, above all that the page has.
  setLarge(isLarge) {
    this.isLarge = isLarge;
    this.frame.style.minHeight = isLarge ? `${this.frame.offsetHeight}px` : "";
    this.root.classList.toggle("large", isLarge);
    if (isLarge) this.root.setAttribute("popover", "manual");
    if (isLarge) this.root.showPopover?.();
    else this.root.removeAttribute("popover");
    this.showTools();
    this.layOut();
  }

  // ---- The view ----

  get stageHasFocus() {
    const focused = this.root.getRootNode().activeElement;
    return Boolean(focused) && this.stage.contains(focused);
  }

  fit() {
    this.view.fit();
    this.draw();
  }

  zoomBy(factor, at = [this.view.stage[0] / 2, this.view.stage[1] / 2]) {
    this.view.zoomAt(factor, at);
    this.drawSoon();
  }

  panBy(dx, dy) {
    this.view.panBy(dx, dy);
    this.drawSoon();
  }

  zoomInOrFit(at) {
    if (this.view.zoom > 2.5) this.fit();
    else this.zoomBy(2, at);
  }

  destroy() {
    this.resizes.disconnect();
    this.sender.stop();
    if (this.isLarge) this.setLarge(false);
    this.frame.remove();
  }
}

// Remember something about a photo; the photos seen longest ago are forgotten.
function hold(id, what) {
  const known = held.get(id);
  if (!known && !what.src) return;
  held.delete(id);
  held.set(id, { ...known, ...what });
  for (const old of [...held.keys()].slice(0, -HELD_PHOTOS)) held.delete(old);
}

// Called at the mount and again for each change of the data.
export default function (component) {
  const parent = component.parentElement;
  const editor = editors.get(parent) ?? new Editor(parent);
  editors.set(parent, editor);
  const call = (editor.calls = (editor.calls ?? 0) + 1);
  editor.update(component);
  // Streamlit may also clean up after a call that a newer one has overtaken; only the last one's is the unmounting.
  return () => {
    if (editor.calls !== call) return;
    editors.delete(parent);
    editor.destroy();
  };
}
