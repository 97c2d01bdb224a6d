// Session: which point is pressed, for how long, and how far that has come. It knows the time and nothing of the page.
//
// Time is read from the browser's clock, never counted up, so that a tab that is seldom woken is right when it is.

const TICK_MS = 100;

class Session {
  // tell: called after every change, with what has happened if it is more than time going by: "start", "half", "over",
  // or a phase that has begun: "press", "ease".
  constructor(tell) {
    this.tell = tell;
    this.state = "idle"; // "idle", "running", "paused" or "over"
    this.points = [];
    this.before_s = 0; // elapsed until it was last set going
    this.wanted = null; // minutes that the visitor has chosen, kept from point to point
  }

  // What can be chosen. A point that has been begun stays, offered or not.
  offer({ points, rhythm }) {
    this.rhythm = rhythm;
    this.points = points;
    if (this.state === "idle") this.settle();
  }

  settle() {
    this.point = this.points.find(({ code }) => code === this.point?.code) ?? this.points[0];
  }

  // The page has another point selected: what is being pressed goes on, else it is that point's turn.
  select(code) {
    if (code === this.selected) return;
    this.selected = code;
    const point = this.points.find((one) => one.code === code);
    if (point && (this.state === "idle" || this.state === "over")) this.choose(point);
  }

  // ---- What is going on ----

  get minutes() {
    return this.point.choices.includes(this.wanted) ? this.wanted : this.point.minutes;
  }

  get total_s() {
    return this.minutes * 60;
  }

  // Since the first press began; below zero before.
  get elapsed_s() {
    const going_ms = this.state === "running" ? performance.now() - this.since_ms : 0;
    return this.before_s + going_ms / 1000;
  }

  get left_s() {
    if (this.state === "idle") return this.total_s;
    if (this.state === "over") return 0;
    return Math.min(this.total_s, Math.max(0, this.total_s - this.elapsed_s));
  }

  get isSecondHalf() {
    return this.left_s < this.total_s / 2;
  }

  // The part of the breath; null where there is none.
  get phase() {
    if (this.state === "idle" || this.state === "over") return null;
    const { ready_s, breathe_out_s, breathe_in_s } = this.rhythm;
    const elapsed_s = this.elapsed_s;
    if (elapsed_s < 0) return { name: "ready", since_s: ready_s + elapsed_s, length_s: ready_s };
    const since_s = elapsed_s % (breathe_out_s + breathe_in_s);
    if (since_s < breathe_out_s) return { name: "press", since_s, length_s: breathe_out_s };
    return { name: "ease", since_s: since_s - breathe_out_s, length_s: breathe_in_s };
  }

  get next() {
    return this.points.find(({ position }) => position > this.point.position);
  }

  // ---- What the visitor does ----

  start() {
    this.before_s = -this.rhythm.ready_s;
    this.round = (this.round ?? 0) + 1;
    this.heard = "ready";
    this.hasToldHalf = false;
    this.run();
    this.tell("start");
  }

  run() {
    this.since_ms = performance.now();
    this.state = "running";
    this.ticking ??= setInterval(() => this.tick(), TICK_MS);
  }

  rest(state) {
    this.before_s = this.elapsed_s;
    this.state = state;
    clearInterval(this.ticking);
    this.ticking = null;
  }

  goOn() {
    this.run();
    this.tell();
  }

  pause() {
    if (this.state !== "running") return;
    this.rest("paused");
    this.tell();
  }

  stop() {
    this.rest("idle");
    this.settle();
    this.tell();
  }

  // Another point begins at once where one was being pressed.
  choose(point, begins = this.state === "running") {
    this.point = point;
    if (begins) return this.start();
    this.rest("idle");
    return this.tell();
  }

  chooseNext() {
    if (this.next) this.choose(this.next, this.state === "running" || this.state === "over");
  }

  chooseMinutes(minutes) {
    this.wanted = minutes;
    if (this.state === "over") this.rest("idle");
    this.tell();
  }

  // ---- Time goes by ----

  tick() {
    if (this.left_s <= 0) {
      this.rest("over");
      this.tell("over");
      return;
    }
    const { name } = this.phase;
    this.tell(name === this.heard ? null : name);
    this.heard = name;
    if (this.isSecondHalf && !this.hasToldHalf) {
      this.hasToldHalf = true;
      this.tell("half");
    }
  }
}
