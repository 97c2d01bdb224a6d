// Wording: puts our words in the place of Streamlit's own, in texts and in what is read out. Nothing is seen of it. What
// Streamlit said is remembered, for another language may be chosen.

const SPOKEN = ["aria-label", "placeholder", "alt"];
const MEGABYTES = /\d+(?=MB per file$)/;
const PLACE = "{megabytes}";

let words = {}; // Streamlit's -> ours
let observer = null;
const kept = new WeakMap(); // node -> { place: { theirs, ours } }

function ours(theirs) {
  const [megabytes] = MEGABYTES.exec(theirs) ?? [];
  return words[megabytes ? theirs.replace(megabytes, PLACE) : theirs]?.replace(PLACE, megabytes);
}

function reword(node, place, now, write) {
  const before = kept.get(node)?.[place];
  const theirs = before?.ours === now ? before.theirs : now;
  const said = ours(theirs.trim());
  if (said === undefined) return;
  kept.set(node, { ...kept.get(node), [place]: { theirs, ours: said } });
  if (said !== now) write(said);
}

function look(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    reword(node, "text", node.data, (said) => (node.data = said));
  } else if (node.nodeType === Node.ELEMENT_NODE) {
    for (const name of SPOKEN) {
      const now = node.getAttribute(name);
      if (now) reword(node, name, now, (said) => node.setAttribute(name, said));
    }
  }
}

function lookBelow(root) {
  look(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) look(walker.currentNode);
}

function changed(mutations) {
  for (const { type, target, addedNodes } of mutations) {
    if (type === "childList") addedNodes.forEach(lookBelow);
    else look(target);
  }
}

// Called at the mount and again for each change of the data.
export default function ({ data }) {
  words = data.words;
  lookBelow(document.body);
  if (observer) return;
  observer = new MutationObserver(changed);
  observer.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SPOKEN,
  });
}
