// Gestures: mouse, finger and pen on the stage. One pointer taps or drags a thing, or moves the picture once the visitor
// has zoomed it; two pinch. A finger on a picture that the visitor has not zoomed is left to the page, which scrolls.

const SLACK = { mouse: 2, touch: 3, pen: 2 }; // CSS pixels that a press may stray without being a drag
const TAP_MS = 320;
const HOLD_MS = 220; // how long a finger rests on a thing before it takes it along
const TAP_REACH = 30;

class Gestures {
  constructor(editor) {
    this.editor = editor;
    this.stage = editor.stage;
    this.pointers = new Map(); // pointer id -> stage place
    this.mode = null; // "drag", "pan" or "pinch"
    this.lastTap = null;
    const listen = (name, handler) => this.stage.addEventListener(name, handler.bind(this), { passive: false });
    listen("pointerdown", this.down);
    listen("pointermove", this.move);
    listen("pointerup", this.up);
    listen("pointercancel", this.cancel);
    listen("pointerleave", () => this.editor.hover(null));
    listen("wheel", this.wheel);
    // Touch actions are settled by these, not by the pointer events: they keep the page still during a gesture of ours.
    listen("touchstart", this.hold);
    listen("touchmove", this.hold);
    this.stage.addEventListener("dragstart", (event) => event.preventDefault());
  }

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  hold(event) {
    if (this.mode && event.cancelable) event.preventDefault();
  }

  down(event) {
    if (event.button !== 0) return;
    const at = this.at(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size === 2) {
      this.startPinch();
    } else if (this.pointers.size === 1) {
      this.startAlone(event, at);
    }
  }

  startAlone(event, at) {
    const isTouch = event.pointerType === "touch";
    const thing = this.editor.thingAt(at, isTouch);
    this.pressed = { at, time: event.timeStamp, thing, strayed: false, isTouch };
    if (thing) event.preventDefault(); // the focus is set by hand
    else this.stage.focus({ preventScroll: true });
    const canDrag = thing && this.editor.canDrag(thing);
    clearTimeout(this.holding);
    if (canDrag && !isTouch) {
      this.grab();
    } else {
      const { framing, view } = this.editor;
      this.mode = framing.isOwn || (!isTouch && view.isOverflowing) ? "pan" : null;
    }
    // Things cover most of a back, so a swipe over them is the page's; a finger that rests on one takes it along.
    if (canDrag && isTouch) this.holding = setTimeout(() => !this.pressed.strayed && this.grab(), HOLD_MS);
    if (this.mode) this.stage.setPointerCapture(event.pointerId);
  }

  grab() {
    this.mode = "drag";
    this.editor.startDrag(this.pressed.thing, this.pressed.at, this.pressed.isTouch);
  }

  startPinch() {
    clearTimeout(this.holding);
    if (this.mode === "drag") this.editor.cancelDrag();
    this.mode = "pinch";
    this.pressed.strayed = true;
    this.pinch = this.measurePinch();
  }

  measurePinch() {
    const [a, b] = [...this.pointers.values()];
    return { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], span: Math.max(1, distance(a, b)) };
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    const at = this.at(event);
    if (!before) return event.pointerType === "mouse" && this.editor.hover(at);
    this.pointers.set(event.pointerId, at);
    if (this.mode === "pinch") return this.pinchTo();
    const slack = SLACK[event.pointerType] ?? SLACK.mouse;
    if (distance(at, this.pressed.at) > slack) this.pressed.strayed = true;
    if (!this.pressed.strayed) return;
    if (this.mode === "drag") {
      this.editor.dragTo(at, event.pointerType !== "mouse");
    } else if (this.mode === "pan") {
      this.editor.panBy(at[0] - before[0], at[1] - before[1]);
    }
  }

  pinchTo() {
    const now = this.measurePinch();
    this.editor.panBy(now.middle[0] - this.pinch.middle[0], now.middle[1] - this.pinch.middle[1]);
    this.editor.zoomBy(now.span / this.pinch.span, now.middle);
    this.pinch = now;
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    clearTimeout(this.holding);
    if (this.mode === "drag") this.editor.endDrag();
    else if (this.mode !== "pinch") this.tap();
    if (this.mode !== "pinch" || !this.pointers.size) this.mode = null;
    // What is left of a pinch is one finger at rest, not a new drag.
    if (this.mode === "pinch") this.pointers.clear();
  }

  cancel(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    clearTimeout(this.holding);
    if (this.mode === "drag") this.editor.cancelDrag();
    this.mode = null;
    this.pointers.clear();
  }

  // Let go of what is being dragged though the pointer is still down.
  drop() {
    this.pointers.clear();
    this.mode = null;
  }

  tap() {
    const { at, time, thing, strayed } = this.pressed;
    if (strayed) return;
    if (thing) return this.editor.tap(thing);
    const isDouble = this.lastTap && time - this.lastTap.time < TAP_MS && distance(at, this.lastTap.at) < TAP_REACH;
    this.lastTap = isDouble ? null : { at, time };
    if (isDouble) this.editor.zoomInOrFit(at);
    else if (this.editor.selected && !this.editor.correcting) this.editor.select("");
  }

  // Without Ctrl the wheel is the page's, but where the visitor is at work in the picture.
  wheel(event) {
    const { isLarge, correcting, stageHasFocus } = this.editor;
    if (!event.ctrlKey && !isLarge && !(correcting && stageHasFocus)) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const strength = event.ctrlKey ? 0.01 : 0.002; // a trackpad's pinch comes as small steps with Ctrl
    this.editor.zoomBy(Math.exp(clamp(-event.deltaY * unit * strength, -0.5, 0.5)), this.at(event));
  }
}
