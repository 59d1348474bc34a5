// The page to try the models. Everything that comes from data is set as text, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
let token = "";
let model = null; // what /v1/models/NAME said
let readers = []; // one per column: {field, read, write}
let count = 0; // of questions, so that a late answer to an old one is not shown

function element(name, options = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (key === "text") made.textContent = value;
    else if (key === "class") made.className = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

async function send(path, body, signal) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const options = { headers, signal };
  if (body !== undefined) {
    options.method = "POST";
    headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server cannot be reached. Is it still running?");
  }
  if (response.ok) return response;
  let told = {};
  try { told = await response.json(); } catch { /* the status says enough */ }
  if (response.status === 401) {
    $("token-form").hidden = false;
    $("token").focus();
    throw new Error(token ? "The server does not know this token." : "");
  }
  const where = told.error?.where?.filter((part) => part !== "row").join(", ");
  throw new Error((where ? `${where}: ` : "") + (told.error?.message ?? `The server answered ${response.status}.`));
}

async function call(path, body) { return (await send(path, body)).json(); }

function complain(error) { $("problem").textContent = error ? error.message : ""; }

function rounded(value, digits = 4) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : "–";
}

function percent(value) {
  const digits = value > 0.999 || value < 0.001 ? 2 : 1;
  return `${(100 * value).toFixed(digits)} %`;
}

// ---------------------------------------------------------------- the form

function hint(field) {
  const parts = [];
  if (field.modality === "number" && field.low !== null) {
    parts.push(`${field.is_whole ? "whole, " : ""}in training ${rounded(field.low)} to ${rounded(field.high)}`);
  }
  if (field.modality === "datetime" && field.low !== null) {
    const day = (seconds) => new Date(1000 * seconds).toISOString().slice(0, 10);
    try { parts.push(`in training ${day(field.low)} to ${day(field.high)}`); } catch { /* beyond any calendar */ }
  }
  if (field.levels.length > 12 && field.modality === "category") parts.push(`${field.levels.length} known levels`);
  if (field.modality === "series" && field.channels > 1) parts.push(`a line per step, ${field.channels} numbers each`);
  if (field.modality === "sound") parts.push(`WAV, FLAC or OGG, heard at ${field.rate} samples per second`);
  if (field.modality === "words") parts.push("a sentence; it is cut at blanks, and marks at the ends of words stand alone");
  if (field.modality === "tags") parts.push("separated by commas");
  if (field.modality === "image") parts.push(`seen as ${field.width} × ${field.height} pixels`);
  return parts.join("; ");
}

function labelled(field, id, control, isWide) {
  const box = element("div", { class: isWide ? "field wide" : "field" });
  box.append(element("label", { for: id, text: field.name }), control);
  const text = hint(field);
  if (text) {
    box.append(element("span", { class: "hint", id: `${id}-hint`, text }));
    box.querySelector("input, select, textarea").setAttribute("aria-describedby", `${id}-hint`);
  }
  return box;
}

