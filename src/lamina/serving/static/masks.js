// Masks over the picture that was asked about, with what their colours mean. Uses what page.js offers.
"use strict";

// Colours far apart around the circle, in a light and a dark row, so that neighbours in number differ.
function classColour(number) { return `hsl(${Math.round(number * 137.508) % 360} 75% ${number % 2 ? 38 : 56}%)`; }

// The mask as a picture of its own: one pixel per pixel, nothing where the class is hidden.
function maskImage(mask, hidden) {
  const [height, width] = mask.size;
  const canvas = element("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  let place = 0;
  mask.classes.forEach((number, run) => {
    let left = mask.counts[run];
    context.fillStyle = classColour(number);
    while (left > 0) {
      const x = place % width;
      const length = Math.min(left, width - x);
      if (!hidden.has(number)) context.fillRect(x, Math.floor(place / width), length, 1);
      place += length;
      left -= length;
    }
  });
  return canvas;
}

function maskFigure(one, answer) {
  const mask = answer[one.name];
  if (!mask) return element("p", { class: "decision" }, element("small", { text: one.name }), "–");
  const shares = model.answers.filter((each) => each.kind === "share" && each.target === one.target);
  const reader = readers.find((each) => each.field.modality === "image");
  const canvas = element("canvas", { role: "img", "aria-label": `${one.name} over the picture` });
  [canvas.height, canvas.width] = mask.size;
  const hidden = new Set();
  const strength = element("input", { type: "range", min: "0", max: "1", step: "0.05", value: "0.55", "aria-label": "how strong the colours are" });
  const image = new Image();
  function draw() {
    const context = canvas.getContext("2d");
    context.globalAlpha = 1;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (image.naturalWidth) context.drawImage(image, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = Number(strength.value);
    context.imageSmoothingEnabled = false;
    context.drawImage(maskImage(mask, hidden), 0, 0);
  }
  image.onload = draw;
  if (reader?.shown()) image.src = reader.shown();
  strength.addEventListener("input", draw);
  const legend = element("ul", { class: "legend" });
  shares.map((each, number) => ({ each, number, share: answer[each.name] }))
    .filter((row) => row.share > 0)
    .sort((a, b) => b.share - a.share)
    .forEach(({ each, number, share }) => {
      const box = element("input", { type: "checkbox" });
      box.checked = true;
      box.addEventListener("change", () => { if (box.checked) hidden.delete(number); else hidden.add(number); draw(); });
      const patch = element("span", { class: "patch", "aria-hidden": "true" });
      patch.style.backgroundColor = classColour(number);
      legend.append(element("li", {}, element("label", {}, box, patch, ` ${each.label} `, element("span", { class: "quiet", text: percent(share) }))));
    });
  draw();
  return element("figure", { class: "mask" }, element("figcaption", { class: "quiet", text: one.name }), canvas, element("label", { class: "quiet" }, "Colours ", strength), legend);
}
