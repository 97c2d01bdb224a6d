// Companion: one on the page for each mount. It shows and speaks what Python says, takes the still, and finds out what
// is amiss with the camera before the visitor has to guess.
//
// It asks Python itself, one question at a time, and none while the page may change: a question from the last page
// would empty the next one, and so would the timer of a fragment.

const STREAM = "iframe[title*=webrtc]";
const STILL_MS = 6000; // a camera that takes longer will not answer any more
const SETTLE_MS = 300; // a camera that has just been opened still looks for its exposure
const LARGEST = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const JPEG_QUALITY = 0.95;
const WATCH_MS = 1000;
const ASK_MS = 1000; // after an answer, how long until Python is asked again what there is to say
const LOST_MS = 5000; // an answer that late was lost
const LEFT_MS = 250; // how often it is looked whether the next page has come
const LEAVING_MS = 20000; // after a still or a tap on a link, how long the next page may take to come
const CLOSER = 2; // how many times larger what is looked at closely is
// The stream's own buttons and alerts are not seen: the page has better ones, in its own language; but for the choice of
// a camera, where there are several. The picture leaves room in the window for what stands below it, and on a phone for
// the card.
const streamStyle = () => `
  .MuiButton-contained, .MuiButton-outlined, .MuiIconButton-root, label, [role=alert],
  .one-camera .MuiButton-text { display: none !important; }
  button, select { min-height: 44px; font: 1rem system-ui, sans-serif !important; text-transform: none !important; }
  :has(> video) { overflow: hidden; }
  video {
    max-height: ${Math.round(window.innerHeight * (window.innerWidth < 640 ? 0.37 : 0.6))}px;
    transition: transform 0.9s ease-in-out;
  }
`;
// How the stream's own alerts begin; any other is taken for a camera that does not start.
const ALERTS = {
  NotAllowedError: "refused",
  NotFoundError: "none",
  NotReadableError: "busy",
  "Connection is taking longer": "unconnected",
};

const AGAIN_MS = 5000; // after the camera was started, how long until it is tried once more

const companions = new WeakMap(); // parent element -> Companion
let isCameraWanted = false; // whether the visitor has started the camera, until they stop it or leave
let triedAt = -Infinity;
let leaving; // the timer that watches whether the next page comes
window.addEventListener("popstate", () => (isCameraWanted = false)); // back to the other page

