// Boxes over the picture that was asked about, with labels and scores. Uses what page.js and masks.js offer.
"use strict";

function boxesFigure(one, answer) {
  const boxes = answer[one.name];
  if (!boxes) return element("p", { class: "decision" }, element("small", { text: one.name }), "–");
  const labels = model.answers.filter((each) => each.target === one.target && each.label).map((each) => each.label);
  const number = (box) => Math.max(0, labels.indexOf(box.label));
  const reader = readers.find((each) => each.field.modality === "image");
  const canvas = element("canvas", { role: "img", "aria-label": `${one.name} over the picture` });
  const least = element("input", { type: "range", min: "0.3", max: "0.95", step: "0.05", value: "0.3", "aria-label": "least score of the boxes shown" });
  const list = element("ul", { class: "legend" });
  const image = new Image();
  function draw() {
    if (!image.naturalWidth) return;
    // Small pictures are drawn larger, so that lines and letters look alike in pictures of every size.
    const zoom = Math.max(1, 480 / image.naturalWidth);
    [canvas.width, canvas.height] = [Math.round(image.naturalWidth * zoom), Math.round(image.naturalHeight * zoom)];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const unit = canvas.width / 480;
    context.lineWidth = 2 * unit;
    context.font = `${Math.round(12 * unit)}px system-ui, sans-serif`;
    context.textBaseline = "top";
    const shown = boxes.filter((box) => box.score >= Number(least.value));
    for (const box of [...shown].reverse()) {
      context.strokeStyle = context.fillStyle = classColour(number(box));
      const [x0, y0, x1, y1] = [box.x0, box.y0, box.x1, box.y1].map((side) => side * zoom);
      context.strokeRect(x0, y0, x1 - x0, y1 - y0);
      const text = `${box.label} ${percent(box.score)}`;
      const top = Math.max(0, y0 - 15 * unit);
      context.fillRect(x0, top, context.measureText(text).width + 6 * unit, 15 * unit);
      context.fillStyle = "#fff";
      context.fillText(text, x0 + 3 * unit, top + unit);
    }
    const counts = new Map();
    for (const box of shown) counts.set(box.label, (counts.get(box.label) ?? 0) + 1);
    list.replaceChildren(...[...counts].map(([label, count]) => {
      const patch = element("span", { class: "patch", "aria-hidden": "true" });
      patch.style.backgroundColor = classColour(number({ label }));
      return element("li", {}, patch, ` ${label} × ${count}`);
    }));
    if (!shown.length) list.replaceChildren(element("li", { class: "quiet", text: "No box is that sure." }));
  }
  image.onload = draw;
  if (reader?.shown()) image.src = reader.shown();
  least.addEventListener("input", draw);
  return element("figure", { class: "mask" }, element("figcaption", { class: "quiet", text: one.name }), canvas, element("label", { class: "quiet" }, "Least score ", least), list);
}
