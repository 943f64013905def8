// What a person would see on the page, for the tests.

const all = (within, selector) => [...within.querySelectorAll(selector)];
const text = (element) => element.innerText.trim();

/** The panels by the ids of their visualizations: what is written in them, a table's cells, how many marks a chart has. */
export function panels() {
  return Object.fromEntries(
    all(document, "[data-test=viz-item]").map((panel) => [
      panel.dataset.id,
      {
        text: text(panel),
        title: all(panel, "[data-test=viz-title]").map(text).join(),
        value: all(panel, "[data-test=majorValue]").map(text).join(),
        heading: all(panel, "[data-test=head-cell]").map(text),
        rows: all(panel, "[data-test=body] [data-test=row]").map((row) => all(row, "[data-test=cell]").map(text)),
        marks: all(panel, ".highcharts-series .highcharts-point").filter(isLarge).length,
      },
    ]),
  );
}

function isLarge(mark) {
  const { width, height } = mark.getBBox();
  return width > 0 && height > 0;
}

/**
 * What cannot be read: text that is cut off where nobody can scroll, that breaks within a word of
 * a heading, or that hardly differs from what is behind it.
 */
export function unreadable() {
  const boxes = all(document, "[data-test=viz-title], [data-test=viz-description], [data-test=markdown-container]");
  const cut = boxes.filter(
    ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
      scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 4,
  );
  cut.push(...all(document, "[data-test=underLabel]").filter((one) => width(one) > width(one.closest("[data-id]"))));
  const labels = all(document, "[data-test=head-cell] button > span:first-of-type");
  const broken = labels.filter((one) => one.getClientRects().length && isBroken(one));
  const written = all(document, "#view *, header *").filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()),
  );
  return [
    ...(document.documentElement.scrollWidth > window.innerWidth ? ["the page is wider than the window"] : []),
    ...cut.map((one) => `cut off: ${text(one)}`),
    ...broken.map((one) => `broken: ${text(one)}`),
    ...written.filter((one) => isSeen(one) && contrast(one) < 3).map((one) => `faint: ${one.textContent.trim()}`),
  ];
}

const width = (one) => one.getBoundingClientRect().width;

/** Whether a word of an element's text begins on one line and ends on another. */
function isBroken({ firstChild: node }) {
  const range = document.createRange();
  return [...node.data.matchAll(/\S+/g)].some(({ index, 0: word }) => {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  });
}

/** Whether text is meant to be read: shown, large enough to be no hint for screen readers, and not switched off. */
function isSeen(one) {
  const { width, height } = one.getBoundingClientRect();
  const off = one.closest("[data-test-disabled], [aria-hidden=true], [aria-disabled=true], defs, clipPath, title, desc");
  return width > 2 && height > 2 && !off && one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
}

/** The contrast of text and what is behind it, from 1 to 21, as WCAG 2 defines it. */
function contrast(one) {
  const style = getComputedStyle(one);
  const isDrawn = one instanceof SVGElement;
  const [light, dark] = [luminance(blend(isDrawn ? style.fill : style.color, one)), luminance(behind(one))].sort(
    (a, b) => b - a,
  );
  return (light + 0.05) / (dark + 0.05);
}

const channels = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);

function blend(colour, one) {
  const [red, green, blue, alpha = 1] = channels(colour);
  const back = alpha < 1 ? behind(one) : [0, 0, 0];
  return [red, green, blue].map((channel, at) => channel * alpha + back[at] * (1 - alpha));
}

/** The colour of the nearest surface, with those that shine through. */
function behind(one) {
  if (!one) {
    return [255, 255, 255];
  }
  const [red, green, blue, alpha = 1] = channels(getComputedStyle(one).backgroundColor);
  if (alpha === 1) {
    return [red, green, blue];
  }
  const back = behind(one.parentElement);
  return [red, green, blue].map((channel, at) => channel * alpha + back[at] * (1 - alpha));
}

function luminance(colour) {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