function element(name, attributes, parent) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Companion {
  constructor(parent) {
    this.root = element("div", { class: "companion" }, parent);
    this.trouble = element("div", { class: "trouble", role: "alert", hidden: "" }, this.root);
    this.line = element("div", { class: "said", "aria-live": "polite" }, this.root);
    const buttons = element("div", { class: "buttons" }, this.root);
    this.start = element("button", { class: "start", type: "button" }, buttons);
    this.start.addEventListener("click", () => this.press());
    this.freeze = element("button", { class: "freeze", type: "button" }, buttons);
    this.freeze.addEventListener("click", () => this.takeStill());
    this.aloud = element("button", { class: "aloud", type: "button", "aria-pressed": "false", hidden: "" }, buttons);
    this.aloud.addEventListener("click", () => this.setAloud(!this.isAloud));
    this.isAloud = false;
    this.isTaking = false;
    this.asked = Date.now(); // counts on over a remount
    this.askedAt = this.quietUntil = -Infinity;
    this.watch = setInterval(() => this.check(), WATCH_MS);
    this.touched = (event) => {
      if (event.composedPath().some((one) => one.tagName === "A")) this.quietUntil = performance.now() + LEAVING_MS;
    };
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, this.touched, true);
    this.clicked = (event) => this.leave(event);
    document.addEventListener("click", this.clicked, true);
  }

  update({ data, setStateValue }) {
    this.data = data;
    this.setStateValue = setStateValue;
    this.freeze.disabled = !data.playing || this.isTaking;
    this.showWords();
    this.tame();
    this.say(data.saying);
    this.keepAwake(data.playing);
    this.check();
    if (this.isAnswered) this.askIn(ASK_MS);
  }

  // ---- The stream, which is a page in a frame ----

  get streamFrame() {
    return document.querySelector(STREAM);
  }

  get stream() {
    return this.streamFrame?.contentDocument;
  }

  get streamButton() {
    return this.stream?.querySelector(".MuiButton-contained, .MuiButton-outlined");
  }

  get isOn() {
    return this.streamButton?.textContent.trim() === this.data.stop;
  }

  get isOff() {
    return this.streamButton?.textContent.trim() === this.data.start;
  }

  press() {
    if (this.isOn) isCameraWanted = false;
    if (this.isOff) [isCameraWanted, triedAt] = [true, performance.now()];
    this.streamButton?.click();
  }

  // Where a run of the page is late, Streamlit may end the stream or load it once more, and it forgets that it was
  // started. A camera that has given an alert is the visitor's to start.
  startAgain() {
    if (!isCameraWanted || !this.isOff || this.alert || performance.now() - triedAt < AGAIN_MS) return;
    triedAt = performance.now();
    this.streamButton.click();
  }

  get alert() {
    return this.stream?.querySelector("[role=alert]")?.textContent ?? "";
  }

  // ---- Leaving for another page ----

  // A word of the stream that comes after the click would make Streamlit run this page again in place of the next one:
  // it can say none any more, nor be loaded to its end.
  leave(event) {
    const link = event.composedPath().find((one) => one.tagName === "A");
    const inThisTab = link?.origin === location.origin && !(event.ctrlKey || event.metaKey || event.shiftKey);
    // The first page's link is empty, and would be this page's by what it resolves to.
    const isElsewhere = !link?.hash && link?.getAttribute("href") !== location.pathname.split("/").pop();
    if (!inThisTab || !isElsewhere) return;
    isCameraWanted = false;
    this.quietUntil = performance.now() + LEAVING_MS; // not every click begins with a finger or a key
    clickAgainIfLost(link.href);
    const frame = this.streamFrame?.contentWindow;
    if (!frame) return;
    frame.parent = frame;
    frame.location.replace("about:blank");
  }

  tame() {
    const { stream } = this;
    if (stream?.head && !stream.getElementById("tamed")) {
      element("style", { id: "tamed" }, stream.head).textContent = streamStyle();
    }
    const cameras = stream?.querySelector("select"); // while the visitor chooses one; the button then ends that
    cameras?.setAttribute("aria-label", this.data.choose);
    this.startAgain();
    const { isOn } = this;
    this.start.disabled = !this.streamButton; // until the stream has been loaded
    this.start.textContent = cameras ? this.data.chosen : isOn ? this.data.stop : this.data.start;
    this.start.classList.toggle("primary", !isOn);
    this.freeze.classList.toggle("primary", isOn);
    const video = stream?.querySelector("video");
    if (video) video.style.transform = near(this.data.closer);
  }

  showWords() {
    const { freeze, freezing, aloud } = this.data.words;
    this.freeze.textContent = this.isTaking ? freezing : freeze;
    this.aloud.textContent = aloud;
  }

  // ---- Asking Python ----

  get isAnswered() {
    return this.data.answers === this.asked || performance.now() - this.askedAt > LOST_MS;
  }

  askIn(ms) {
    clearTimeout(this.next);
    if (!this.isGone) this.next = setTimeout(() => this.ask(), ms);
  }

  ask() {
    this.askIn(LOST_MS);
    if (this.isTaking || !this.isAnswered) return;
    const quiet = this.quietUntil - performance.now();
    if (quiet > 0) {
      this.askIn(quiet);
      return;
    }
    this.asked += 1;
    this.askedAt = performance.now();
    this.setStateValue("asked", this.asked);
  }

  async answered() {
    while (!this.isAnswered) await wait(50);
  }

  // ---- What to do ----

  say(saying) {
    const text = saying ? `${saying.say}\n${saying.why}` : "";
    if (text === this.text) return; // a screen reader would read it once more
    this.text = text;
    this.line.replaceChildren();
    if (!saying) return;
    element("strong", {}, this.line).textContent = saying.say;
    element("span", {}, this.line).textContent = ` ${saying.why}`;
    if (this.isAloud) this.speak(saying.say);
  }

  // Other voices send the text away to be spoken.
  get voice() {
    const tag = this.data.words.voice;
    const voices = window.speechSynthesis?.getVoices().filter((one) => one.localService && one.lang.startsWith(tag));
    return voices?.find((one) => one.default) ?? voices?.[0];
  }

  speak(text) {
    speechSynthesis.cancel();
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = this.voice;
    utterance.lang = utterance.voice.lang;
    speechSynthesis.speak(utterance);
  }

  setAloud(isAloud) {
    this.isAloud = isAloud;
    this.aloud.setAttribute("aria-pressed", isAloud);
    if (isAloud) this.speak(this.data.saying?.say ?? this.aloud.textContent); // phones speak only after a tap
    else speechSynthesis.cancel();
  }

  // ---- The still ----

  async takeStill() {
    this.isTaking = this.freeze.disabled = true;
    this.showWords();
    const still = await Promise.race([this.still().catch(() => null), wait(STILL_MS)]);
    await this.answered();
    // Without a still of the browser's own, Python takes the last frame that it saw.
    isCameraWanted = false;
    this.setStateValue("still", still ?? `none ${Date.now()}`);
    await wait(LEAVING_MS);
    this.isTaking = this.freeze.disabled = false;
    this.showWords();
    this.askIn(0);
  }

  async still() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...this.camera, ...LARGEST } });
    const [track] = stream.getVideoTracks();
    try {
      const blob = (await this.photo(track)) ?? (await this.frame(stream));
      return await asUrl(blob);
    } finally {
      track.stop();
    }
  }

  // The stream remembers the camera that it uses.
  get camera() {
    try {
      const { video } = JSON.parse(localStorage.getItem(this.data.camera_key));
      if (video) return { deviceId: { exact: video } };
    } catch {
      // not remembered, or nothing may be
    }
    return { facingMode: { ideal: "environment" } };
  }

  async photo(track) {
    if (!window.ImageCapture) return null;
    const photo = new ImageCapture(track).takePhoto().catch(() => null);
    const blob = await Promise.race([photo, wait(STILL_MS / 2)]);
    return blob?.type === "image/jpeg" ? blob : null;
  }

  async frame(stream) {
    const video = document.createElement("video");
    Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
    await video.play();
    await wait(SETTLE_MS);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  }

  // ---- What is amiss ----

  async check() {
    this.tame();
    this.aloud.hidden = !this.voice;
    const code = await this.find();
    if (code === this.found) return;
    this.found = code;
    const trouble = this.data.troubles[code];
    this.trouble.hidden = !trouble;
    this.trouble.replaceChildren();
    if (!trouble) return;
    element("strong", {}, this.trouble).textContent = trouble.say;
    element("span", {}, this.trouble).textContent = ` ${trouble.why}`;
  }

  async find() {
    if (!navigator.mediaDevices) return "insecure";
    const permission = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
    if (permission?.state === "denied") return "refused";
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((one) => one.kind === "videoinput");
    this.stream?.documentElement.classList.toggle("one-camera", cameras.length < 2);
    this.streamFrame?.classList.toggle("tamed", Boolean(this.streamButton)); // until then it is hidden
    if (!cameras.length) return "none";
    const { alert } = this;
    const beginning = Object.keys(ALERTS).find((one) => alert.startsWith(one));
    return alert ? (ALERTS[beginning] ?? "busy") : undefined;
  }

  // Both hands are busy: nobody touches the screen.
  async keepAwake(isWanted) {
    if (isWanted === Boolean(this.lock)) return;
    if (!isWanted) {
      this.lock.release();
      this.lock = null;
    } else if (document.visibilityState === "visible") {
      this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
      this.lock?.addEventListener("release", () => (this.lock = null));
    }
  }

  destroy() {
    this.isGone = true; // and a still may be under way
    clearInterval(this.watch);
    clearTimeout(this.next);
    for (const kind of ["pointerdown", "keydown"]) document.removeEventListener(kind, this.touched, true);
    document.removeEventListener("click", this.clicked, true);
    this.lock?.release();
    if (this.isAloud) speechSynthesis.cancel();
    this.root.remove();
  }
}

