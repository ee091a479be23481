// The page: who calls whom. Whatever comes from a file or a model is shown as text, never as HTML.
import { modelDescription, ask, explain } from "./api.js";
import { element } from "./dom.js";
import { answerCard } from "./card.js";
import { overview } from "./table.js";
import { setUpRecorder } from "./record.js";
import { setUpLive } from "./live.js";

const AT_ONCE = 3; // files on their way; the others wait here and not in the server
const byId = (id) => document.getElementById(id);
const status = byId("status");

function describe(model) {
  byId("model-name").textContent = model.name;
  const lines = [...model.cautions, ...model.score, model.sure].filter(Boolean);
  byId("score").replaceChildren(...lines.map((line) => element("li", { text: line })));
  byId("warnings").replaceChildren(
    ...model.warnings.flatMap((one) => [
      element("dt", { text: one.head }),
      element("dd", { text: one.text }),
    ]),
  );
  const megabytes = Math.floor(model.limits.largest / 2 ** 20);
  byId("most").textContent = `up to ${model.longest} seconds and ${megabytes} MB each`;
}

async function answerAll(files, model) {
  byId("answers").hidden = false;
  byId("overview").replaceChildren();
  byId("cards").replaceChildren();
  const answers = new Array(files.length).fill(null);
  let next = 0;
  let done = 0;
  const tell = () => {
    status.textContent =
      files.length > 1 ? `${done} of ${files.length} files answered` : "listening and looking …";
  };
  tell();
  const worker = async () => {
    while (next < files.length) {
      const place = next++;
      answers[place] = await ask(files[place], files[place].name, model.limits);
      answers[place].source = files[place];
      done += 1;
      tell();
      show(answers, model);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const failed = answers.filter((one) => one.reason).length;
  const lines = [`${files.length > 1 ? `${files.length} files` : "The file is"} answered`];
  if (failed) lines.push(`${failed} could not be used`);
  status.textContent = files.length > 1 || !failed ? lines.join(", ") + "." : "The file could not be used.";
  byId("answers-title").scrollIntoView({ block: "start" });
}

const card = (answer, model) =>
  answerCard(answer, model, () => explain(answer.source, answer.file, model.limits));

function show(answers, model) {
  const there = answers.filter(Boolean);
  if (answers.length === 1) {
    byId("cards").replaceChildren(card(there[0], model));
    return;
  }
  byId("overview").replaceChildren(
    overview(there, model, (answer) => {
      const opened = card(answer, model);
      byId("cards").replaceChildren(opened);
      opened.focus();
    }),
  );
}

function setUpFiles(model, whileBusy) {
  const chosen = byId("files");
  const drop = byId("drop");
  const take = (files) => files.length && whileBusy(() => answerAll([...files], model));
  chosen.addEventListener("change", async () => {
    await take(chosen.files);
    chosen.value = ""; // so that the same file may be chosen again
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => event.preventDefault()); // or a browser would open it
    drop.addEventListener(kind, () => drop.classList.toggle("over", kind === "dragover"));
  }
  document.addEventListener("drop", (event) => take(event.dataTransfer.files));
}

async function start() {
  let model;
  try {
    model = await modelDescription();
  } catch (error) {
    byId("model-name").textContent = "none";
    status.replaceChildren(element("span", { class: "problem", text: `The page's program does not answer (${error.message}). Is it still running?` }));
    return;
  }
  describe(model);
  let busy = false;
  const whileBusy = async (work) => {
    if (busy) return;
    busy = true;
    byId("record-button").disabled = true;
    try {
      await work();
    } finally {
      busy = false;
      byId("record-button").disabled = false;
    }
  };
  setUpFiles(model, whileBusy);
  setUpRecorder(model, (blob, name) =>
    whileBusy(() => answerAll([new File([blob], name, { type: blob.type })], model)),
  );
  setUpLive(model);
  if (model.live) {
    byId("give").before(byId("live"));
    byId("live-button").focus();
  }
  document.documentElement.dataset.ready = "yes";
}

start();
