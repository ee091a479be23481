// Camera and microphone: a stream, and pieces of it as files of their own.
import { element } from "./dom.js";

const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const SOUND_KINDS = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4", "audio/ogg"];
export const SOURCES = { both: "camera and microphone", audio: "microphone", video: "camera" };
const SLICE = 250; // milliseconds between two parts of a recording
const HINTS = { both: "Look into the camera and say a sentence.", audio: "Say a sentence.", video: "Look into the camera." };
const byId = (id) => document.getElementById(id);

// What this model can be given: one that needs both is not offered less.
export const sourcesOf = (model) =>
  model.modality !== "both" ? [model.modality] : model.needs_both ? ["both"] : ["both", "audio", "video"];

export async function openStream(source) {
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder)
    throw new Error("the browser gives camera and microphone only to pages of this machine (http://localhost) or over https");
  const video = source === "audio" ? false : { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: source !== "video", video });
  } catch (error) {
    const why = { NotFoundError: `there is no ${SOURCES[source]}`, NotAllowedError: "the browser was not allowed to use it" };
    throw new Error(why[error.name] ?? `${SOURCES[source]}: ${error.message}`);
  }
}

export function close(stream) {
  for (const track of stream.getTracks()) track.stop();
}

// One piece of the stream as a file of its own, for so many seconds or until `stop`: from now on, or
// where that is `patient` from when the encoder gives something, which it may take a second for.
export function piece(stream, length, { stop = null, patient = false } = {}) {
  const kinds = stream.getVideoTracks().length ? KINDS : SOUND_KINDS;
  const kind = kinds.find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
  return new Promise((resolve, reject) => {
    const parts = [];
    const end = () => recorder.state !== "inactive" && recorder.stop();
    let counting = false;
    const count = () => {
      if (!counting) setTimeout(end, 1000 * length);
      counting = true;
    };
    recorder.ondataavailable = (event) => {
      parts.push(event.data);
      if (event.data.size) count();
    };
    recorder.onerror = (event) => reject(event.error ?? new Error("the recorder stopped"));
    recorder.onstop = () => resolve(new Blob(parts, { type: recorder.mimeType.split(";")[0] }));
    recorder.start(SLICE);
    if (!patient) count();
    stop?.then(end);
  });
}

export async function preview(video, stream) {
  video.srcObject = stream.getVideoTracks().length ? stream : null;
  video.hidden = !stream.getVideoTracks().length;
  if (!video.hidden) await video.play().catch(() => {});
}

export function setUpRecorder(model, give) {
  const sources = sourcesOf(model);
  byId("sources").replaceChildren(
    ...sources.map((source, place) => {
      const choice = element("input", { type: "radio", name: "source", value: source, id: `source-${source}` });
      choice.checked = place === 0;
      return element("label", { for: choice.id, children: [choice, ` ${SOURCES[source]}`] });
    }),
  );
  const button = byId("record-button");
  const hint = byId("record-hint");
  const chosen = () => document.querySelector("input[name=source]:checked").value;
  const invite = () => (hint.textContent = HINTS[chosen()]);
  invite();
  byId("sources").addEventListener("change", invite);
  button.addEventListener("click", async () => {
    const source = chosen();
    button.disabled = true;
    let stream = null;
    let clock = null;
    let given = false;
    try {
      stream = await openStream(source);
      await preview(byId("preview"), stream);
      button.classList.add("recording");
      const length = Number(byId("record-length").value);
      let left = length;
      const tell = () => (hint.textContent = `recording: ${left--} s left; speak now`);
      tell();
      clock = setInterval(tell, 1000);
      const blob = await piece(stream, length, { patient: true });
      invite();
      given = true;
      give(blob, `recording.${blob.type.split("/")[1]}`);
    } catch (error) {
      hint.replaceChildren(element("span", { class: "problem", text: `Not recorded: ${error.message}.` }));
    } finally {
      clearInterval(clock);
      if (stream) close(stream);
      byId("preview").hidden = true;
      button.classList.remove("recording");
      if (!given) button.disabled = false; // else it is free once that is answered
    }
  });
}