const MAKERS = {
  number(field, id) {
    const input = element("input", { id, inputmode: field.is_whole && field.low >= 0 ? "numeric" : "decimal", autocomplete: "off" });
    return {
      box: labelled(field, id, input),
      write: (value) => { input.value = value === null ? "" : String(value); },
      read() {
        const text = input.value.trim();
        if (!text) return null;
        const value = Number(text.replace(/^([+-]?\d+),(\d+)$/, "$1.$2"));
        if (!Number.isFinite(value)) { input.focus(); throw new Error(`${field.name}: wanted a number, got "${text}".`); }
        return value;
      },
    };
  },
  category(field, id) {
    if (field.levels.length <= 12) return select(field, id, field.levels);
    const list = element("datalist", { id: `${id}-levels` }, ...field.levels.slice(0, 500).map((value) => element("option", { value })));
    const input = element("input", { id, list: list.id, autocomplete: "off" });
    const box = labelled(field, id, input);
    box.append(list);
    return { box, write: (value) => { input.value = value ?? ""; }, read: () => input.value || null };
  },
  boolean: (field, id) => select(field, id, field.levels.length ? field.levels : ["true", "false"]),
  datetime(field, id) {
    const input = element("input", { id, type: "datetime-local", step: "any" });
    return {
      box: labelled(field, id, input),
      write: (value) => { input.value = value === null ? "" : String(value).replace(" ", "T").slice(0, 19).replace(/:00$/, ""); },
      read: () => input.value || null,
    };
  },
  text(field, id) {
    const input = element("textarea", { id, rows: "4" });
    return { box: labelled(field, id, input, true), write: (value) => { input.value = value ?? ""; }, read: () => input.value || null };
  },
  words: (field, id) => MAKERS.text(field, id),
  tags(field, id) {
    const input = element("input", { id, autocomplete: "off" });
    const parts = (value) => (Array.isArray(value) ? value.join(", ") : value ?? "");
    return {
      box: labelled(field, id, input),
      write: (value) => { input.value = parts(value); },
      read() { const found = input.value.split(",").map((one) => one.trim()).filter(Boolean); return found.length ? found : null; },
    };
  },
  image: picture,
  sound,
  series,
};

function sound(field, id) {
  const input = element("input", { id, type: "file", accept: "audio/*,.wav,.flac,.ogg" });
  const zone = element("div", { class: "drop" }, element("span", { class: "hint", text: "Drop a recording here, or choose a file." }), input);
  const box = labelled(field, id, zone, true);
  let data = null;
  function take(file) {
    zone.querySelector("audio")?.remove();
    data = null;
    if (!file) return;
    if (file.size > model.limits.body_bytes * 0.7) { complain(new Error(`${field.name}: the file is too large.`)); return; }
    const reader = new FileReader();
    reader.onload = () => {
      data = reader.result.slice(reader.result.indexOf(",") + 1);
      zone.append(element("audio", { src: reader.result, controls: "", "aria-label": `the recording chosen for ${field.name}` }));
    };
    reader.readAsDataURL(file);
  }
  input.addEventListener("change", () => take(input.files[0]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); zone.classList.remove("over"); input.value = ""; take(event.dataTransfer.files[0]); });
  return { box, write() { input.value = ""; take(null); }, read: () => data };
}

function numbersOf(text, channels) {
  const bare = text.trim();
  if (!bare) return null;
  if (bare.startsWith("[")) {
    try { return JSON.parse(bare.replace(/\bnan\b/gi, "null")); } catch { throw new Error("wanted a list of numbers."); }
  }
  const number = (word) => (/^(\?|nan|na|null)$/i.test(word) ? null : Number(word));
  const steps = channels > 1 ? bare.split(/\r?\n/).filter((line) => line.trim()).map((line) => line.trim().split(/[,;\s]+/).map(number)) : bare.split(/[,;\s]+/).filter(Boolean).map(number);
  if (steps.flat().some((one) => Number.isNaN(one))) throw new Error("wanted numbers, with commas, spaces or line breaks between.");
  return steps;
}

function series(field, id) {
  const input = element("textarea", { id, rows: "3", spellcheck: "false" });
  const file = element("input", { id: `${id}-file`, type: "file", accept: ".csv,.txt,.tsv,.json", "aria-label": `a file for ${field.name}` });
  const plot = element("div", { class: "plot" });
  const zone = element("div", { class: "drop" }, input, element("span", { class: "hint", text: "Numbers, or drop a file of numbers here." }), file, plot);
  const box = labelled(field, id, zone, true);
  const value = () => numbersOf(input.value, field.channels);
  function draw() {
    try { const steps = value(); plot.replaceChildren(...(steps ? [lineChart(steps)] : [])); } catch { plot.replaceChildren(); }
  }
  async function take(chosen) { if (chosen) { input.value = await chosen.text(); draw(); } }
  input.addEventListener("input", draw);
  file.addEventListener("change", () => take(file.files[0]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); zone.classList.remove("over"); file.value = ""; take(event.dataTransfer.files[0]); });
  return {
    box,
    write: (cell) => { file.value = ""; input.value = cell === null ? "" : field.channels > 1 ? cell.map((step) => step.join(", ")).join("\n") : cell.join(", "); draw(); },
    read() { try { return value(); } catch (error) { input.focus(); throw new Error(`${field.name}: ${error.message}`); } },
    shown: () => { try { return value(); } catch { return null; } },
  };
}

