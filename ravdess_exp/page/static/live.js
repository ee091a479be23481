// Live: windows of a few seconds, recorded back to back. One is answered at a time, and of those that
// come meanwhile only the newest waits: the line never runs behind.
import { ask } from "./api.js";
import { element, percent, seconds } from "./dom.js";
import { SOURCES, openStream, close, piece, preview, sourcesOf } from "./record.js";
import { timeLine } from "./timeline.js";

const KEPT = 200; // windows that the line remembers
const byId = (id) => document.getElementById(id);

export function setUpLive(model) {
  const button = byId("live-button");
  const source = SOURCES[sourcesOf(model)[0]];
  byId("live-sources").textContent = source[0].toUpperCase() + source.slice(1);
  let session = null;
  button.addEventListener("click", async () => {
    if (session) {
      session.stop();
      return;
    }
    button.disabled = true;
    session = new Session(model, Number(byId("live-length").value));
    try {
      await session.open();
      button.textContent = "Stop";
      button.classList.add("recording");
      button.disabled = false;
      await session.run();
    } catch (error) {
      byId("live-view").hidden = false;
      byId("live-now").replaceChildren(element("span", { class: "problem", text: `Not live: ${error.message}.` }));
    } finally {
      session.close();
      session = null;
      button.textContent = "Start";
      button.classList.remove("recording");
      button.disabled = false;
    }
  });
}

class Session {
  constructor(model, length) {
    this.model = model;
    this.length = length;
    this.windows = []; // {start, answer or null where it was left out}
    this.asking = false;
    this.waiting = null;
    this.stopped = new Promise((stop) => (this.stop = stop));
    this.running = true;
    this.stopped.then(() => (this.running = false));
  }

  async open() {
    this.stream = await openStream(sourcesOf(this.model)[0]);
    byId("live-view").hidden = false;
    await preview(byId("live-preview"), this.stream);
    byId("live-now").textContent = "the first window is being recorded …";
    byId("live-delay").textContent = "";
  }

  async run() {
    const began = performance.now();
    while (this.running) {
      const start = (performance.now() - began) / 1000;
      const blob = await piece(this.stream, this.length, { stop: this.stopped });
      if (this.running) this.offer({ blob, start, ended: performance.now() });
    }
  }

  offer(window) {
    if (!this.asking) {
      this.answer(window);
      return;
    }
    if (this.waiting) this.keep({ start: this.waiting.start, answer: null });
    this.waiting = window; // the newest; the one before is left out
  }

  async answer(window) {
    this.asking = true;
    const answer = await ask(window.blob, `${seconds(window.start)}`, this.model.limits, { tries: 1 });
    this.keep({ start: window.start, answer });
    this.tell(answer, (performance.now() - window.ended) / 1000);
    this.asking = false;
    const next = this.waiting;
    this.waiting = null;
    if (next && this.running) this.answer(next);
  }

  keep(window) {
    this.windows.push(window);
    this.windows.splice(0, Math.max(0, this.windows.length - KEPT));
    byId("live-line").hidden = false;
    byId("live-line").replaceChildren(...timeLine(this.windows, this.model.classes, this.length));
  }

  tell(answer, delay) {
    const now = byId("live-now");
    now.classList.toggle("nothing", Boolean(answer.reason));
    if (answer.reason) {
      now.textContent = `Nothing to go by in this window: ${answer.reason}.`;
    } else {
      const unsure = answer.sure === false ? ", not sure" : "";
      now.textContent = `${answer.prediction} (${percent(Math.max(...answer.probabilities))}${unsure})`;
    }
    const out = this.windows.filter((one) => !one.answer).length;
    const delayed = byId("live-delay");
    delayed.textContent = `answered ${seconds(delay)} after the window ended; ${out} of ${this.windows.length} windows left out`;
    delayed.dataset.seconds = delay.toFixed(3);
    delayed.dataset.answered = this.windows.length - out;
  }

  close() {
    if (this.stream) close(this.stream);
    byId("live-preview").hidden = true;
  }
}
