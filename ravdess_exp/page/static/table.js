// Several answers: a table on the page, and the same as CSV.
import { element, percent } from "./dom.js";

export function overview(answers, model, open) {
  const rows = answers.map((answer) => {
    const name = element("button", { type: "button", class: "plain", text: answer.file });
    name.addEventListener("click", () => open(answer));
    const said = answer.reason ? `could not be used: ${answer.reason}` : answer.prediction + (answer.sure === false ? " (not sure)" : "");
    return element("tr", {
      children: [
        element("td", { class: "file-name", children: [name] }),
        element("td", { text: said, class: answer.reason ? "problem" : "" }),
        element("td", { text: answer.reason ? "" : percent(Math.max(...answer.probabilities)) }),
      ],
    });
  });
  const head = element("tr", { children: ["file", "emotion", "probability"].map((text) => element("th", { scope: "col", text })) });
  const table = element("table", {
    class: "overview",
    children: [
      element("caption", { text: "Open a file by its name to see what its answer was made from." }),
      element("thead", { children: [head] }),
      element("tbody", { children: rows }),
    ],
  });
  const save = element("button", { type: "button", text: "Download the table (CSV)" });
  save.addEventListener("click", () => download(csvOf(answers, model)));
  return element("div", { children: [element("div", { class: "scroll", children: [table] }), element("p", { children: [save] })] });
}

// A cell that a spreadsheet would take for a formula begins with an apostrophe: it is shown, and not run.
function cell(value) {
  const text = String(value ?? "");
  const harmless = typeof value === "string" && /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

export function csvOf(answers, model) {
  const head = ["file", "prediction", ...model.classes, "sure", "start", "end", "faces", "remarks", "reason"];
  const rows = answers.map((one) => [
    one.file, one.prediction, ...model.classes.map((_, place) => one.probabilities?.[place]), one.sure,
    one.interval?.[0], one.interval?.[1], one.faces, (one.remarks ?? []).join("; "), one.reason,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function download(text) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  const link = element("a", { href: address, download: "emotions.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
