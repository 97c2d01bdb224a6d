// Words: fills in the {placeholders} of a text that has come from Python.

function worded(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
