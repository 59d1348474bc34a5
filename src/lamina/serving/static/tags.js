// Tags of words: each span, or each word, with what it is. Uses what page.js offers.
"use strict";

function tagged(pairs, name) {
  const list = element("ul", { class: "tagged", "aria-label": name });
  for (const [text, tag] of pairs) list.append(element("li", {}, text, " ", element("small", { text: tag })));
  return list;
}

// "san francisco (toloc.city_name)" and "flights/NNS": what stands last is the tag.
function parted(shown, mark) {
  const place = shown.lastIndexOf(mark);
  return place < 0 ? [shown, ""] : [shown.slice(0, place), shown.slice(place + mark.length).replace(/\)$/, "")];
}

function tagsFigure(answer, rests) {
  const spans = model.answers.find((one) => one.kind === "spans");
  const tags = model.answers.find((one) => one.kind === "tag_sequence");
  const sure = model.answers.find((one) => one.kind === "probability" && one.target === tags.target);
  const made = [element("h3", { text: spans ? spans.name : tags.name })];
  if (spans) {
    const found = answer[spans.name] ?? [];
    made.push(found.length ? tagged(found.map((one) => parted(one, " (")), spans.name) : element("p", { class: "quiet", text: "There are none." }));
  } else if (rests && rests.parts.length === answer[tags.name].length) {
    made.push(tagged(rests.parts.map((one) => parted(one, "/")), tags.name));
  } else {
    made.push(element("p", { class: "decision text", text: answer[tags.name].join(" ") }));
  }
  if (sure) made.push(element("p", { class: "quiet", text: `All tags are right with a probability of ${percent(answer[sure.name])}.` }));
  return element("div", {}, ...made);
}
