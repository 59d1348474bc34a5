// Histories and forecasts, for models whose rows are the past of a series. Uses what page.js offers.
"use strict";

function cellsOf(text) {
  // CSV with quotes; the delimiter is what the head has most of.
  const head = text.split(/\r?\n/, 1)[0] ?? "";
  const count = (mark) => head.split(mark).length;
  const mark = [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
  const rows = [[]];
  let cell = "";
  let isQuoted = false;
  const put = () => { rows.at(-1).push(cell.trim()); cell = ""; };
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at];
    if (isQuoted) {
      if (one === '"' && text[at + 1] === '"') { cell += '"'; at += 1; } else if (one === '"') isQuoted = false; else cell += one;
    } else if (one === '"') isQuoted = true;
    else if (one === mark) put();
    else if (one === "\n") { put(); rows.push([]); } else cell += one;
  }
  put();
  return rows.filter((row) => row.some(Boolean));
}

function isMissing(cell) { return cell === undefined || cell === "" || /^(\?|nan|na|null|none)$/i.test(cell); }

function stepOf(field, cell, line) {
  if (isMissing(cell)) return null;
  if (field.modality !== "number") return cell.replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, "$1T");
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new Error(`${field.name}, line ${line}: wanted a number, got "${cell.slice(0, 40)}".`);
  return value;
}

// The series of a table by name, each a row to ask with: a list of cells per column.
function seriesOf(text) {
  const { history, fields } = model;
  const [head, ...lines] = cellsOf(text);
  if (!head || !lines.length) return new Map();
  const missing = [history.time, ...history.targets].find((name) => !head.includes(name));
  if (missing !== undefined) throw new Error(`the first line must name the columns; ${missing} is missing.`);
  const used = fields.filter((field) => head.includes(field.name));
  const found = new Map();
  lines.forEach((line, number) => {
    const name = history.series && head.includes(history.series) ? line[head.indexOf(history.series)] ?? "" : "";
    if (!found.has(name)) found.set(name, {});
    const row = found.get(name);
    for (const field of used) {
      if (field.name === history.series) { row[field.name] = name; continue; }
      (row[field.name] ??= []).push(stepOf(field, line[head.indexOf(field.name)], number + 2));
    }
  });
  return found;
}

function lastKnown(row) {
  const { history } = model;
  return row[history.time].findLastIndex((_, step) => history.targets.some((name) => row[name][step] !== null));
}

// What the model looks at, so that a long file is not sent as a whole.
function lookedAt(row) {
  const begin = Math.max(0, lastKnown(row) + 1 - model.history.look_back);
  return Object.fromEntries(Object.entries(row).map(([name, cells]) => [name, Array.isArray(cells) ? cells.slice(begin) : cells]));
}

