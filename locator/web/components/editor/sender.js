// Sender: hands events to Python one at a time. While one is unanswered, only the newest place of each thing waits; but a
// drop waits for no answer to the drag before it.

const LOST_MS = 8000; // an answer this late was lost, for instance to a run that another widget cut short

class Sender {
  constructor(post) {
    this.post = post;
    this.seq = Date.now();
    this.waiting = [];
    this.inFlight = null;
    this.timer = 0;
  }

  send(event) {
    const last = this.waiting.at(-1);
    const replaces = last && last.name && last.kind === event.kind && last.name === event.name;
    // A drop is a step to undo; a later drag must not swallow it.
    if (replaces && (event.final || !last.final)) this.waiting.pop();
    this.waiting.push(event);
    this.pump();
    return event;
  }

  // Of a drag that is called off nothing more is sent.
  cancel({ kind, name }) {
    this.waiting = this.waiting.filter((event) => event.kind !== kind || event.name !== name || event.final);
    this.send({ kind: "cancel", final: true });
  }

  answered(answers) {
    this.seq = Math.max(this.seq, answers);
    if (this.inFlight && this.inFlight.seq <= answers) this.inFlight = null;
    this.pump();
  }

  pump() {
    if (!this.waiting.length || (this.inFlight && (this.inFlight.final || !this.waiting[0].final))) return;
    const event = this.waiting.shift();
    this.seq += 1;
    event.seq = this.seq;
    this.inFlight = event;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(event), LOST_MS);
    this.post(event);
  }

  // To place a thing twice does no harm; to press a button twice would.
  giveUp(event) {
    if (this.inFlight !== event) return;
    this.inFlight = null;
    const superseded = this.waiting.some((later) => later.kind === event.kind && later.name === event.name);
    if (event.final && event.name && !superseded && !event.isRepeat) {
      event.isRepeat = true;
      this.waiting.unshift(event);
    }
    this.pump();
  }

  stop() {
    clearTimeout(this.timer);
  }
}