// A run of this page that Python itself asks for in the moment of a click takes the place of the next page's, too.
function clickAgainIfLost(to) {
  const [from, at] = [location.href, performance.now()];
  clearInterval(leaving);
  leaving = setInterval(() => {
    if (location.href === from && performance.now() - at < LOST_MS) return;
    clearInterval(leaving);
    if (location.href === from) [...document.links].find((one) => one.href === to)?.click();
  }, LEFT_MS);
}

// Brings a place to the middle of the picture, larger, as far as the picture has no edge there.
function near(place) {
  if (!place) return "";
  const shift = (share) => 100 * Math.min(0, Math.max(1 - CLOSER, 0.5 - CLOSER * share));
  return `translate(${shift(place[0])}%, ${shift(place[1])}%) scale(${CLOSER})`;
}

function asUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// Called at the mount and again for each change of the data.
export default function (component) {
  const parent = component.parentElement;
  const companion = companions.get(parent) ?? new Companion(parent);
  companions.set(parent, companion);
  const call = (companion.calls = (companion.calls ?? 0) + 1);
  companion.update(component);
  // Streamlit may also clean up after a call that a newer one has overtaken; only the last one's is the unmounting.
  return () => {
    if (companion.calls !== call) return;
    companions.delete(parent);
    companion.destroy();
  };
}
