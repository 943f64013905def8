"use strict";
// Sorts, filters and unfolds. All texts are in the page already and were escaped there; nothing is loaded or sent.
(() => {
  const by = (id) => document.getElementById(id);
  const FEW = 300; // so many are made into elements at once, so that the browser's own search finds their texts
  const MOST_UNFOLDED = 200;
  const LOT = 25; // so many findings are laid out, or left out because they are far from the screen, together
  const HEIGHT = 6; // rem that a folded finding takes, about

  // What is folded stands in <noscript>, which a browser with scripts reads as one text: the page's own, escaped HTML.
  const unpack = (details) => {
    const packed = details.querySelector(":scope > noscript");
    if (packed) {
      const made = document.createElement("template");
      made.innerHTML = packed.textContent;
      packed.replaceWith(made.content);
    }
  };
  document.addEventListener("toggle", (event) => event.target.open && unpack(event.target), true);

  const folded = [...document.querySelectorAll("details")];
  const findings = [...document.querySelectorAll(".finding")].map((element, place) => ({
    element, place, lot: element.parentElement, band: element.closest(".band"), words: null,
    severity: element.dataset.v, host: element.dataset.h, detection: element.dataset.d, time: Number(element.dataset.t),
  }));
  const bands = [...document.querySelectorAll(".band")];
  const form = by("controls");

  if (folded.length <= FEW) folded.forEach(unpack);

  // Printing shows everything, as it was folded before afterwards.
  let opened = [];
  const unfoldAll = () => {
    for (const details of folded) unpack(details);
    opened = opened.concat(folded.filter((details) => !details.open));
    for (const details of opened) details.open = true;
  };
  const foldAgain = () => {
    for (const details of opened) details.open = false;
    opened = [];
  };
  addEventListener("beforeprint", unfoldAll);
  addEventListener("afterprint", foldAgain);
  matchMedia("print").addEventListener("change", (event) => (event.matches ? unfoldAll() : foldAgain()));

  // The text of a finding as people see it, in lower case.
  const ENTITIES = { "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&" };
  const wordsOf = (one) => {
    if (one.words === null) {
      const packed = one.element.querySelector(":scope > noscript");
      const shown = one.element.firstElementChild.textContent;
      const rest = packed
        ? packed.textContent.replace(/<[^>]*>/g, " ").replace(/&(?:lt|gt|#34|#39|amp);/g, (entity) => ENTITIES[entity])
        : one.element.lastElementChild.textContent;
      one.words = (shown + " " + rest).toLowerCase();
    }
    return one.words;
  };

  const filter = () => {
    const words = by("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
    const host = by("host").value;
    const detection = by("detection").value;
    const left = new Map(bands.map((band) => [band, 0]));
    let shown = 0;
    for (const one of findings) {
      const fits = severities.has(one.severity) && (!host || host === one.host) && (!detection || detection === one.detection)
        && words.every((word) => wordsOf(one).includes(word));
      one.element.hidden = !fits;
      if (fits) {
        shown += 1;
        left.set(one.band, left.get(one.band) + 1);
      }
    }
    const sorted = by("order").value !== "risk";
    for (const [band, count] of left) {
      const all = findings.reduce((sum, one) => sum + (one.band === band), 0);
      band.hidden = sorted || count === 0;
      band.querySelector(".count").textContent = (count === all ? "" : count + " of ") + all + (all === 1 ? " finding" : " findings");
    }
    for (const lot of by("findings").querySelectorAll(".lot")) {
      const count = lot.querySelectorAll(":scope > .finding:not([hidden])").length;
      lot.hidden = count === 0;
      lot.style.containIntrinsicBlockSize = `auto ${count * HEIGHT}rem`;
    }
    by("nothing").hidden = shown > 0;
    by("shown").textContent = shown === findings.length
      ? shown + (shown === 1 ? " finding" : " findings") : shown + " of " + findings.length + " findings";
  };

  const ORDERS = {
    first: (a, b) => a.time - b.time,
    last: (a, b) => b.time - a.time,
    detection: (a, b) => a.detection - b.detection,
  };
  const sort = () => {
    const order = by("order").value;
    const sorted = by("sorted");
    if (order === "risk") {
      for (const one of findings) one.lot.append(one.element);
      sorted.replaceChildren();
    } else {
      const places = new Map([...by("host").options].map((option, place) => [option.value, place]));
      const compare = order === "host" ? (a, b) => places.get(a.host) - places.get(b.host) : ORDERS[order];
      const all = [...findings].sort((a, b) => compare(a, b) || a.place - b.place);
      const lots = [];
      for (let start = 0; start < all.length; start += LOT) {
        const lot = document.createElement("div");
        lot.className = "lot";
        lot.append(...all.slice(start, start + LOT).map((one) => one.element));
        lots.push(lot);
      }
      sorted.replaceChildren(...lots);
    }
    sorted.hidden = order === "risk";
  };

  // A link may lead into what is folded, or to a finding that a filter hides.
  const follow = () => {
    const id = location.hash.slice(1);
    const place = /^[fh]\d+/.exec(id);
    const element = place && by(place[0]);
    if (!element) return;
    if (element.hidden) {
      form.reset();
      sort();
      filter();
    }
    unpack(element);
    element.open = true;
    (by(id) || element).scrollIntoView();
    element.firstElementChild.focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);

  if (form) {
    let waiting = 0;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 80);
    });
    by("order").addEventListener("change", () => {
      sort();
      filter();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { sort(); filter(); }));
    by("unfold").addEventListener("click", () => {
      const shown = findings.filter((one) => !one.element.hidden);
      for (const one of shown.slice(0, MOST_UNFOLDED)) one.element.open = true;
    });
    form.hidden = false;
  }
  follow();
  document.documentElement.dataset.ready = "true";
})();
