// What each word of a written text, or each tag of a word, rests on: the answer as words to choose
// from, and the column coloured by the one that is chosen. Uses what page.js offers.
"use strict";

function restsFigure(told, areTags) {
  const { name, parts, places, falls } = told.written;
  const whole = told.inputs.find((one) => one.name === name).features.map((one) => one.attribution);
  const line = element("p", { class: "words" });
  const marks = places.map((text) => element("mark", { text }));
  for (const mark of marks) line.append(mark, " ");
  const summary = element("p", { class: "quiet", role: "status" });
  const all = falls.flat();
  function show(values, called) {
    // One scale for all words, so that what a word owes to nothing in particular stays pale.
    const most = Math.max(...(values === whole ? whole : all).map(Math.abs), 1e-9);
    marks.forEach((mark, place) => {
      mark.style.backgroundColor = colour(values[place], most);
      mark.title = rounded(values[place], 3);
    });
    const order = values.map((value, place) => [value, place]).filter(([value]) => value > 0.02 * most).sort(([a], [b]) => b - a).slice(0, 3);
    const rests = order.map(([value, place]) => `${places[place]} (${rounded(value, 3)})`).join(", ");
    const verb = areTags && values === whole ? "rest" : "rests";
    summary.textContent = rests ? `${called} ${verb} on: ${rests}` : `${called} ${verb} on no word of ${name} in particular.`;
  }
  const group = element("fieldset", { class: "chosen" }, element("legend", { text: "Choose a word to see what it rests on" }));
  function offer(text, values, called, isFirst) {
    const input = element("input", { type: "radio", name: "rests" });
    input.checked = isFirst;
    input.addEventListener("change", () => show(values, called));
    group.append(element("label", {}, input, element("span", { text })));
  }
  const entire = areTags ? "The tags" : "The text";
  offer("all of it", whole, entire, true);
  parts.forEach((part, place) => offer(part || "␣", falls[place], `“${part}”`, false));
  show(whole, entire);
  return element("div", { class: "rests" }, group, element("h3", { text: name }), line, summary);
}
