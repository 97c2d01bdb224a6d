// Guide: below the picture while handles are put right, says which comes next, where it goes and what it is for. Its
// button accepts a handle that is in its place already, without a finger on the picture.

class Guide {
  // accept: called with the key of the handle that is right where it is.
  constructor(accept) {
    this.element = element("div", { class: "guide", hidden: "" });
    this.text = element("span", {}, this.element);
    this.button = element("button", { type: "button", class: "accept" }, this.element);
    this.button.addEventListener("click", () => accept(this.next));
    this.next = null; // key of the handle that is to be placed next
  }

  // handles: where they are shown; active: the one in the visitor's hand, if any.
  show({ message, placing, words }, handles, isCorrecting, active) {
    const waiting = handles.filter((handle) => handle.needed && handle.set_by === "default");
    this.next = (isCorrecting && placing && waiting[0]?.key) || null;
    this.element.hidden = !isCorrecting;
    const held = handles.find((handle) => handle.key === active);
    const ofHeld = held && held.key !== this.next && `${held.label}. ${held.hint}`;
    set(this.text, { text: ofHeld || message || words.how });
    set(this.button, { text: words.accept });
    this.button.hidden = !this.next || Boolean(ofHeld);
  }
}
