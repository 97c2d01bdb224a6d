// Toolbar: the buttons above the picture.

// Strokes on a 24 x 24 grid.
const ICONS = {
  undo: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h4",
  reset: "M10 4l1.9 5.1L17 11l-5.1 1.9L10 18l-1.9-5.1L3 11l5.1-1.9zM19 15v5M16.5 17.5h5",
  turn: "M19.5 9A8 8 0 1 0 20 13M20 4v5h-5",
  symmetric: "M12 3v18M8 8l-4 4 4 4M16 8l4 4-4 4",
  correct: "M8 8h8v8H8zM12 3v5M12 16v5M3 12h5M16 12h5",
  out: "M6 12h12",
  in: "M6 12h12M12 6v12",
  fit: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M9 8h6v8H9z",
  large: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
};

const TOOLS = [
  ["correct", "undo", "redo", "reset", "symmetric"],
  ["turn", "out", "in", "fit", "large"],
];
const TOGGLES = ["correct", "symmetric", "large"];

class Toolbar {
  // press: called with a tool's name.
  constructor(press) {
    this.element = element("div", { class: "toolbar", role: "toolbar" });
    this.buttons = {};
    for (const tools of TOOLS) {
      const group = element("div", { class: "tools" }, this.element);
      for (const name of tools) this.buttons[name] = this.button(name, group, press);
    }
  }

  button(name, group, press) {
    const button = element("button", { type: "button", "data-tool": name }, group);
    if (TOGGLES.includes(name)) button.setAttribute("aria-pressed", "false");
    const icon = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, button);
    svg("path", { d: ICONS[name] }, icon);
    element("span", { class: "text", "aria-hidden": "true" }, button);
    button.addEventListener("click", () => press(name));
    return button;
  }

  showWords({ toolbar, tools }) {
    set(this.element, { "aria-label": toolbar });
    for (const name of Object.keys(this.buttons)) this.say(name, tools[name]);
  }

  say(name, { text, title }) {
    set(this.buttons[name], { title, "aria-label": title });
    set(this.buttons[name].querySelector(".text"), { text });
  }

  show(name, isShown) {
    this.buttons[name].hidden = !isShown;
  }

  // A button that does nothing now keeps the focus, which a disabled one would lose.
  enable(name, isEnabled) {
    this.buttons[name].setAttribute("aria-disabled", String(!isEnabled));
  }

  isEnabled(name) {
    return this.buttons[name].getAttribute("aria-disabled") !== "true";
  }

  press(name, isPressed) {
    this.buttons[name].setAttribute("aria-pressed", String(isPressed));
  }
}

function element(tag, attributes, parent = null) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}
