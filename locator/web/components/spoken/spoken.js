// Spoken: a live region. A screen reader hears what changes in one that is there already, so the text comes after the
// region, and one that is said again comes anew.

const AFTER_MS = 100; // how long a region is there, or empty, before it says something

const regions = new WeakMap(); // parent element -> its region

function made(parent) {
  const region = document.createElement("div");
  region.setAttribute("role", "alert");
  parent.append(region);
  regions.set(parent, region);
  return region;
}

// Called at the mount and again for each change of the data.
export default function ({ data, parentElement }) {
  const region = regions.get(parentElement) ?? made(parentElement);
  const said = `${data.turn} ${data.text}`;
  if (region.dataset.said === said) return;
  region.dataset.said = said;
  region.replaceChildren();
  setTimeout(() => {
    if (region.dataset.said === said) region.replaceChildren(data.text);
  }, AFTER_MS);
}
