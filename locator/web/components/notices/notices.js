// Notices: one on the page for each mount. The tab remembers for which session there was a photo; when the session is
// another one, its server was started anew or has forgotten it. How an upload ended, Streamlit tells as an icon alone, and
// that the server is away in a window of its own, in English, for whoever writes the page's program.

const HAD_PHOTO = "back-points:had-photo"; // in the tab: the session that had a photo
const UPLOADED = "back-points:uploaded"; // an event on the window: the status of the answer, 0 for none
const UPLOADS = "/_stcore/upload_file/";
const APP = '[data-testid="stApp"]';
const STATE = "data-test-connection-state"; // an attribute of it
const ITS_WINDOW = '[data-testid="stDialog"]';
const ITS_TITLE = "Connection error";
const BREAK_MS = 3000; // a connection that breaks for no longer than this is not worth a word
const FOUND_MS = 2000; // how long what the server has kept for the tab may take to be found
const WORDS = { 0: "unreachable", 403: "refused", 413: "too_large" };

const mounted = new WeakMap(); // parent element -> Notices

// Streamlit's own code sends the uploads.
function watchUploads() {
  if (window[UPLOADED]) return;
  window[UPLOADED] = true;
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    if (method.toUpperCase() === "PUT" && String(url).includes(UPLOADS)) {
      for (const kind of ["load", "error"]) {
        this.addEventListener(kind, () => window.dispatchEvent(new CustomEvent(UPLOADED, { detail: this.status })));
      }
    }
    return open.call(this, method, url, ...rest);
  };
}

class Notices {
  constructor(parent) {
    watchUploads();
    this.root = document.createElement("div");
    parent.append(this.root);
    this.lost = this.notice();
    this.upload = this.notice();
    this.down = this.notice();
    this.down.classList.add("down");
    this.app = document.querySelector(APP);
    this.state = new MutationObserver(() => this.watchConnection());
    if (this.app) this.state.observe(this.app, { attributeFilter: [STATE] });
    this.windows = new MutationObserver(() => this.closeItsWindow());
    this.uploaded = (event) => this.showUpload(event.detail);
    window.addEventListener(UPLOADED, this.uploaded);
  }

  notice() {
    const made = document.createElement("div");
    made.className = "notice";
    made.setAttribute("role", "alert");
    made.hidden = true;
    this.root.append(made);
    return made;
  }

  say(notice, saying) {
    notice.hidden = !saying;
    notice.replaceChildren();
    if (!saying) return;
    const say = document.createElement("strong");
    say.textContent = saying.say;
    notice.append(say, ` ${saying.why}`);
  }

  update({ data }) {
    this.words = data.words;
    const had = this.remembered;
    if (data.has_photo) this.remembered = data.session;
    else if (had === data.session) this.remembered = null; // the visitor has taken it away
    const isLost = !data.has_photo && had !== null && had !== data.session;
    clearTimeout(this.losing);
    if (!isLost) this.say(this.lost, null);
    else if (this.lost.hidden) this.losing = setTimeout(() => this.say(this.lost, this.words.lost), FOUND_MS);
  }

  // A browser may keep no memory for pages.
  get remembered() {
    try {
      return sessionStorage.getItem(HAD_PHOTO);
    } catch {
      return null;
    }
  }

  set remembered(session) {
    try {
      if (session === null) sessionStorage.removeItem(HAD_PHOTO);
      else sessionStorage.setItem(HAD_PHOTO, session);
    } catch {
      // then nothing is told
    }
  }

  watchConnection() {
    if (this.app.getAttribute(STATE) === "CONNECTED") {
      this.windows.disconnect();
      clearTimeout(this.breaking);
      this.breaking = null;
      this.say(this.down, null);
    } else if (!this.breaking) {
      this.windows.observe(document.body, { childList: true, subtree: true });
      this.breaking = setTimeout(() => this.say(this.down, this.words.down), BREAK_MS);
    }
  }

  closeItsWindow() {
    for (const its of document.querySelectorAll(ITS_WINDOW)) {
      if (its.textContent.includes(ITS_TITLE)) its.querySelector("button").click();
    }
  }

  showUpload(status) {
    const isWell = status >= 200 && status < 300;
    this.say(this.upload, isWell ? null : this.words[WORDS[status] ?? "failed"]);
    if (status !== 403 || window.top === window) return;
    const link = document.createElement("a");
    Object.assign(link, { href: location.href, target: "_blank", rel: "noopener", textContent: this.words.open });
    this.upload.append(" ", link);
  }

  destroy() {
    clearTimeout(this.losing);
    clearTimeout(this.breaking);
    this.state.disconnect();
    this.windows.disconnect();
    window.removeEventListener(UPLOADED, this.uploaded);
    this.root.remove();
  }
}

// Called at the mount and again for each change of the data.
export default function (component) {
  const parent = component.parentElement;
  const notices = mounted.get(parent) ?? new Notices(parent);
  mounted.set(parent, notices);
  const call = (notices.calls = (notices.calls ?? 0) + 1);
  notices.update(component);
  // Streamlit may also clean up after a call that a newer one has overtaken; only the last one's is the unmounting.
  return () => {
    if (notices.calls !== call) return;
    mounted.delete(parent);
    notices.destroy();
  };
}