function lineChart(steps, windows = []) {
  const [width, height] = [320, 110];
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", `0 0 ${width} ${height}`);
  made.setAttribute("class", "lines");
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", "the series");
  const rows = steps.map((step) => (Array.isArray(step) ? step : [step]));
  const values = rows.flat().filter((one) => one !== null && Number.isFinite(one));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const most = Math.max(...windows.map(Math.abs), 1e-9);
  windows.forEach((one, place) => {
    const mark = document.createElementNS(SVG, "rect");
    Object.entries({ x: (width * place) / windows.length, y: 0, width: width / windows.length, height, fill: colour(one, most) }).forEach(([key, value]) => mark.setAttribute(key, value));
    made.append(mark);
  });
  for (let channel = 0; channel < Math.min(12, rows[0]?.length ?? 0); channel += 1) {
    const line = document.createElementNS(SVG, "polyline");
    const points = rows.map((row, step) => [row[channel], step]).filter(([one]) => one !== null && Number.isFinite(one));
    line.setAttribute("points", points.map(([one, step]) => `${((width * (step + 0.5)) / rows.length).toFixed(1)},${(height - 5 - ((height - 10) * (one - low)) / (high - low || 1)).toFixed(1)}`).join(" "));
    made.append(line);
  }
  return made;
}

function select(field, id, levels) {
  const input = element("select", { id }, element("option", { value: "", text: "(missing)" }));
  levels.forEach((level, place) => input.append(element("option", { value: String(place), text: level })));
  return {
    box: labelled(field, id, input),
    write(value) {
      const place = levels.indexOf(String(value));
      input.value = value === null || place < 0 ? "" : String(place);
    },
    read: () => (input.value === "" ? null : levels[Number(input.value)]),
  };
}

function picture(field, id) {
  const input = element("input", { id, type: "file", accept: "image/*" });
  const zone = element("div", { class: "drop" }, element("span", { class: "hint", text: "Drop a picture here, paste one, or choose a file." }), input);
  const box = labelled(field, id, zone, true);
  let data = null;
  function take(file) {
    zone.querySelector("img")?.remove();
    data = null;
    if (!file) return;
    if (file.size > model.limits.body_bytes * 0.7) { complain(new Error(`${field.name}: the file is too large.`)); return; }
    const reader = new FileReader();
    reader.onload = () => {
      data = reader.result;
      zone.append(element("img", { src: data, alt: `the picture chosen for ${field.name}` }));
    };
    reader.readAsDataURL(file);
  }
  input.addEventListener("change", () => take(input.files[0]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const file = [...event.dataTransfer.files].find((one) => one.type.startsWith("image/"));
    if (file) { input.value = ""; take(file); }
  });
  box.takePasted = (file) => { input.value = ""; take(file); };
  return { box, write() { input.value = ""; take(null); }, read: () => (data === null ? null : data.slice(data.indexOf(",") + 1)), shown: () => data };
}

document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  const box = [...document.querySelectorAll(".field")].find((one) => one.takePasted);
  if (file && box) box.takePasted(file);
});

