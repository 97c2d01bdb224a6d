// Loader: Streamlit sends a component's script along with every answer, so this one is short. The editor proper and
// its style come once, in the data that brings the photo, and stay.

let front = null; // {css, module}: outlives a remount

function load({ css, js }) {
  const url = URL.createObjectURL(new Blob([js], { type: "text/javascript" }));
  return { css, module: import(url) };
}

export default async function (component) {
  const { data, parentElement, setStateValue } = component;
  if (data.front) front ??= load(data.front);
  if (!front) {
    setStateValue("photo", ""); // Python sends both again
    return undefined;
  }
  if (!parentElement.querySelector("style")) {
    const style = document.createElement("style");
    style.textContent = front.css;
    parentElement.append(style);
  }
  return (await front.module).default(component);
}
