// Editor: one on the page for each mount. Python's data comes in through update(); what the visitor does goes out
// through the sender, and shows at once at the place where it was done until Python has answered.

const editors = new WeakMap(); // parent element -> Editor
const SENT_BUTTONS = ["undo", "redo", "reset", "turn", "symmetric"];
const UNPLACED = { x_px: 0, y_px: 0 };

class Editor {
  constructor(parent) {
    this.build(parent);
    this.view = new View();
    this.framing = new Framing(this.view, () => this.draw());
    this.sender = new Sender(({ seq, kind, name, x_px, y_px, final }) =>
      this.setStateValue("event", { seq, kind, name, x_px, y_px, final }),
    );
    this.overlay = new Overlay(this.svg);
    this.loupe = new Loupe(this.stage);
    this.gestures = new Gestures(this);
    listenToKeys(this, this.root);
    this.moved = new Map(); // key -> newest event about that thing that Python has not answered
    this.drag = null;
    this.hovered = null; // key of the thing under the mouse
    this.correcting = false; // whether handles are shown, and things can be moved
    this.framed = null; // the selected point, when the part of the photo was chosen that is shown
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
    this.picture = new Picture(this.stage);
    this.svg = svg("svg", { class: "overlay" }, this.stage);
    this.guide = new Guide((key) => this.accept(key));
    this.root.append(this.guide.element);
    this.live = element("div", { class: "spoken", "aria-live": "polite" }, this.root);
  }

  // ---- Python's data ----

  update({ data, setStateValue }) {
    this.setStateValue = setStateValue;
    const before = this.data;
    const isOther = before?.photo.id !== data.photo.id;
    const isPlacing = data.placing && (isOther || !before.placing);
    this.data = data;
    this.picture.take(data.photo, (value) => setStateValue("photo", value));
    this.showWords(data.words);
    if (isOther) this.showPhoto();
    // What is being corrected still is when the page mounts it anew, and after a look at another photo.
    if (isOther) this.correcting = held.get(data.photo.id)?.isCorrecting ?? false;
    if (isPlacing) this.correcting = true;
    this.view.turn = data.turn;
    const answered = this.sender.inFlight;
    this.sender.answered(data.answers);
    this.forgetAnswered(data.answers);
    if (!this.drag) this.view.outliers = data.handles.map((handle) => [handle.x_px, handle.y_px]);
    this.showTools();
    const framing = isOther ? held.get(data.photo.id)?.framing : null;
    this.layOut();
    if (isOther) this.open(framing);
    else this.reframe(before, isPlacing);
    this.root.dataset.answers = data.answers;
    this.noteLatency(data.answers);
    if (answered?.final && answered.seq <= data.answers) this.say(answered);
  }

  // A photo opens as the visitor has left it; for the first time, on the back.
  open(framing) {
    this.framed = this.selected;
    if (framing) this.framing.restore(framing);
    else if (this.selected) this.showPoint(true);
    else this.showBack(true);
    this.draw();
  }

  // Show another part of the photo where the visitor has asked for something else to look at.
  reframe(before, isPlacing) {
    if (this.drag) return;
    const isTurned = this.data.turn !== before.turn;
    const isMarked = !before.marks.length && this.data.marks.length > 0 && !this.framing.isOwn;
    if (isTurned || isPlacing) this.showBack(isTurned);
    else if (this.selected !== this.framed) this.showPoint();
    else if (isMarked && !this.correcting) this.showBack();
    else if (!this.overlay.isInSight(this.guide.next, this.view.stage)) this.showBack();
  }

  showWords(words) {
    set(this.stage, { "aria-label": words.picture });
    this.toolbar.showWords(words);
  }

