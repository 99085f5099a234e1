// The chat page: what its buttons, keys and address do.

import { copy } from "./clipboard.js";
import { clearAll, onChoice, showConversations } from "./conversations.js";
import { send } from "./server.js";
import { closeSource, showSourceAgain, step } from "./source.js";
import { state } from "./state.js";
import { newConversation, refreshed } from "./store.js";
import { act, ask, isBusy, run, showTurns } from "./turns.js";
import { closeSide, followAddress, showView, switchTo } from "./views.js";
import { fetchStart, showCollections, showExamples, showFacts } from "./welcome.js";
import { $, element, language, setLanguage, t, toast, translate } from "./words.js";

async function exportAs(form, suffix) {
  const turns = state.conversation.turns.filter((turn) => turn.state === "answered").map(({ question, answered, sure, differ, quotes }) => ({ question, answered, sure, differ, quotes }));
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

function grow() {
  const box = $("question");
  box.rows = Math.min(5, Math.max(1, box.value.split("\n").length, Math.ceil(box.value.length / Math.max(20, box.clientWidth / 9))));
}

onChoice(switchTo);
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = $("question").value;
  if (isBusy() || !question.trim()) return;
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
  act(button);
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
    showSourceAgain();
    const view = document.body.dataset.view;
    if (view !== "ask") showView(view);
  });
}
window.addEventListener("popstate", followAddress);
window.addEventListener("storage", () => {
  const count = state.conversation.turns.length;
  refreshed(state.conversation.id);
  if (state.conversation.turns.length > count) showTurns();
  else showConversations();
});
// A file that is dropped beside its place must not take the page away.
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());

translate();
showExamples();
showTurns();
followAddress();
fetchStart();
const waiting = state.conversation.turns.at(-1);
if (waiting?.state === "asked") run(waiting); // the page was reloaded in mid-answer
