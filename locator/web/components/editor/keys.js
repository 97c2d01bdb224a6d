// Keys: everything that the pointer can do to a thing, and the usual shortcuts.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN_STEP = 60;

function listenToKeys(editor, root) {
  root.addEventListener("keydown", (event) => {
    if (!pressed(editor, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// True if the key meant something here.
function pressed(editor, event) {
  if (event.ctrlKey || event.metaKey) return shortcut(editor, event.key.toLowerCase(), event.shiftKey);
  if (event.altKey) return false;
  if (event.key === "Escape") return escape(editor);
  const onPicture = editor.stageHasFocus;
  if (!onPicture) return false;
  if (ARROWS[event.key]) return arrow(editor, event, ARROWS[event.key]);
  if (["Enter", " "].includes(event.key) && keyOf(event)) return choose(editor, keyOf(event));
  const zooms = { "+": () => editor.zoomBy(1.4), "-": () => editor.zoomBy(1 / 1.4), 0: () => editor.fit() };
  zooms[event.key]?.();
  return event.key in zooms;
}

function shortcut(editor, key, shift) {
  if (key === "z") editor.press(shift ? "redo" : "undo");
  else if (key === "y") editor.press("redo");
  return key === "z" || key === "y";
}

// A space must not scroll the page.
function choose(editor, key) {
  const thing = editor.things().find((one) => one.key === key);
  if (thing) editor.tap(thing);
  return true;
}

function escape(editor) {
  if (editor.drag) editor.cancelDrag();
  else if (editor.isLarge) editor.setLarge(false);
  else if (editor.selected && editor.stageHasFocus) editor.select("");
  else return false;
  return true;
}

function keyOf(event) {
  return event.target.closest("[data-key]")?.getAttribute("data-key");
}

function arrow(editor, event, [dx, dy]) {
  const key = keyOf(event);
  if (key && editor.canDrag(editor.things().find((one) => one.key === key))) {
    const step = event.shiftKey ? 10 : 1;
    editor.nudge(key, [dx * step, dy * step]);
    return true;
  }
  if (!editor.framing.isOwn) return false; // the page scrolls
  editor.panBy(-dx * PAN_STEP, -dy * PAN_STEP);
  return true;
}
