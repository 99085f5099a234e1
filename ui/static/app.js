// The chat page. What is shown of answers and documents comes from the server as sanitised HTML.

import { conversations, forget, newConversation, openConversation, refreshed, save } from "./store.js";
import { askServer, get, send } from "./server.js";
import { showDocuments } from "./documents.js";
import { showQuestions } from "./questions.js";
import { $, announce, choose, element, language, plain, setLanguage, t, toast, translate } from "./words.js";

const data = JSON.parse($("data").textContent);
const SLOW_MS = 300;
const LONG_MS = 2500;
const TITLE = 60;
const EARLIER = 10; // questions that go with a question
const LONGEST_EARLIER = 2000;
const LONGEST_TYPED = 30000; // more is told to be too long all the same

let current = openConversation();
let examples = data.examples;
let start = null;
let busy = false;
let running = null; // the turn that is being answered
let source = null; // what the panel shows: { places, index, opener }

// ---- conversations -------------------------------------------------------------------------

function nameOf(conversation) {
  return conversation.name || conversation.turns[0]?.question.slice(0, TITLE) || t("conversation.untitled");
}

function showConversations() {
  const list = $("conversations");
  list.replaceChildren();
  for (const one of conversations()) {
    const item = element("li");
    const open = element("button", { type: "button", text: nameOf(one), title: plain(nameOf(one)) });
    if (one.id === current.id) open.setAttribute("aria-current", "true");
    open.addEventListener("click", () => switchTo(openConversation(one.id)));
    item.append(open, tool("rename", one, rename), tool("delete", one, remove));
    list.append(item);
  }
  $("clear").hidden = !list.children.length;
  $("bar").hidden = !current.turns.length;
  $("name").textContent = plain(nameOf(current));
}

function tool(kind, conversation, act) {
  const button = element("button", { type: "button", class: `icon ${kind}` });
  const label = `${t(`conversation.${kind}`)}: ${nameOf(conversation)}`;
  button.append(element("span", { class: "hidden", text: label }));
  button.addEventListener("click", () => act(conversation));
  return button;
}

async function rename(conversation) {
  const given = await choose(t("conversation.rename"), [
    { name: "name", label: t("conversation.name"), value: nameOf(conversation) },
  ]);
  if (!given) return;
  const kept = refreshed(conversation.id) ?? conversation;
  kept.changed = Date.now();
  kept.name = given.name.trim().slice(0, 120);
  save(kept);
  showConversations();
  const position = conversations().findIndex((one) => one.id === kept.id);
  $("conversations").children[position]?.querySelector(".rename").focus();
}

async function remove(conversation) {
  if (!(await choose(t("conversation.delete.sure")))) return;
  forget(conversation.id);
  if (conversation.id === current.id) switchTo(newConversation());
  else {
    showConversations();
    $("new").focus();
  }
}

async function clearAll() {
  if (!(await choose(t("conversation.clear.sure")))) return;
  conversations().forEach((one) => forget(one.id));
  switchTo(newConversation());
}

function switchTo(conversation) {
  current = conversation;
  closeSide();
  closeSource({ silently: true });
  showView("ask", { push: true });
  showTurns();
  $("question").focus();
}

// ---- questions and answers -----------------------------------------------------------------

function showTurns() {
  $("turns").replaceChildren(...current.turns.map(showTurn));
  $("welcome").hidden = current.turns.length > 0;
  showConversations();
  const last = current.turns.at(-1);
  if (last) reveal(last.id);
}

function showTurn(turn) {
  const box = element("div", { class: "turn", id: turn.id });
  const asked = element("div", { class: "asked" });
  const heading = element("h2");
  heading.append(element("span", { class: "hidden", text: `${t("asked")}: ` }), plain(turn.question));
  asked.append(heading);
  if (turn.follows) asked.prepend(element("span", { class: "tag", text: t("follow-up") }));
  box.append(asked);
  const body = element("div", { class: "said" });
  if (turn.html) body.innerHTML = turn.html;
  else if (turn !== running) body.append(lostNote(turn));
  box.append(body);
  markOpinion(box, turn);
  return box;
}

function lostNote(turn) {
  const note = element("div", { role: "alert" });
  const again = element("button", { type: "button", class: "second", text: t("retry") });
  again.addEventListener("click", () => { focusBox(); run(turn); });
  note.append(element("p", { class: "problem", text: t(turn.problem?.busy ? "busy" : "lost") }));
  if (turn.problem?.words) note.append(element("p", { lang: "en", text: turn.problem.words }));
  note.append(again);
  return note;
}

