// Awake: keeps the screen on while it is told to, where the browser can.

class Awake {
  constructor() {
    this.isOn = false;
    // The browser lets go of the lock when the page is hidden.
    document.addEventListener("visibilitychange", () => this.ask());
  }

  keep(isOn) {
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    this.ask();
  }

  async ask() {
    if (this.isOn && document.visibilityState === "visible") {
      try {
        this.lock = await navigator.wakeLock?.request("screen");
      } catch {
        // Refused, when the battery is low for one: the screen goes dark as it always does.
      }
    }
    if (!this.isOn) this.lock?.release();
  }
}
