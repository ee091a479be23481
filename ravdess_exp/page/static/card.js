// One answer: the verdict, the probabilities, the faces and the sound that it was made from.
import { element, drawn, percent, seconds } from "./dom.js";

const BRANCHES = { audio: "sound alone", video: "picture alone" };
const WIDTH = 800;
const HEIGHT = 120;

export function answerCard(answer, model, explain) {
  const card = element("article", { class: "card", tabindex: "-1", "aria-label": `answer to ${answer.file}` });
  card.append(element("p", { class: "file", text: answer.file }));
  if (answer.reason) {
    card.append(element("p", { class: "problem", text: `Could not be used: ${answer.reason}` }));
  } else {
    card.append(verdict(answer), meaning(answer), ...remarks(answer), sides(answer, model), looked(explain));
  }
  if (answer.reason && answer.sound) card.append(...waveform(answer));
  return card;
}

export function verdict(answer) {
  const line = element("p", { class: "verdict", text: answer.prediction + " " });
  if (answer.sure === false) line.append(element("span", { class: "unsure", text: "not sure" }));
  return line;
}

function meaning(answer) {
  const largest = Math.max(...answer.probabilities);
  const text =
    answer.sure === false
      ? `It resembles ${answer.prediction} most, with a probability of ${percent(largest)}: too little for the model to be sure.`
      : `It resembles ${answer.prediction} most, with a probability of ${percent(largest)}.`;
  return element("p", { text });
}

function remarks(answer) {
  const lines = (answer.remarks ?? []).map((text) => element("li", { text }));
  return lines.length ? [element("ul", { class: "remarks", children: lines })] : [];
}

function sides(answer, model) {
  const left = element("div", { children: [bars(answer, model)] });
  const right = element("div");
  if (answer.crops?.length) right.append(...faces(answer));
  if (answer.sound) right.append(...waveform(answer));
  else if (answer.interval)
    right.append(element("p", { text: `The picture from ${seconds(answer.interval[0])} to ${seconds(answer.interval[1])} was used.` }));
  return element("div", { class: "sides", children: [left, right] });
}

function bars(answer, model) {
  const branches = Object.entries(answer.branches ?? {});
  const columns = [["together", answer.probabilities, "both"], ...branches.map(([what, of]) => [BRANCHES[what], of, what])];
  const only = columns.length === 1;
  const head = element("tr", {
    children: [
      element("th", { scope: "col", text: "emotion" }),
      ...columns.map(([name]) => element("th", { scope: "col", text: only ? "probability" : name })),
    ],
  });
  const top = answer.probabilities.indexOf(Math.max(...answer.probabilities));
  const rows = model.classes.map((name, place) =>
    element("tr", {
      class: place === top ? "top" : "",
      children: [
        element("th", { scope: "row", text: name }),
        ...columns.map(([, values, kind]) => element("td", { class: kind, children: [bar(values[place])] })),
      ],
    }),
  );
  return element("table", {
    class: "bars",
    children: [
      element("caption", { text: only ? "Probability of each emotion" : "Probability of each emotion, and what sound and picture say alone" }),
      element("thead", { children: [head] }),
      element("tbody", { children: rows }),
    ],
  });
}

// Why: asked for by a button, since the model is asked hundreds of times for it.
function looked(explain) {
  const button = element("button", { type: "button", text: "What did it go by?" });
  const told = element("div", { role: "status", "aria-live": "polite" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.replaceChildren(element("p", { text: "hiding one part after the other and asking again; this takes some seconds …" }));
    const found = await explain();
    button.disabled = Boolean(found.picture);
    if (!found.picture) {
      told.replaceChildren(element("p", { class: "problem", text: `Not explained: ${found.reason}` }));
      return;
    }
    const lines = found.lines.slice(1).map( // the first is the verdict
      (text) => element("li", { text }));
    told.replaceChildren(
      element("h3", { text: "What it went by" }),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "the explanation as a picture", children: [element("img", { class: "explanation", src: found.picture, alt: "frames, parts of the face, and stretches and bands of the sound, coloured by what they spoke for; the sentences below say what counted most" })] }),
      element("ul", { children: lines }),
    );
  });
  return element("div", { class: "looked", children: [button, told] });
}

const short = (share) => percent(share).replace("over ", ">").replace("under ", "<");

function bar(share) {
  const fill = element("span", { class: "fill" });
  fill.style.width = `${100 * share}%`;
  const track = element("span", { class: "track", "aria-hidden": "true", children: [fill] });
  return element("div", { class: "bar", children: [element("span", { text: short(share) }), track] });
}

function faces(answer) {
  const beside = answer.crops.filter((crop) => !crop.found).length;
  const items = answer.crops.map((crop, number) => {
    const reference = crop.what.startsWith("at the start");
    const alt = `face crop ${number + 1} of ${answer.crops.length}: ${crop.what}${crop.found ? "" : ", no face found there"}`;
    return element("li", {
      class: [reference && "reference", !crop.found && "beside"].filter(Boolean).join(" "),
      children: [element("img", { src: crop.picture, alt, width: "84", height: "84" }), element("span", { text: reference ? "at the start" : crop.what, "aria-hidden": "true" })],
    });
  });
  const told = [`The face in ${answer.crops.length} frames, as the model was given it`];
  if (answer.crops[0].what.startsWith("at the start")) told.push("; the first is what the others are held against");
  if (beside) told.push(`; in ${beside} of them (dashed) no face was found, and the place of the nearest one was taken`);
  return [element("h3", { text: "What it saw" }), element("p", { class: "quiet", text: told.join("") + "." }), element("ul", { class: "crops", children: items })];
}

export function waveform(answer) {
  const { start, end, low, high } = answer.sound;
  const at = (time) => ((time - start) / (end - start)) * WIDTH;
  const [from, to] = answer.interval ?? [start, end];
  const outline = (first, last) => {
    const step = WIDTH / low.length;
    const there = low.map((_, place) => place).filter((place) => place * step >= first - step && place * step <= last);
    const y = (value) => (HEIGHT / 2) * (1 - 0.95 * value);
    const up = there.map((place) => `${place * step},${y(Math.max(high[place], 0.004))}`);
    const down = there.reverse().map((place) => `${place * step},${y(Math.min(low[place], -0.004))}`);
    return [...up, ...down].join(" ");
  };
  const text = answer.interval
    ? `The sound lasts ${seconds(end - start)}; the model was given the part from ${seconds(Math.max(from, start))} to ${seconds(Math.min(to, end))} (blue), without the silence around it.`
    : `The sound lasts ${seconds(end - start)}.`;
  const picture = drawn("svg", {
    class: "wave", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": text,
    children: [
      ...(answer.interval ? [drawn("rect", { class: "taken-ground", x: at(from), y: 0, width: Math.max(1, at(to) - at(from)), height: HEIGHT })] : []),
      drawn("polygon", { class: "all", points: outline(0, WIDTH) }),
      ...(answer.interval ? [drawn("polygon", { class: "taken", points: outline(at(from), at(to)) })] : []),
    ],
  });
  return [element("h3", { text: "What it heard" }), element("p", { class: "quiet", text }), picture];
}