function historyReader(id) {
  const told = model.history;
  const input = element("textarea", { id, rows: "9", spellcheck: "false", class: "table", "aria-describedby": `${id}-hint` });
  const file = element("input", { id: `${id}-file`, type: "file", accept: ".csv,.tsv,.txt", "aria-label": "a file of the history" });
  const pick = element("select", { id: `${id}-series`, "aria-label": "the series" });
  const chosen = element("p", { class: "row picked" }, element("label", { for: pick.id, text: told.series || "series" }), pick);
  const problem = element("p", { class: "hint problem", role: "status" });
  const plot = element("div", { class: "plot" });
  const optional = model.fields.map((field) => field.name).filter((name) => ![told.time, told.series, ...told.targets].includes(name));
  const parts = [`A table: ${told.time}, ${told.targets.join(", ")}${optional.length ? `; if known ${optional.join(", ")}` : ""}.`, `A line per step of ${told.step}, in order; the last ${told.look_back} are looked at.`];
  if (told.known.length) parts.push(`Lines behind the last known one may tell what is known of the next ${told.horizon}: ${told.known.join(", ")}.`);
  const zone = element("div", { class: "drop" }, input, element("span", { class: "hint", id: `${id}-hint`, text: parts.join(" ") }), file, chosen, problem, plot);
  const box = element("div", { class: "field wide" }, element("label", { for: id, text: "The past" }), zone);
  function row() {
    const every = seriesOf(input.value);
    if (!every.size) return null;
    return lookedAt(every.get(pick.value) ?? every.values().next().value);
  }
  function draw() {
    problem.textContent = "";
    plot.replaceChildren();
    chosen.hidden = true;
    try {
      const names = [...seriesOf(input.value).keys()];
      if (names.join("\n") !== [...pick.options].map((one) => one.value).join("\n")) pick.replaceChildren(...names.map((value) => element("option", { value, text: value })));
      chosen.hidden = names.length < 2;
      const own = row();
      if (own) plot.replaceChildren(lineChart(own[told.time].map((_, step) => told.targets.map((name) => own[name][step]))));
    } catch (error) { problem.textContent = error.message; }
  }
  async function take(one) { if (one) { input.value = await one.text(); draw(); } }
  input.addEventListener("input", draw);
  pick.addEventListener("change", draw);
  file.addEventListener("change", () => take(file.files[0]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); zone.classList.remove("over"); file.value = ""; take(event.dataTransfer.files[0]); });
  return {
    box,
    field: { name: "history", typical: true },
    write(isTypical) { file.value = ""; input.value = isTypical ? typicalTable() : ""; draw(); },
    readRow() {
      const own = row();
      if (!own) { input.focus(); throw new Error("give the past of a series: a line of column names, and a line per step."); }
      return own;
    },
  };
}

function typicalTable() {
  const told = model.history;
  const fields = model.fields.filter((field) => field.name !== told.series);
  const steps = fields.find((field) => field.name === told.time).typical.length;
  const cell = (field, step) => (Array.isArray(field.typical) ? field.typical[step] : field.typical) ?? "";
  const isOfDays = fields.every((field) => field.name !== told.time || field.typical.every((one) => /T00:00:00$/.test(one)));
  const quoted = (text) => (/[",\n]/.test(text) ? `"${String(text).replaceAll('"', '""')}"` : String(text));
  const lines = Array.from({ length: steps }, (_, step) => fields.map((field) => quoted(isOfDays && field.name === told.time ? cell(field, step).slice(0, 10) : cell(field, step))).join(","));
  return [fields.map((field) => quoted(field.name)).join(","), ...lines].join("\n");
}

// ------------------------------------------------------------ the forecast

function shape(name, options) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(options)) { if (key === "text") made.textContent = value; else made.setAttribute(key, value); }
  return made;
}

function ticks(low, high) {
  const rough = (high - low) / 5 || 1;
  const base = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * base).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9 * step; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

function shortTime(moment) { return String(moment).replace("T", " ").replace(/:00$/, "").replace(/ 00:00$/, ""); }