async function ask(question, asTyped = false) {
  question = question.trim();
  if (!question || busy) return;
  const turn = { id: `t${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`, question, asTyped, collections: [$("collection").value].filter(Boolean), state: "asked", quotes: [] };
  current.turns.push(turn);
  running = turn;
  save(current);
  $("welcome").hidden = true;
  $("turns").append(showTurn(turn));
  showConversations();
  focusBox();
  await run(turn);
}

// The box is where the next question goes; on a touch screen it would bring up the keyboard.
function focusBox() {
  if (matchMedia("(pointer: coarse)").matches) $("turns").focus({ preventScroll: true });
  else $("question").focus({ preventScroll: true });
}

async function run(turn) {
  if (busy) return;
  busy = true;
  running = turn;
  $("ask").disabled = true;
  const conversation = current;
  const body = () => document.querySelector(`#${CSS.escape(turn.id)} .said`);
  body()?.replaceChildren();
  reveal(turn.id, true);
  const wait = (text) => () => body()?.replaceChildren(element("p", { class: "waiting", text: t(text) }));
  const timers = [setTimeout(wait("asking"), SLOW_MS), setTimeout(wait("asking.long"), LONG_MS)];
  const position = conversation.turns.indexOf(turn);
  const before = turn.asTyped ? [] : conversation.turns.slice(0, position);
  const asked = {
    question: turn.question.slice(0, LONGEST_TYPED),
    language: language(),
    earlier: before.slice(-EARLIER).map((one) => one.question.slice(0, LONGEST_EARLIER)),
    as_typed: Boolean(turn.asTyped),
    collections: turn.collections ?? [],
  };
  try {
    const { first, failed, refused, ...found } = await askServer(asked, () => { timers.forEach(clearTimeout); wait("asking.busy")(); });
    Object.assign(turn, found, { state: failed || refused ? "refused" : "answered" });
    if (turn.state === "refused") announce(new DOMParser().parseFromString(turn.html, "text/html").body.textContent);
    else announce(turn.answered ? t("announce.found", { text: first }) : t("announce.none"));
  } catch (error) {
    turn.state = "lost";
    turn.html = "";
    turn.problem = { busy: error.status === 503, words: error.words ?? "" };
    announce(t(turn.problem.busy ? "busy" : "lost"));
  } finally {
    timers.forEach(clearTimeout);
    busy = false;
    running = null;
    $("ask").disabled = false;
  }
  save(conversation);
  const shown = document.getElementById(turn.id);
  if (shown) {
    shown.replaceWith(showTurn(turn));
    reveal(turn.id);
  }
}

// Bring a turn to the top of what scrolls; the page itself does in a low window only.
function reveal(id, smooth = false) {
  const node = document.getElementById(id);
  if (!node) return;
  const box = $("scroll");
  if (document.scrollingElement.scrollHeight > innerHeight + 1) {
    node.scrollIntoView({ block: "start", behavior: smooth ? "smooth" : "instant" }); // a low window
    return;
  }
  const top = box.scrollTop + node.getBoundingClientRect().top - box.getBoundingClientRect().top - 16;
  box.scrollTo({ top, behavior: smooth ? "smooth" : "instant" });
}

function turnOf(node) {
  const box = node.closest(".turn");
  return current.turns.find((one) => one.id === box?.id);
}

function markOpinion(box, turn) {
  for (const kind of ["helpful", "unhelpful"]) {
    const button = box.querySelector(`[data-act="${kind}"]`);
    button?.setAttribute("aria-pressed", String(turn.opinion === kind));
    button?.classList.toggle("given", turn.opinion === kind);
  }
  if (turn.passedOn) {
    const button = box.querySelector('[data-act="pass-on"]');
    const focused = button === document.activeElement;
    const note = element("span", { class: "quiet", tabindex: "-1", text: t("passed-on") });
    button?.replaceWith(note);
    if (focused) note.focus();
  }
}

async function giveOpinion(kind, turn) {
  const fields = [];
  if (kind !== "helpful") fields.push({ name: "reason", label: t("reason"), long: true });
  if (kind === "passed-on" && start?.keep_names) fields.push({ name: "person", label: t("name") });
  const words = { "passed-on": turn.question, unhelpful: t("kind.unhelpful") };
  const given = fields.length ? await choose(words[kind], fields, t("send")) : {};
  if (!given) return;
  const first = turn.quotes[0];
  const quoted = first ? `${first.source}:${first.start}-${first.end}` : "";
  try {
    await send("POST", "api/opinions", { kind, question: turn.question, understood: turn.understood ?? "", quoted, ...given });
  } catch (error) {
    toast(error.detail?.detail?.reason?.[language()] ?? t(error.status === 429 ? "often" : "failed"));
    return;
  }
  if (kind === "passed-on") turn.passedOn = true;
  else turn.opinion = kind;
  save(current);
  markOpinion(document.getElementById(turn.id), turn);
  toast(t(kind === "passed-on" ? "passed-on" : "thanks"));
}