  showPhoto() {
    const { width_px, height_px } = this.data.photo;
    this.view.size = [width_px, height_px];
    this.moved.clear();
    this.drag = null;
    this.hovered = null;
    this.gestures.drop();
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
    const selected = marks.find((mark) => mark.code === this.selected)?.label;
    const done = { ...words.done, symmetric: symmetric ? words.both_on : words.both_off, select: selected };
    const said = kind === "person" ? thing?.label : thing ? worded(moved, { thing: thing.label }) : done[kind];
    this.live.textContent = [said, this.data.placing && this.data.message].filter(Boolean).join(". ");
  }

  // ---- What is drawn ----

  things() {
    return thingsOf(this.data, this.moved, this.drag);
  }

  // The stage is as tall as the back needs at its width, so that a small body in a wide photo gets room.
  layOut() {
    const box = this.data.back;
    const [width, height] = box ? this.view.turned([box[2] - box[0], box[3] - box[1]]).map(Math.abs) : this.view.halfBox;
    const tall = Math.round((this.root.clientWidth * height) / width);
    // The page may say how high its picture is; the guide may take its room from it.
    const high = `var(--stage-height, min(78svh, ${tall}px))`;
    this.stage.style.height = this.isLarge ? "" : this.correcting ? `calc(${high} - var(--guide))` : high;
    const { width: stageWidth, height: stageHeight } = this.stage.getBoundingClientRect();
    const isResized = distance(this.view.stage, [stageWidth, stageHeight]) > 0.5;
    this.view.stage = [stageWidth, stageHeight];
    if (isResized && !this.drag) this.framing.settle();
    this.draw();
  }

  draw() {
    this.willDraw = false;
    const { view, data } = this;
    hold(data.photo.id, { framing: this.framing.kept, isCorrecting: this.correcting });
    this.picture.element.style.transform = view.transform;
    this.stage.classList.toggle("own-view", this.framing.isOwn);
    this.stage.classList.toggle("correcting", this.correcting);
    const things = this.things();
    const handles = things.filter((thing) => thing.kind === "handle");
    this.guide.show(data, handles, this.correcting, this.drag?.key ?? this.focusedKey);
    this.overlay.draw(things, data, view, {
      isCorrecting: this.correcting,
      selected: this.selected,
      dragged: this.drag?.key,
      hovered: this.hovered,
      focused: this.focusedKey,
      next: this.guide.next,
    });
    if (this.drag?.finger) this.loupe.show(this.drag.place, this.drag.finger, this.picture.element, view);
    else this.loupe.hide();
  }

  drawSoon() {
    if (this.willDraw) return;
    this.willDraw = true;
    requestAnimationFrame(() => this.willDraw && this.draw());
  }

  showTools() {
    const { can_undo, can_redo, can_reset, symmetric, handles, words } = this.data;
    const isCorrecting = this.correcting;
    this.toolbar.enable("undo", can_undo);
    this.toolbar.enable("redo", can_redo);
    this.toolbar.enable("reset", can_reset);
    for (const name of ["undo", "redo", "reset"]) {
      this.toolbar.show(name, isCorrecting || can_undo || can_redo || can_reset);
    }
    this.toolbar.show("symmetric", isCorrecting);
    this.toolbar.press("symmetric", symmetric);
    this.toolbar.show("correct", handles.length > 0);
    this.toolbar.say("correct", words.tools[isCorrecting ? "done" : "correct"]);
    this.toolbar.press("correct", isCorrecting);
    this.toolbar.press("large", this.isLarge);
  }

  // ---- What the visitor does to a thing ----

  thingAt(at, isTouch) {
    if (this.willDraw) this.draw(); // places on the stage are those of the last drawing
    return this.overlay.hit(at, isTouch);
  }

  // Points can be moved while they are corrected; the measure and the hidden parts at any time.
  canDrag(thing) {
    if (thing.kind === "person") return false;
    return this.correcting || thing.kind === "measure" || thing.kind === "part";
  }

