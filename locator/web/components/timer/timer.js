// Timer: what the visitor sees and hears of the session. There is one session for the page, which outlives a remount.

const GONE_MS = 10_000; // how long the timer goes on while it is nowhere on the page

// How large the circle is when a phase begins and ends.
const SMALL = 0.62;
const SIZES = { ready: [SMALL, 1], press: [1, SMALL], ease: [SMALL, 1] };

const sound = new Sound();
const awake = new Awake();
const timers = new WeakMap(); // parent element -> Timer
let shown = null; // the timer on the page
const session = new Session((event) => {
  sound.play(event);
  awake.keep(session.state === "running");
  shown?.draw();
  shown?.say(event);
});

class Timer {
  constructor(parent) {
    const find = (selector) => parent.querySelector(selector);
    this.root = find(".timer");
    this.select = find("select");
    this.minutes = find(".minutes");
    this.circle = find(".circle");
    this.spoken = find(".spoken");
    this.buttons = {};
    for (const button of parent.querySelectorAll("[data-do]")) {
      const name = button.dataset.do;
      this.buttons[name] = button;
      button.onclick = () => button.getAttribute("aria-disabled") !== "true" && this.press(name);
    }
    this.select.onchange = () => session.choose(this.offered.find(({ code }) => code === this.select.value));
  }

  update(data) {
    this.data = data;
    this.showWords(data.words);
    session.offer(data);
    session.select(data.selected);
    this.write(".caution", data.caution);
    this.draw();
  }

  // The page says which of the words stands where.
  showWords(words) {
    const all = (name) => [this.root, ...this.root.querySelectorAll("*")].filter((one) => name in one.dataset);
    for (const one of all("text")) setText(one, words[one.dataset.text]);
    for (const one of all("label")) one.setAttribute("aria-label", words[one.dataset.label]);
    for (const one of all("title")) one.title = words[one.dataset.title];
  }

  press(name) {
    if (name === "sound") sound.turn(!sound.isOn);
    else if (name === "next") session.chooseNext();
    else if (name === "stop") session.stop();
    else if (session.state === "running") session.pause();
    else if (session.state === "paused") session.goOn();
    else session.start();
    if (session.state === "running") sound.open();
    this.draw();
  }

  // ---- What is seen ----

  draw() {
    const { state, point, phase, next } = session;
    const { words } = this.data;
    const isLast = state === "over" && !next;
    this.root.dataset.state = state;
    this.root.dataset.phase = phase?.name ?? "none";
    this.drawChoices();
    this.write(".left", clock(session.left_s));
    this.write(".cue", words.cues[state === "running" ? phase.name : state]);
    this.write(".sides", state === "over" ? "" : this.sides);
    this.write(".how", isLast ? this.data.end : point.press);
    this.write(".avoid", isLast ? "" : point.caution);
    this.breathe(phase);

    const { main, stop, next: onward, sound: switched } = this.buttons;
    setText(main, words.main[state]);
    setText(onward, next ? worded(words.next, next) : words.no_next);
    main.classList.toggle("primary", state !== "over" || !next);
    onward.classList.toggle("primary", state === "over" && Boolean(next));
    onward.setAttribute("aria-disabled", String(!next));
    stop.setAttribute("aria-disabled", String(!phase));
    switched.setAttribute("aria-checked", String(sound.isOn));
  }

  drawChoices() {
    const { point, points, minutes } = session;
    const others = points.filter(({ code }) => code !== point.code);
    this.offered = [...others, point].sort((a, b) => a.position - b.position);
    const codes = this.offered.map(({ code }) => code).join();
    const drawn = [codes, point.code, minutes].join("/");
    if (drawn === this.drawnChoice) return; // a list that is open just now is left alone
    this.drawnChoice = drawn;

    if (codes !== this.drawnCodes) {
      this.select.replaceChildren(...this.offered.map(({ code, name }) => new Option(name, code)));
      this.drawnCodes = codes;
    }
    this.select.value = point.code;
    if (point.choices.join() !== this.drawnMinutes) {
      this.minutes.replaceChildren(...point.choices.map(minutesButton));
      this.drawnMinutes = point.choices.join();
    }
    for (const button of this.minutes.children) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.choice) === minutes));
    }
  }

  // One motion for each phase, so that the browser moves the circle by itself, however busy the page is.
  breathe(phase) {
    const drawn = phase && `${session.round}/${phase.name}`;
    if (drawn !== this.drawnPhase) {
      this.motion?.cancel();
      this.motion = null;
      if (phase) {
        const transform = SIZES[phase.name].map((size) => `scale(${size})`);
        const timing = { duration: phase.length_s * 1000, easing: "ease-in-out", fill: "both" };
        this.motion = this.circle.animate({ transform }, timing);
        this.motion.currentTime = phase.since_s * 1000;
      }
      this.drawnPhase = drawn;
    }
    if (session.state !== "running") this.motion?.pause();
    else if (this.motion.playState === "paused") this.motion.play();
  }

  write(selector, text) {
    setText(this.root.querySelector(selector), text);
  }

  // ---- What a screen reader says: the phases are heard, or else it would never be quiet ----

  say(event) {
    const { words, end } = this.data;
    const { point, minutes, next, rhythm } = session;
    if (event === "start") {
      const length = minutes === 1 ? words.one_minute : worded(words.some_minutes, { number: halved(minutes) });
      const values = { name: point.name, minutes: length, seconds: rhythm.ready_s };
      this.spoken.textContent = worded(words.begins, values);
    } else if (event === "half") {
      this.spoken.textContent = worded(words.half, { sides: this.sides });
    } else if (event === "over") {
      this.spoken.textContent = worded(words.over, { next: next ? worded(words.next, next) : end });
    }
  }

  get sides() {
    const { midline, first_left, now_right } = this.data.words;
    if (!session.point.paired) return midline;
    return session.isSecondHalf ? now_right : first_left;
  }
}

function minutesButton(minutes) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.choice = minutes;
  button.textContent = halved(minutes);
  button.onclick = () => session.chooseMinutes(minutes);
  return button;
}

function halved(number) {
  return `${Math.floor(number) || ""}${number % 1 ? "½" : ""}`;
}

function clock(left_s) {
  const seconds = Math.ceil(left_s);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Text that is the same is left alone, so that a reader's place in it is not lost ten times a second.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Called at the mount and again for each change of the data.
export default function (component) {
  const parent = component.parentElement;
  const timer = timers.get(parent) ?? new Timer(parent);
  timers.set(parent, timer);
  const call = (timer.calls = (timer.calls ?? 0) + 1);
  shown = timer;
  timer.update(component.data);
  // Streamlit may also clean up after a call that a newer one has overtaken; only the last one's is the unmounting.
  return () => {
    if (timer.calls !== call) return;
    timers.delete(parent);
    if (shown !== timer) return;
    shown = null;
    setTimeout(() => shown || session.pause(), GONE_MS);
  };
}
