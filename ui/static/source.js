// The panel beside the answers: a whole document, with the place that was quoted marked.

import { get } from "./server.js";
import { $, element, language, plain, t } from "./words.js";

let source = null; // what the panel shows: { places, index, opener }

function placeOf(figure) {
  const { source: d, start: s, end: e, hash: h, marks: m } = figure.dataset;
  return { d, s, e, h, m: m ?? "" };
}

export function openSourceOf(button, turn) {
  const figures = [...document.getElementById(turn.id).querySelectorAll("figure.quote")];
  const index = figures.indexOf(button.closest("figure"));
  const places = figures.map(placeOf);
  openPlaces(places, index, button);
}

// A panel that is open already shows another quote, and is closed by one step back.
export function openPlaces(places, index, opener) {
  const address = `?${new URLSearchParams(places[index])}`;
  const state = { source: places, index, alone: history.state?.alone };
  if (source && history.state?.source) history.replaceState(state, "", address);
  else history.pushState({ source: places, index }, "", address);
  source = { places, index, opener };
  showSource();
}

async function showSource({ focus = true } = {}) {
  const place = source.places[source.index];
  const panel = $("source");
  panel.hidden = false;
  const many = source.places.length > 1;
  for (const id of ["source-previous", "source-next", "source-count"]) $(id).hidden = !many;
  $("source-previous").disabled = source.index === 0;
  $("source-next").disabled = source.index === source.places.length - 1;
  $("source-count").textContent = `[${source.index + 1}] / ${source.places.length}`;
  $("source-link").textContent = t("copy.link");
  $("source-title").textContent = t("source.heading");
  $("source-body").replaceChildren(element("p", { class: "quiet", text: t("source.loading") }));
  if (focus) $("source-title").focus({ preventScroll: true });
  try {
    const shown = await get(`api/source?${new URLSearchParams({ ...place, language: language() })}`);
    if (source?.places[source.index] !== place) return;
    $("source-title").textContent = plain(shown.title);
    $("source-body").innerHTML = shown.html;
    if (shown.state !== "ok") $("source-body").prepend(element("p", { class: "changed", role: "alert", text: t(`source.${shown.state}`) }));
    const quoted = document.getElementById("quoted");
    const box = $("source-body");
    const gap = quoted ? quoted.getBoundingClientRect().top - box.getBoundingClientRect().top : 0;
    box.scrollTo({ top: quoted ? gap - box.clientHeight / 4 : 0 });
  } catch {
    $("source-body").replaceChildren(element("p", { class: "problem", role: "alert", text: t("failed") }));
  }
}

export function step(by) {
  source.index += by;
  const place = source.places[source.index];
  history.replaceState({ ...history.state, source: source.places, index: source.index }, "", `?${new URLSearchParams(place)}`);
  showSource();
}

// Close the panel, and return from where it was opened; silently leaves address and focus alone.
export function closeSource({ silently = false } = {}) {
  if ($("source").hidden) return null;
  $("source").hidden = true;
  const opener = source?.opener;
  source = null;
  if (silently) return opener;
  if (history.state?.source && !history.state.alone) history.back();
  else history.replaceState({}, "", location.pathname);
  if (opener?.isConnected) opener.focus();
  else $("question").focus();
  return opener;
}

// Show the place that the address names; after a step in the history, among those it stood with.
export function showAddressed(place) {
  const opened = history.state?.source;
  source = { places: opened ?? [place], index: opened ? history.state.index : 0, opener: source?.opener };
  if (!opened) history.replaceState({ source: [place], index: 0, alone: true }, "");
  showSource();
}

// Show an open panel again, in the language that was chosen meanwhile.
export function showSourceAgain() {
  if (source) showSource({ focus: false });
}
