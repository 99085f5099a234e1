// The views of the page, the address of each, and which conversation is shown.

import { showDocuments } from "./documents.js";
import { showQuestions } from "./questions.js";
import { get } from "./server.js";
import { closeSource, openPlaces, showAddressed } from "./source.js";
import { state } from "./state.js";
import { newConversation } from "./store.js";
import { ask, showTurns } from "./turns.js";
import { $ } from "./words.js";

const VIEWS = {
  ask: () => {},
  documents: (place) => showDocuments(place, state.start, openDocument),
  questions: (place) => showQuestions(place, state.start, (question) => { switchTo(newConversation()); ask(question); }),
};

function openDocument(name, opener) {
  openPlaces([{ d: name, s: 0, e: 0, h: "", m: "" }], 0, opener);
}

export async function showView(name, { push = false, focus = false } = {}) {
  for (const view of Object.keys(VIEWS)) $(`${view}-view`).hidden = view !== name;
  for (const link of $("views").children) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.view = name;
  $(`${name}-view`).classList.toggle("page", name !== "ask");
  const search = name === "ask" ? "" : `?view=${name}`;
  if (push && location.search !== search) history.pushState({ view: name }, "", location.pathname + search);
  if (name !== "ask") {
    state.start ??= await get("api/start").catch(() => null);
    VIEWS[name]($(`${name}-view`).querySelector(".owner"));
    if (focus) $(`${name}-heading`).focus();
  } else if (focus) $("question").focus();
}

export function followAddress() {
  const query = new URLSearchParams(location.search);
  const view = query.get("view");
  if (query.has("d")) {
    const place = Object.fromEntries(["d", "s", "e", "h", "m"].map((name) => [name, query.get(name) ?? ""]));
    if (!place.s) Object.assign(place, { s: 0, e: 0 });
    showAddressed(place);
  } else {
    const name = view in VIEWS ? view : "ask";
    const opener = closeSource({ silently: true });
    if (document.body.dataset.view !== name) showView(name);
    if (opener?.isConnected) opener.focus();
  }
}

export function closeSide() {
  $("side").classList.remove("open");
  $("menu").setAttribute("aria-expanded", "false");
}

export function switchTo(conversation) {
  state.conversation = conversation;
  closeSide();
  closeSource({ silently: true });
  showView("ask", { push: true });
  showTurns();
  $("question").focus();
}