async function show(name) {
  const mine = ++count;
  const told = await call(`/v1/models/${encodeURIComponent(name)}`);
  if (mine !== count) return;
  model = told;
  $("title").textContent = model.name;
  document.title = `${model.name}: try the model`;
  const targets = [...new Set(model.answers.map((one) => one.target))].join(", ");
  const what = model.task.replaceAll("_", " ") + (model.context ? "" : ` of ${targets}`);
  $("about").textContent = `${what}; version ${model.version}` + (model.problem ? `. A newer file was refused: ${model.problem}` : "");
  readers = model.history ? [historyReader("history")] : model.fields.map((field, place) => ({ field, ...MAKERS[field.modality](field, `field-${place}`) }));
  $("fields").replaceChildren(...readers.map((one) => one.box));
  fill(true);
  $("form").hidden = false;
  $("form-title").textContent = model.context ? "How likely is a text?" : model.history ? "A history" : "A row";
  $("form-about").textContent = model.history ? "It begins as a typical one. A cell that is empty is unknown." : "It begins as a typical row. What is left empty counts as missing.";
  $("typical").textContent = model.history ? "Typical history" : "Typical row";
  $("ask").textContent = model.history ? "Forecast" : "Answer";
  showWriting();
  forget();
}

function fill(isTypical) { readers.forEach((one) => one.write(isTypical ? one.field.typical : null)); }

function forget() {
  for (const id of ["result", "explanation", "written"]) $(id).replaceChildren();
  $("waiting").hidden = false;
  $("waiting").textContent = model.context ? "Write a beginning and press Write." : model.history ? "Give the past of a series and press Forecast." : "Fill in the form and press Answer.";
}

// -------------------------------------------------------------- the answer

function bar(share, { from = 0, low = 0, high = 1, kind = "for" } = {}) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", "0 0 100 10");
  made.setAttribute("preserveAspectRatio", "none");
  made.setAttribute("aria-hidden", "true");
  const at = (value) => (100 * (value - low)) / (high - low || 1);
  const rectangle = (x, width, name) => {
    const one = document.createElementNS(SVG, "rect");
    Object.entries({ x, y: 1, width: Math.max(0, width), height: 8, class: name }).forEach(([key, value]) => one.setAttribute(key, value));
    made.append(one);
  };
  rectangle(0, 100, "track");
  const [left, right] = [at(from), at(share)].sort((a, b) => a - b);
  rectangle(left, right - left, kind);
  return made;
}

function bars(rows, caption) {
  const table = element("table", { class: "bars" });
  table.append(element("caption", { class: "quiet", text: caption }));
  for (const row of rows) {
    table.append(element("tr", {}, element("th", { scope: "row", text: row.name }), element("td", {}, row.bar), element("td", { class: "number", text: row.number })));
  }
  return table;
}

function shownValue(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return rounded(value, 6);
  if (!Array.isArray(value)) return String(value);
  if (value.length <= 12 || typeof value[0] !== "number") return value.join(", ");
  return `${value.slice(0, 4).map((one) => rounded(one, 3)).join(", ")} … (${value.length} numbers)`;
}

function showAnswer(answer, rests) {
  const parts = [];
  const isWritten = model.answers.some((one) => one.kind === "text"); // its figures stand small
  for (const one of model.answers.filter((each) => each.kind !== "probability" && each.kind !== "truth" && each.kind !== "share")) {
    if (one.kind === "boxes") { parts.push(boxesFigure(one, answer)); continue; }
    if (one.kind === "mask") { parts.push(maskFigure(one, answer)); continue; }
    if (one.kind === "tag_sequence") { parts.push(tagsFigure(answer, rests)); continue; }
    if (one.kind === "spans") continue; // drawn with the tags
    const name = one.level === null ? one.name : `${one.target}, quantile ${one.level}`;
    if ((isWritten && one.kind === "number") || one.kind === "similarity" || one.kind === "vector") {
      parts.push(element("p", { class: "quiet", text: `${name}: ${shownValue(answer[one.name])}` }));
      continue;
    }
    const looks = one.kind === "text" ? "decision text" : "decision";
    parts.push(element("p", { class: looks }, element("small", { text: name }), shownValue(answer[one.name])));
  }
  const shares = model.answers.filter((one) => one.kind === "probability" && one.label && answer[one.name] !== null);
  const rows = shares.map((one) => ({ name: one.label, value: answer[one.name] })).sort((a, b) => b.value - a.value).slice(0, 12);
  if (rows.length) parts.push(bars(rows.map((one) => ({ name: one.name, bar: bar(one.value), number: percent(one.value) })), "Probabilities"));
  $("result").replaceChildren(...parts);
}

