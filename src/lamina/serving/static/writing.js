// Writing on from a beginning, for models that write. Uses what page.js offers.
"use strict";

let running = null; // the AbortController of what is being written

function halt() { if (running) running.abort(); }

function showWriting() {
  halt();
  $("write").hidden = !model.context;
  $("write-more").hidden = true;
  if (!model.context) return;
  $("prompt-hint").textContent = `The model goes on from what stands here; it remembers ${model.context} tokens. Control and Enter writes, too.`;
  const most = (id, value) => { if (Number($(id).value) > value) $(id).value = String(value); };
  most("write-tokens", model.limits.written_tokens);
  most("write-num", model.limits.texts);
}

function setting(id, { isWhole = false, least, most }) {
  const input = $(id);
  const text = input.value.trim().replace(",", ".");
  const value = Number(text);
  if (text && Number.isFinite(value) && (!isWhole || Number.isInteger(value)) && value >= least && value <= most) return value;
  if (!text && id === "write-top-k") return null;
  $("write-settings").open = true;
  input.focus();
  const name = document.querySelector(`label[for="${id}"]`).textContent;
  throw new Error(`${name}: wanted a ${isWhole ? "whole " : ""}number from ${least} to ${most}, got "${input.value}".`);
}

function wanted() {
  const stop = $("write-stop").value.replaceAll("\\n", "\n");
  return {
    prompt: $("prompt").value,
    max_tokens: setting("write-tokens", { isWhole: true, least: 1, most: model.limits.written_tokens }),
    temperature: setting("write-temperature", { least: 0, most: 100 }),
    top_p: setting("write-top-p", { least: 0.000001, most: 1 }),
    top_k: setting("write-top-k", { isWhole: true, least: 1, most: 1000000 }),
    num: setting("write-num", { isWhole: true, least: 1, most: model.limits.texts }),
    seed: setting("write-seed", { isWhole: true, least: 0, most: Number.MAX_SAFE_INTEGER }),
    stop: stop ? [stop] : null,
    stream: true,
  };
}

async function* eventsOf(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    waiting += decoder.decode(value, { stream: !done });
    const events = waiting.split("\n\n");
    waiting = events.pop();
    for (const one of events) if (one.startsWith("data: ")) yield JSON.parse(one.slice(6));
    if (done) return;
  }
}

function textsOf(asked) {
  const made = Array.from({ length: asked.num }, (_, place) => {
    const own = element("span");
    const box = element("p", { class: "written", tabindex: "0", "aria-label": asked.num > 1 ? `text ${place + 1}` : "the text" }, element("span", { class: "given", text: asked.prompt }), own);
    const note = element("p", { class: "quiet", text: "writing …" });
    return { box, note, own };
  });
  $("written").replaceChildren(...made.flatMap((one) => [one.box, one.note]));
  return made;
}

const REASONS = { end: "it ended by itself", stop: "it ended where it should stop", length: "it is as long as was asked for", time: "it took too long" };

async function writeOn(event) {
  event?.preventDefault();
  halt();
  const mine = ++count;
  complain(null);
  let asked;
  try { asked = wanted(); } catch (error) { complain(error); return; }
  const own = new AbortController();
  running = own;
  for (const id of ["result", "explanation"]) $(id).replaceChildren();
  $("waiting").hidden = true;
  $("write-halt").hidden = false;
  $("write-more").hidden = true;
  // What is written is told once it is whole, not piece by piece.
  $("answer").setAttribute("aria-busy", "true");
  const texts = textsOf(asked);
  if (window.matchMedia("(max-width: 56rem)").matches) $("answer").scrollIntoView();
  try {
    const response = await send(`/v1/models/${encodeURIComponent(model.name)}/generate`, asked, own.signal);
    for await (const told of eventsOf(response)) {
      if (mine !== count) return;
      if (told.error) throw new Error(told.error.message);
      told.pieces?.forEach((piece, place) => {
        const { box, own: text } = texts[place];
        const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
        text.append(piece);
        if (isAtEnd) box.scrollTop = box.scrollHeight;
      });
      told.texts?.forEach(({ tokens, end }, place) => { texts[place].note.textContent = `${tokens} tokens; ${REASONS[end]}`; });
    }
  } catch (error) {
    if (mine !== count) return;
    if (error.name !== "AbortError") complain(error);
    for (const one of texts) one.note.textContent = error.name === "AbortError" ? "stopped" : "not finished";
  } finally {
    if (running === own) running = null;
    if (mine === count) {
      $("answer").removeAttribute("aria-busy");
      $("write-halt").hidden = true;
      $("write-more").hidden = texts.length !== 1 || !texts[0].own.textContent;
    }
  }
}

function goOn() {
  const box = document.querySelector("#written .written");
  if (!box) return;
  $("prompt").value = box.textContent;
  writeOn();
}

$("write").addEventListener("submit", writeOn);
$("write-halt").addEventListener("click", halt);
$("write-more").addEventListener("click", goOn);
$("prompt").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) writeOn(event); });
