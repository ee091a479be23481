// What the page asks of the program that opened it.
const TRIES = 6;

export async function modelDescription() {
  const response = await fetch("/api/model");
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// The answer to a recording; one that fails has its `reason`, whatever went wrong.
export const ask = (blob, name, limits, how = {}) => post("answers", blob, name, limits, how);

// What the model went by in a recording: a picture and sentences, or the `reason`.
export const explain = (blob, name, limits) => post("explanations", blob, name, limits, {});

async function post(what, blob, name, limits, { tries = TRIES }) {
  if (blob.size > limits.largest)
    return { file: name, reason: `larger than ${Math.floor(limits.largest / 2 ** 20)} MB, the most that the page takes; cut out what matters` };
  if (!blob.size) return { file: name, reason: "there is nothing in it; of a recording: the computer is too busy to record" };
  try {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`/api/${what}?name=${encodeURIComponent(name)}`, {
        method: "POST",
        body: blob,
        headers: { "Content-Type": "application/octet-stream" },
      });
      const answer = await response.json();
      if (response.status !== 503 || attempt >= tries) return { file: name, ...answer };
      await pause(Number(response.headers.get("Retry-After")) || 3);
    }
  } catch (error) {
    return { file: name, reason: `the page's program does not answer (${error.message}); is it still running?` };
  }
}