function showExplanation(told) {
  // A text that was written stands above already, and so do tags.
  const areTags = model.answers.some((one) => one.kind === "tag_sequence");
  const made = [element("h3", { text: told.unit === "log-probability" ? `What the ${areTags ? "tags rest" : "text rests"} on` : `What speaks for: ${told.answer}` })];
  const unit = told.unit.startsWith("log-") || told.unit === "cosine" ? told.unit : `unit of ${told.unit}`;
  const legend = element("p", { class: "legend" }, element("span", {}, element("i"), "for it"), element("span", {}, element("i", { class: "no" }), "against it"), element("span", { text: `in ${unit}` }));
  const columns = told.inputs.filter((one) => one.kind === "columns").flatMap((one) => one.features);
  if (columns.length) {
    const most = Math.max(...columns.map((one) => Math.abs(one.attribution)), 1e-9);
    const sorted = [...columns].sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution)).slice(0, 12);
    made.push(bars(sorted.map((one) => ({
      name: one.label, number: Math.abs(one.attribution) < 1e-3 * most ? "0" : (one.attribution > 0 ? "+" : "") + rounded(one.attribution, 3),
      bar: bar(one.attribution, { low: -most, high: most, kind: one.attribution < 0 ? "against" : "for" }),
    })), "How the answer changes when a column is not known"));
  }
  if (told.written) made.push(restsFigure(told, areTags));
  for (const one of told.inputs.filter((each) => each.kind === "words" && each.features.length && each.name !== told.written?.name)) made.push(words(one));
  for (const one of told.inputs.filter((each) => each.heat.length)) made.push(heat(one));
  for (const one of told.inputs.filter((each) => each.kind === "steps" && each.features.length)) {
    const lines = told.lines[one.name] ?? [];
    const steps = (lines[0] ?? []).map((_, step) => lines.map((line) => line[step]));
    if (steps.length) made.push(element("div", {}, element("h3", { text: one.name }), lineChart(steps, one.features.map((each) => each.attribution))));
  }
  $("explanation").replaceChildren(...made, legend);
}

function colour(value, most) {
  const share = Math.min(1, Math.abs(value) / most);
  const [r, g, b] = value < 0 ? [200, 105, 30] : [15, 140, 140];
  return `rgba(${r}, ${g}, ${b}, ${(0.65 * share).toFixed(3)})`;
}

function words(part) {
  const most = Math.max(...part.features.map((one) => Math.abs(one.attribution)), 1e-9);
  const line = element("p", { class: "words" });
  for (const one of part.features) {
    const mark = element("mark", { text: one.label, title: rounded(one.attribution, 3) });
    mark.style.backgroundColor = colour(one.attribution, most);
    line.append(mark, " ");
  }
  return element("div", {}, element("h3", { text: part.name }), line);
}