const ACTS = {
  source: (button, turn) => openSourceOf(button, turn),
  copy: (button) => copy(button.dataset.copy),
  "as-typed": (_, turn) => ask(turn.question, true),
  helpful: (_, turn) => giveOpinion("helpful", turn),
  unhelpful: (_, turn) => giveOpinion("unhelpful", turn),
  "pass-on": (_, turn) => giveOpinion("passed-on", turn),
};

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    // Without HTTPS a browser gives no clipboard to another machine's page.
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    toast(t(done ? "copied" : "copy.failed"));
  }
}

// ---- the source panel ----------------------------------------------------------------------

function placeOf(figure) {
  const { source: d, start: s, end: e, hash: h, marks: m } = figure.dataset;
  return { d, s, e, h, m: m ?? "" };
}

function openSourceOf(button, turn) {
  const figures = [...document.getElementById(turn.id).querySelectorAll("figure.quote")];
  const index = figures.indexOf(button.closest("figure"));
  const places = figures.map(placeOf);
  openPlaces(places, index, button);
}

// A panel that is open already shows another quote, and is closed by one step back.
function openPlaces(places, index, opener) {
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
  $("source-title").textContent = t("source");
  $("source-body").replaceChildren(element("p", { class: "quiet", text: t("source.loading") }));
  if (focus) $("source-title").focus({ preventScroll: true });
  try {
    const found = await get(`api/source?${new URLSearchParams({ ...place, language: language() })}`);
    if (source?.places[source.index] !== place) return;
    $("source-title").textContent = plain(found.title);
    $("source-body").innerHTML = found.html;
    if (found.state !== "ok") $("source-body").prepend(element("p", { class: "changed", role: "alert", text: t(`source.${found.state}`) }));
    const quoted = document.getElementById("quoted");
    const box = $("source-body");
    const gap = quoted ? quoted.getBoundingClientRect().top - box.getBoundingClientRect().top : 0;
    box.scrollTo({ top: quoted ? gap - box.clientHeight / 4 : 0 });
  } catch {
    $("source-body").replaceChildren(element("p", { class: "problem", role: "alert", text: t("failed") }));
  }
}

function step(by) {
  source.index += by;
  const place = source.places[source.index];
  history.replaceState({ ...history.state, source: source.places, index: source.index }, "", `?${new URLSearchParams(place)}`);
  showSource();
}

function closeSource({ silently = false } = {}) {
  if ($("source").hidden) return;
  $("source").hidden = true;
  const opener = source?.opener;
  source = null;
  if (silently) return;
  if (history.state?.source && !history.state.alone) history.back();
  else history.replaceState({}, "", location.pathname);
  if (opener?.isConnected) opener.focus();
  else $("question").focus();
}

// ---- views, addresses, history -------------------------------------------------------------

const VIEWS = {
  ask: () => {},
  documents: (place) => showDocuments(place, start, openDocument),
  questions: (place) => showQuestions(place, start, (question) => { switchTo(newConversation()); ask(question); }),
};

function openDocument(name, opener) {
  openPlaces([{ d: name, s: 0, e: 0, h: "", m: "" }], 0, opener);
}

async function showView(name, { push = false, focus = false } = {}) {
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
    start ??= await get("api/start").catch(() => null);
    VIEWS[name]($(`${name}-view`).querySelector(".owner"));
    if (focus) $(`${name}-heading`).focus();
  } else if (focus) $("question").focus();
}

function followAddress() {
  const query = new URLSearchParams(location.search);
  const view = query.get("view");
  if (query.has("d")) {
    const known = history.state?.source;
    const place = Object.fromEntries(["d", "s", "e", "h", "m"].map((name) => [name, query.get(name) ?? ""]));
    if (!place.s) Object.assign(place, { s: 0, e: 0 });
    source = { places: known ?? [place], index: known ? history.state.index : 0, opener: source?.opener };
    if (!known) history.replaceState({ source: [place], index: 0, alone: true }, "");
    showSource();
  } else {
    const opener = source?.opener;
    const name = view in VIEWS ? view : "ask";
    closeSource({ silently: true });
    if (document.body.dataset.view !== name) showView(name);
    if (opener?.isConnected) opener.focus();
  }
}

