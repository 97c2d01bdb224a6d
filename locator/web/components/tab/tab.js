// Tab: holds a key as long as the browser's tab is open. sessionStorage is no other tab's and no other site's, and ends
// with the tab.

const PLACE = "back-points";

let asked = null; // the key that this page, loaded again, has handed back to Python

function read() {
  try {
    return sessionStorage.getItem(PLACE);
  } catch {
    return null; // a browser may forbid it: then nothing outlives a reload
  }
}

function write(key) {
  try {
    sessionStorage.setItem(PLACE, key);
  } catch {
    // forbidden, or full
  }
}

// Called at the mount and again for each change of the data.
export default function ({ data, setStateValue }) {
  const key = read();
  if (key && key !== data.held && asked === null) {
    asked = key;
    setStateValue("before", key);
  } else if (asked === null || data.before === asked) {
    write(data.held);
  }
}
