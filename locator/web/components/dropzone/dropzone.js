// Drop zone: one on the page for each mount. Files that are chosen or dropped go to Streamlit's uploader, which is in
// the page but not seen; those that are too large do not, and are named. Where the server is away, or was started anew
// before it had them, they are handed over once the page is there again.

const MEGABYTE = 1024 * 1024;
const ACCEPTED = "image/*,.heic,.heif,.hif,.avif,.jfif,.jpe,.mpo"; // what a file dialog shows first; it hides nothing
const UPLOADING_MS = 30000; // after which nobody waits for an answer any more
const UPLOADED = "back-points:uploaded"; // on the window, by the notices: an upload has ended, well or not
const CONNECTED = '[data-testid="stApp"][data-test-connection-state="CONNECTED"]';
const AGAIN_MS = 200; // between two looks whether the uploader is there
const KEPT_MS = 120000; // how long files wait for a server that is away

// On the window: the files that were chosen last, until the page has them. A server that was started anew brings this
// module anew, too.
const WAITING = "back-points:waiting";

const zones = new WeakMap(); // parent element -> DropZone

function element(name, attributes, parent) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

class DropZone {
  constructor(parent) {
    this.root = element("div", { class: "zone" }, parent);
    this.button = element("button", { type: "button", class: "choose" }, this.root);
    this.button.addEventListener("click", () => this.choose());
    this.hint = element("span", { class: "hint" }, this.root);
    this.trouble = element("p", { class: "trouble", role: "alert", hidden: "" }, this.root);
    this.listeners = [
      ["change", (event) => this.changed(event)],
      ["dragover", (event) => this.over(event)],
      ["dragleave", (event) => event.relatedTarget || this.root.classList.remove("over")],
      ["drop", (event) => this.dropped(event)],
    ];
    for (const [kind, listen] of this.listeners) document.addEventListener(kind, listen, true);
    this.ended = () => this.update(this.data);
    window.addEventListener(UPLOADED, this.ended);
  }

  update(data) {
    this.data = data;
    clearTimeout(this.uploading);
    this.root.classList.toggle("small", data.small);
    this.button.textContent = data.small ? data.words.another : data.words.choose;
    this.hint.textContent = data.words.hint;
    this.hint.hidden = data.small;
    const waiting = window[WAITING];
    if (waiting?.session === data.session && waiting.turn !== data.turn) window[WAITING] = null; // taken
    this.handOver();
  }

  get input() {
    return document.querySelector(`.st-key-${this.data.room} input[type=file]`);
  }

  choose() {
    const { input } = this;
    if (!input) return;
    input.accept = ACCEPTED;
    input.value = ""; // so that the same photo can be chosen again
    input.click();
  }

  // Before Streamlit hears of it: its own word for a file that is too large shows only under a mouse at rest.
  changed(event) {
    const { input } = this;
    if (event.target !== input || this.isHandingOver) return;
    event.stopImmediatePropagation();
    this.take([...input.files]);
  }

  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.root.classList.add("over");
  }

  dropped(event) {
    this.root.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.take([...event.dataTransfer.files]);
  }

  take(files) {
    this.tell(files);
    const taken = files.filter((file) => !this.isTooLarge(file));
    if (!taken.length) return;
    window[WAITING] = { files: taken, until: performance.now() + KEPT_MS };
    this.handOver();
  }

  isTooLarge(file) {
    return file.size > this.data.most_bytes;
  }

  tell(files) {
    const { words, most_bytes } = this.data;
    const large = files.filter((file) => this.isTooLarge(file));
    this.trouble.hidden = !large.length;
    this.root.getRootNode().host?.toggleAttribute("data-told", large.length > 0); // for the page to make room
    this.trouble.textContent = large
      .map(({ name, size }) => worded(words.too_large, {
        name, size: Math.ceil(size / MEGABYTE), most: Math.floor(most_bytes / MEGABYTE),
      }))
      .join(" ");
    if (large.length === files.length) return;
    this.button.textContent = words.uploading;
    this.uploading = setTimeout(() => this.update(this.data), UPLOADING_MS);
  }

  // Once in each session, as Streamlit's uploader is another one in each. What it is given while the server is away is
  // lost; where the server was started anew, the page notices when the uploader of before has handed the files on.
  handOver() {
    const { input, data: { session, turn } } = this;
    const waiting = window[WAITING];
    clearTimeout(this.again);
    if (!waiting || waiting.session === session || performance.now() > waiting.until) return;
    const isConnected = document.querySelector(CONNECTED) !== null;
    if (!isConnected || !input || input.disabled || input === waiting.input) {
      this.again = setTimeout(() => this.handOver(), AGAIN_MS);
      return;
    }
    Object.assign(waiting, { session, turn, input });
    const taken = new DataTransfer();
    for (const file of waiting.files) taken.items.add(file);
    input.files = taken.files;
    this.isHandingOver = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    this.isHandingOver = false;
  }

  destroy() {
    clearTimeout(this.uploading);
    clearTimeout(this.again);
    window.removeEventListener(UPLOADED, this.ended);
    for (const [kind, listen] of this.listeners) document.removeEventListener(kind, listen, true);
    this.root.remove();
  }
}

// Called at the mount and again for each change of the data.
export default function (component) {
  const parent = component.parentElement;
  const zone = zones.get(parent) ?? new DropZone(parent);
  zones.set(parent, zone);
  const call = (zone.calls = (zone.calls ?? 0) + 1);
  zone.update(component.data);
  // Streamlit may also clean up after a call that a newer one has overtaken; only the last one's is the unmounting.
  return () => {
    if (zone.calls !== call) return;
    zones.delete(parent);
    zone.destroy();
  };
}
