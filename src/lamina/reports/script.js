(function () {
  "use strict";
  var root = document.documentElement;
  var folds = Array.from(document.querySelectorAll("details"));
  var isPhone = window.matchMedia("(max-width: 60rem)").matches;

  document.getElementById("theme").addEventListener("click", function () {
    var dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : window.matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  if (isPhone) {
    folds.forEach(function (fold) {
      if (fold.dataset.phone === "closed") fold.open = false;
    });
  }

  function reveal() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    var fold = target && target.querySelector("details.fold");
    if (fold && !fold.open) {
      fold.open = true;
      target.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  var before = [];
  window.addEventListener("beforeprint", function () {
    before = folds.map(function (fold) { return fold.open; });
    folds.forEach(function (fold) { fold.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folds.forEach(function (fold, n) { fold.open = before[n]; });
  });

  var links = new Map();
  document.querySelectorAll("nav li a").forEach(function (link) {
    links.set(link.getAttribute("href").slice(1), link);
  });
  var watcher = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      links.forEach(function (link) { link.classList.remove("here"); });
      var link = links.get(entry.target.id);
      if (link) link.classList.add("here");
    });
  }, { rootMargin: "-15% 0px -75% 0px" });
  document.querySelectorAll("section[id], header[id]").forEach(function (part) {
    watcher.observe(part);
  });
})();