function forecastChart(target, row, answer, width) {
  const told = model.history;
  const levels = model.answers.filter((one) => one.target === target && one.level !== null).sort((a, b) => a.level - b.level);
  const bands = [[levels[0], levels.at(-1)]];
  const inner = [levels.find((one) => one.level >= 0.25), levels.findLast((one) => one.level <= 0.75)];
  if (inner[0] && inner[1] && inner[0].level < 0.5 && inner[0] !== levels[0]) bands.push(inner);
  const end = lastKnown(row) + 1;
  const past = row[target].slice(Math.max(0, end - Math.max(3 * told.horizon, 24)), end);
  const every = [...past, ...answer[target], ...bands.flat().flatMap((one) => answer[one.name])].filter((one) => one !== null);
  const [least, most] = [Math.min(...every), Math.max(...every)];
  const [low, high] = [least - 0.05 * (most - least || 1), most + 0.05 * (most - least || 1)];
  const height = Math.round(Math.max(190, 0.5 * width));
  const marks = ticks(low, high);
  const left = 12 + 7.2 * Math.max(...marks.map((one) => rounded(one, 6).length));
  const total = past.length + told.horizon;
  const x = (step) => left + ((width - left - 8) * step) / Math.max(1, total - 1);
  const y = (value) => 8 + ((height - 34) * (high - value)) / (high - low);
  const label = `${target}: the next ${told.horizon} steps, ${percent(levels.at(-1).level - levels[0].level)} of the future expected in the band`;
  const made = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "forecast", role: "img", "aria-label": label });
  for (const one of marks) {
    made.append(shape("line", { class: "grid", x1: left, x2: width - 8, y1: y(one), y2: y(one) }), shape("text", { x: left - 6, y: y(one) + 4, "text-anchor": "end", text: rounded(one, 6) }));
  }
  const from = past.length - 1;
  const start = past[from];
  const ahead = (values) => (start === null ? [] : [[x(from), y(start)]]).concat(values.map((value, step) => [x(past.length + step), y(value)]));
  const line = (points) => points.map((one) => one.map((part) => part.toFixed(1)).join(",")).join(" ");
  for (const [lower, upper] of bands) {
    made.append(shape("polygon", { class: "band", points: line([...ahead(answer[lower.name]), ...ahead(answer[upper.name]).reverse()]) }));
  }
  // A gap parts the line.
  let run = [];
  const flush = () => { if (run.length) made.append(shape("polyline", { class: "past", points: line(run) })); run = []; };
  past.forEach((value, step) => { if (value === null) flush(); else run.push([x(step), y(value)]); });
  flush();
  made.append(shape("polyline", { class: "median", points: line(ahead(answer[target])) }));
  made.append(shape("line", { class: "now", x1: x(from), x2: x(from), y1: 8, y2: height - 26 }));
  const texts = [[shortTime(answer[told.time].at(-1)), width - 8, "end"], [shortTime(row[told.time][end - 1]), x(from), "middle"]];
  const room = width - 8 - 7.2 * texts[0][0].length;
  texts.filter(([text, at, anchor]) => anchor === "end" || (at + 3.6 * text.length < room - 10 && at - 3.6 * text.length > 0)).forEach(([text, at, anchor]) => made.append(shape("text", { x: at, y: height - 8, "text-anchor": anchor, text })));
  return made;
}

function showForecast(answer, row) {
  const told = model.history;
  const width = Math.max(280, Math.min(680, $("result").clientWidth || 480));
  const made = [];
  for (const target of told.targets) {
    const levels = model.answers.filter((one) => one.target === target && one.level !== null);
    const [low, high] = [levels[0], levels.at(-1)];
    made.push(element("h3", { text: answer[told.series] ? `${target}, ${answer[told.series]}` : target }), forecastChart(target, row, answer, width));
    made.push(element("p", { class: "legend" }, element("span", {}, element("i"), "median"), element("span", {}, element("i", { class: "band" }), `quantiles ${low.level} to ${high.level}`)));
    const head = element("tr", {}, ...[told.time, "median", `from ${low.level}`, `to ${high.level}`].map((text) => element("th", { scope: "col", text })));
    const lines = answer[told.time].map((moment, step) => element("tr", {}, element("th", { scope: "row", text: shortTime(moment) }), ...[target, low.name, high.name].map((name) => element("td", { text: rounded(answer[name][step], 5) }))));
    made.push(element("details", {}, element("summary", { text: "The numbers" }), element("div", { class: "scroll" }, element("table", { class: "steps" }, head, ...lines))));
  }
  const names = model.answers.filter((one) => one.num_steps !== null).map((one) => one.name);
  const text = [names.join(","), ...answer[told.time].map((_, step) => names.map((name) => answer[name][step]).join(","))].join("\n");
  made.push(element("p", {}, element("a", { download: `${model.name}.csv`, href: `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`, text: "All quantiles as CSV" })));
  $("result").replaceChildren(...made);
}