function closeSide() {
  $("side").classList.remove("open");
  $("menu").setAttribute("aria-expanded", "false");
}

// ---- examples and facts --------------------------------------------------------------------

function showExamples() {
  $("examples").replaceChildren(
    ...(examples ?? []).map((text) => {
      const item = element("li");
      const button = element("button", { type: "button", text });
      button.addEventListener("click", () => ask(text));
      item.append(button);
      return item;
    }),
  );
}

async function fetchStart(tries = 40) {
  start = await get("api/start").catch(() => start);
  if (start?.examples) {
    examples = start.examples;
    showExamples();
  } else if (tries) setTimeout(() => fetchStart(tries - 1), 1000);
  showFacts();
  showCollections();
}

function showCollections() {
  const names = start?.collections ?? [];
  const chosen = $("collection").value;
  const options = [["", t("collections.all")], ...names.map((name) => [name, name])];
  $("collection").replaceChildren(...options.map(([value, text]) => element("option", { value, text })));
  $("collection").value = names.includes(chosen) ? chosen : "";
  $("collections").hidden = !names.length;
}

function showFacts() {
  const facts = start?.facts?.[language()];
  if (!facts) return;
  const newest = facts.newest ? `, ${t("newest", { date: facts.newest })}` : "";
  $("known").textContent = t(facts.count === 1 ? "knows.one" : "knows", facts) + newest;
}

async function exportAs(form, suffix) {
  const turns = current.turns.filter((one) => one.state === "answered").map(({ question, answered, sure, differ, quotes }) => ({ question, answered, sure, differ, quotes }));
  try {
    const response = await send("POST", "api/export", { turns, language: language(), form }, { whole: true });
    const link = element("a", { href: URL.createObjectURL(await response.blob()), download: `trich-dan-${new Date().toISOString().slice(0, 10)}.${suffix}` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch {
    toast(t("failed"));
  }
}

// ---- wiring --------------------------------------------------------------------------------

function grow() {
  const box = $("question");
  box.rows = Math.min(5, Math.max(1, box.value.split("\n").length, Math.ceil(box.value.length / Math.max(20, box.clientWidth / 9))));
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = $("question").value;
  if (busy || !question.trim()) return;
  $("question").value = "";
  grow();
  ask(question);
});
$("question").addEventListener("input", grow);
$("question").addEventListener("keydown", (event) => {
  // While an input method composes a syllable, Enter belongs to it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("form").requestSubmit();
});
$("turns").addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ACTS[button.dataset.act]?.(button, turnOf(button));
});
$("new").addEventListener("click", () => switchTo(newConversation()));
$("home").addEventListener("click", (event) => { event.preventDefault(); switchTo(newConversation()); });
$("clear").addEventListener("click", clearAll);
$("export-md").addEventListener("click", () => exportAs("markdown", "md"));
$("export-html").addEventListener("click", () => exportAs("html", "html"));
$("menu").addEventListener("click", () => {
  const open = $("side").classList.toggle("open");
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) $("new").focus();
});
$("source-close").addEventListener("click", () => closeSource());
$("source-previous").addEventListener("click", () => step(-1));
$("source-next").addEventListener("click", () => step(1));
$("source-link").addEventListener("click", () => copy(location.href));
$("views").addEventListener("click", (event) => {
  const link = event.target.closest("[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  closeSource({ silently: true });
  showView(link.dataset.view, { push: true, focus: true });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || $("dialog").open) return;
  if ($("side").classList.contains("open")) { closeSide(); $("menu").focus(); }
  else closeSource();
});
document.addEventListener("click", (event) => {
  if ($("side").classList.contains("open") && !event.target.closest("#side, #menu, dialog")) closeSide();
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    setLanguage(button.dataset.language);
    translate();
    showExamples();
    showFacts();
    showCollections();
    showConversations();
    if (source) showSource({ focus: false });
    const view = document.body.dataset.view;
    if (view !== "ask") showView(view);
  });
}
window.addEventListener("popstate", followAddress);
window.addEventListener("storage", () => {
  const count = current.turns.length;
  refreshed(current.id);
  if (current.turns.length > count) showTurns();
  else showConversations();
});
// A file that is dropped beside its place must not take the page away.
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());

translate();
showExamples();
showTurns();
followAddress();
fetchStart();
const waiting = current.turns.at(-1);
if (waiting?.state === "asked") run(waiting); // the page was reloaded in mid-answer