function heat(part) {
  const reader = readers.find((one) => one.field.name === part.name);
  const canvas = element("canvas", { role: "img", "aria-label": `${part.name}: which parts of the picture speak for the answer` });
  const [rows, columns] = part.grid;
  const most = Math.max(...part.heat.map(Math.abs), 1e-9);
  const image = new Image();
  image.onload = () => {
    const side = 320;
    canvas.width = side;
    canvas.height = Math.round((side * reader.field.height) / reader.field.width);
    const context = canvas.getContext("2d");
    // What the network sees: the middle at its proportions, or the whole picture on a ground.
    const ratios = [image.naturalWidth / canvas.width, image.naturalHeight / canvas.height];
    const scale = reader.field.framing === "pad" ? Math.max(...ratios) : Math.min(...ratios);
    const [width, height] = [canvas.width * scale, canvas.height * scale];
    context.filter = "grayscale(1)";
    context.drawImage(image, (image.naturalWidth - width) / 2, (image.naturalHeight - height) / 2, width, height, 0, 0, canvas.width, canvas.height);
    context.filter = "none";
    part.heat.forEach((value, place) => {
      context.fillStyle = colour(value, most);
      const [row, column] = [Math.floor(place / columns), place % columns];
      const [x, y] = [(column * canvas.width) / columns, (row * canvas.height) / rows];
      context.fillRect(x, y, canvas.width / columns, canvas.height / rows);
    });
  };
  image.src = reader.shown();
  return element("div", {}, element("h3", { text: part.name }), element("div", { class: "heat" }, canvas));
}

async function ask(event) {
  event.preventDefault();
  halt();
  const mine = ++count;
  complain(null);
  let row;
  try {
    row = Object.assign({}, ...readers.map((one) => (one.readRow ? one.readRow() : { [one.field.name]: one.read() })));
  } catch (error) { if (model.history) forget(); complain(error); return; }
  const path = `/v1/models/${encodeURIComponent(model.name)}`;
  $("ask").disabled = true;
  $("answer").setAttribute("aria-busy", "true");
  try {
    const told = await call(`${path}/explain`, { row });
    if (mine !== count) return;
    $("waiting").hidden = true;
    $("written").replaceChildren();
    if (model.history) showForecast(told.answer, row);
    else showAnswer(told.answer, told.explanation.written);
    showExplanation(told.explanation);
    if (window.matchMedia("(max-width: 56rem)").matches) $("answer").scrollIntoView();
  } catch (error) {
    if (mine === count) { forget(); complain(error); }
  } finally {
    $("ask").disabled = false;
    $("answer").removeAttribute("aria-busy");
  }
}

async function showDrift() {
  if (!$("drift").open || !model) return;
  try {
    const told = await call(`/v1/models/${encodeURIComponent(model.name)}/drift`);
    const say = { stable: "as in training", moved: "moved", drifted: "drifted", unknown: "too few rows yet" };
    const table = element("table", {}, element("tr", {}, ...["column", "state", "index (PSI)"].map((text) => element("th", { scope: "col", text }))));
    for (const one of told.columns) {
      table.append(element("tr", {}, element("td", { text: one.figure ? `${one.column}: ${one.figure}` : one.column }), element("td", { text: say[one.state] }), element("td", { text: one.psi === null ? "–" : rounded(one.psi, 3) })));
    }
    $("drift-table").replaceChildren(element("p", { class: "quiet", text: `The last ${told.rows} rows that were looked at (rows explained on this page do not count).` }), table);
  } catch (error) { complain(error); }
}

async function begin() {
  complain(null);
  try {
    const { models } = await call("/v1/models");
    $("token-form").hidden = true;
    if (!models.length) throw new Error("No model is loaded yet.");
    $("model").replaceChildren(...models.map((one) => element("option", { value: one.name, text: one.name })));
    $("choice").hidden = models.length < 2;
    const wanted = decodeURIComponent(location.hash.slice(1));
    const name = models.some((one) => one.name === wanted) ? wanted : models[0].name;
    $("model").value = name;
    await show(name);
  } catch (error) { complain(error); }
}

$("form").addEventListener("submit", ask);
$("typical").addEventListener("click", () => fill(true));
$("clear").addEventListener("click", () => fill(false));
$("drift").addEventListener("toggle", showDrift);
$("model").addEventListener("change", () => {
  history.replaceState(null, "", `#${encodeURIComponent($("model").value)}`);
  complain(null);
  show($("model").value).catch(complain);
});
$("token-form").addEventListener("submit", (event) => { event.preventDefault(); token = $("token").value.trim(); begin(); });
document.addEventListener("DOMContentLoaded", begin); // once writing.js is there, too
