// Elements made by hand: text is set as text, so that no name or label is ever read as HTML.
const SVG = "http://www.w3.org/2000/svg";

function filled(made, { text, class: kind, children = [], ...attributes }) {
  if (kind) made.setAttribute("class", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export const element = (name, content = {}) => filled(document.createElement(name), content);
export const drawn = (name, content = {}) => filled(document.createElementNS(SVG, name), content);
// Never "100%" nor "0%" of what is a little less or more.
export function percent(share) {
  if (share > 0.995 && share < 1) return "over 99%";
  if (share < 0.005 && share > 0) return "under 1%";
  return `${Math.round(100 * share)}%`;
}
export const seconds = (time) => `${time.toFixed(1)} s`;