  startDrag(thing, at, isFinger) {
    const place = [thing.x_px, thing.y_px];
    // The place in the hand stays under the same part of the thing: no jump to the pointer.
    this.drag = { ...thing, place, grab: [at[0] - thing.at[0], at[1] - thing.at[1]], hasMoved: false };
    this.drag.finger = isFinger ? at : null;
    this.framing.stop();
    this.focusOn(thing);
    this.drawSoon();
  }

  // A press that has not moved anything.
  tap(thing) {
    this.focusOn(thing);
    if (thing.kind === "mark") this.select(thing.name);
    else if (thing.kind === "person") this.sender.send({ kind: "person", name: thing.name, ...UNPLACED, final: true });
    else if (!this.accept(thing.key)) this.drawSoon();
  }

  // One point for the whole page, by one of its marks: Python opens its card. Without a mark none is selected.
  select(mark) {
    const code = mark.split("/")[0];
    if (this.selected !== code) {
      const event = this.sender.send({ kind: "select", name: mark, ...UNPLACED, final: true });
      this.moved.set("selection", Object.assign(event, { code }));
    }
    this.showPoint();
  }

  hover(at) {
    const key = at ? (this.thingAt(at, false)?.key ?? null) : null;
    if (key === this.hovered) return;
    this.hovered = key;
    this.stage.classList.toggle("on-thing", Boolean(key));
    this.drawSoon();
  }

  focusOn(thing) {
    this.overlay.grips.get(thing.key)?.focus({ preventScroll: true });
  }

  get focusedKey() {
    const focused = this.root.getRootNode().activeElement;
    return this.stage.contains(focused) ? focused.getAttribute("data-key") : null;
  }

  // As the visitor has it, also before Python knows.
  get selected() {
    return this.moved.get("selection")?.code ?? this.data.selected ?? "";
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
    if (!drag) return;
    if (drag.hasMoved) this.dropped = { event: this.sendPlace(drag, drag.place, true), at: performance.now() };
    else this.tap(drag);
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
    const thing = this.things().find((one) => one.key === key);
    if (!thing || this.drag || thing.set_by !== "default") return false;
    this.sendPlace(thing, [thing.x_px, thing.y_px], true);
    return true;
  }

  // Move a thing by a step along the view's directions.
  nudge(key, step) {
    const thing = this.overlay.things.find((one) => one.key === key);
    if (!thing || this.drag || !this.canDrag(thing)) return;
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
    else if (name === "correct") this.correct(!this.correcting);
  }

  correct(isCorrecting) {
    this.correcting = isCorrecting;
    this.showTools();
    this.layOut();
    this.showBack();
    this.live.textContent = isCorrecting ? this.data.words.how : "";
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

  // The whole photo, and from there the back again.
  fit() {
    if (this.framing.kind === "all") this.showBack();
    else this.framing.show("all", null);
  }

  showBack(isSudden = false) {
    this.framed = this.selected;
    this.framing.show("back", Framing.back(this.data, this.correcting), isSudden);
  }

  // While handles are moved the picture keeps its scale.
  showPoint(isSudden = false) {
    this.framed = this.selected;
    if (this.correcting) return this.drawSoon();
    const box = Framing.point(this.data, this.selected);
    if (box) this.framing.show("point", box, isSudden);
    else this.showBack(isSudden);
  }

  zoomBy(factor, at = [this.view.stage[0] / 2, this.view.stage[1] / 2]) {
    this.framing.release();
    this.view.zoomAt(factor, at);
    this.drawSoon();
  }

  panBy(dx, dy) {
    this.framing.release();
    this.view.panBy(dx, dy);
    this.drawSoon();
  }

  zoomInOrFit(at) {
    if (this.framing.isOwn) this.showBack();
    else this.zoomBy(2, at);
  }

  destroy() {
    this.resizes.disconnect();
    this.framing.stop();
    this.sender.stop();
    if (this.isLarge) this.setLarge(false);
    this.frame.remove();
  }
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
