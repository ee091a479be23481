// The line of live windows: a row an emotion, a column a window; the darker, the more probable.
import { element, drawn, percent } from "./dom.js";

const NAMES = 84; // pixels for the names of emotions
const ROW = 20;
const COLUMN = 26;

export function timeLine(windows, classes, length) {
  const width = Math.max(320, document.getElementById("live").clientWidth - 40);
  const columns = Math.max(4, Math.floor((width - NAMES) / COLUMN));
  const shown = windows.slice(-columns);
  const height = ROW * classes.length;
  const names = classes.map((name, row) => drawn("text", { x: 0, y: row * ROW + 14, text: name }));
  const cells = shown.flatMap((window, column) => column_of(window, NAMES + column * COLUMN, height));
  const ticks = shown.flatMap((window, column) =>
    column % 4 ? [] : [drawn("text", { x: NAMES + column * COLUMN, y: height + 15, text: `${Math.round(window.start)} s` })],
  );
  const picture = drawn("svg", {
    viewBox: `0 0 ${width} ${height + 22}`, role: "img", "aria-label": inWords(shown, length), children: [...names, ...cells, ...ticks],
  });
  const caption = "Each column is a window, its time since the start below; the darker, the more probable. Outlined: the most probable, dashed where the model is not sure. Empty: left out, or nothing to go by.";
  return [picture, element("figcaption", { text: caption })];
}

function column_of({ answer }, x, height) {
  const size = { x: x + 1, width: COLUMN - 2 };
  if (!answer?.probabilities) return [drawn("rect", { ...size, y: 1, height: height - 2, class: "left-out" })];
  const top = answer.probabilities.indexOf(Math.max(...answer.probabilities));
  const boxes = answer.probabilities.flatMap((share, row) => {
    const place = { ...size, y: row * ROW + 1, height: ROW - 2 };
    return [drawn("rect", { ...place, class: "ground" }), drawn("rect", { ...place, class: "said", "fill-opacity": share.toFixed(3) })];
  });
  const outline = drawn("rect", { ...size, y: top * ROW + 1, height: ROW - 2, class: answer.sure === false ? "top not-sure" : "top" });
  return [...boxes, outline];
}

function inWords(shown, length) {
  const said = shown.slice(-5).map(({ start, answer }) => {
    if (!answer?.probabilities) return `at ${Math.round(start)} seconds nothing`;
    return `at ${Math.round(start)} seconds ${answer.prediction}, ${percent(Math.max(...answer.probabilities))}`;
  });
  return `Windows of ${length} seconds, the latest: ${said.join("; ")}`;
}
