// Sound: quiet tones. Browsers allow them after a tap only, so nothing is opened before the first Start.

const VOLUME = 0.07; // of full scale, for each note
const RISE_S = 0.06;
const NOTES_HZ = { press: [392.0], ease: [523.25], over: [392.0, 523.25, 659.25] }; // G4, C5, E5
const LENGTH_S = { press: 0.9, ease: 0.9, over: 2.4 };

class Sound {
  constructor() {
    this.isOn = true;
  }

  // To be called from a tap.
  open() {
    if (!this.isOn) return;
    try {
      this.context ??= new AudioContext();
      this.context.resume().catch(() => {});
    } catch {
      // No sound on this device; the timer does without.
    }
  }

  turn(isOn) {
    this.isOn = isOn;
    if (!isOn) this.context?.suspend().catch(() => {}); // what still sounds falls silent too
  }

  play(name) {
    if (!this.isOn || !this.context || !NOTES_HZ[name]) return;
    for (const note_hz of NOTES_HZ[name]) this.note(note_hz, LENGTH_S[name]);
  }

  note(note_hz, length_s) {
    const { context } = this;
    const from_s = context.currentTime;
    const envelope = context.createGain();
    envelope.gain.setValueAtTime(0, from_s);
    envelope.gain.linearRampToValueAtTime(VOLUME, from_s + RISE_S);
    envelope.gain.exponentialRampToValueAtTime(1e-4, from_s + length_s);
    const oscillator = context.createOscillator();
    oscillator.type = "sine";
    oscillator.frequency.value = note_hz;
    oscillator.connect(envelope).connect(context.destination);
    oscillator.start(from_s);
    oscillator.stop(from_s + length_s);
  }
}
