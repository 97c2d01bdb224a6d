// Picture: the photo on the stage. It comes once; what the browser holds of each outlives a remount.

const HELD_PHOTOS = 3;
const AGAIN_MS = 2000;
const held = new Map(); // photo id -> {src, framing, isCorrecting}

// Remember something about a photo; the photos seen longest ago are forgotten.
function hold(id, what) {
  const known = held.get(id);
  if (!known && !what.src) return;
  held.delete(id);
  held.set(id, { ...known, ...what });
  for (const old of [...held.keys()].slice(0, -HELD_PHOTOS)) held.delete(old);
}

class Picture {
  constructor(stage) {
    this.element = element("img", { alt: "", draggable: "false", hidden: "" }, stage);
    this.acknowledged = null;
  }

  // tell: called with the photo's id when it is here, or with nothing when it is missing after a remount.
  take({ id, src, width_px, height_px }, tell) {
    if (src) hold(id, { src });
    if (src || !held.has(id)) this.acknowledge(src ? id : "", tell);
    const known = held.get(id)?.src;
    if (known && this.element.getAttribute("src") !== known) this.element.src = known;
    this.element.hidden = !known;
    this.element.style.width = `${width_px}px`;
    this.element.style.height = `${height_px}px`;
  }

  acknowledge(value, tell) {
    const now = performance.now();
    if (this.acknowledged?.value === value && now - this.acknowledged.at < AGAIN_MS) return;
    this.acknowledged = { value, at: now };
    tell(value);
  }
}
