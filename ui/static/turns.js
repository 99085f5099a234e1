// Questions and their answers. What is shown of answers comes from the server as sanitised HTML.

import { copy } from "./clipboard.js";
import { showConversations } from "./conversations.js";
import { giveOpinion, markOpinion } from "./opinions.js";
import { askServer } from "./server.js";
import { openSourceOf } from "./source.js";
import { state } from "./state.js";
import { save } from "./store.js";
import { $, announce, element, language, plain, t } from "./words.js";

const SLOW_MS = 300;
const LONG_MS = 2500;
const EARLIER = 10; // questions that go with a question
const LONGEST_EARLIER = 2000;
const LONGEST_TYPED = 30000; // more is told to be too long all the same

let busy = false;
let running = null; // the turn that is being answered

export const isBusy = () => busy;

export function showTurns() {
  $("turns").replaceChildren(...state.conversation.turns.map(showTurn));
  $("welcome").hidden = state.conversation.turns.length > 0;
  showConversations();
  const last = state.conversation.turns.at(-1);
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
  const [vietnamese, english] = (turn.problem?.words ?? "").split("\n");
  const words = language() === "vi" ? vietnamese : english;
  if (words) note.append(element("p", { text: words }));
  note.append(again);
  return note;
}

export async function ask(question, asTyped = false) {
  question = question.trim();
  if (!question || busy) return;
  const turn = { id: `t${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`, question, asTyped, collections: [$("collection").value].filter(Boolean), state: "asked", quotes: [] };
  state.conversation.turns.push(turn);
  running = turn;
  save(state.conversation);
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

export async function run(turn) {
  if (busy) return;
  busy = true;
  running = turn;
  $("ask").disabled = true;
  const conversation = state.conversation;
  const body = () => document.querySelector(`#${CSS.escape(turn.id)} .said`);
  body()?.replaceChildren();
  reveal(turn.id, true);
  const wait = (text) => () => body()?.replaceChildren(element("p", { class: "waiting", text: t(text) }));
  const timers = [setTimeout(wait("asking"), SLOW_MS), setTimeout(wait("asking_long"), LONG_MS)];
  const position = conversation.turns.indexOf(turn);
  const before = turn.asTyped ? [] : conversation.turns.slice(0, position);
  const asked = {
    question: turn.question.slice(0, LONGEST_TYPED),
    language: language(),
    // What was understood of one carries its subject on.
    earlier: before.slice(-EARLIER).map((earlier) => (earlier.understood || earlier.question).slice(0, LONGEST_EARLIER)),
    as_typed: Boolean(turn.asTyped),
    collections: turn.collections ?? [],
  };
  try {
    const { first, failed, refused, ...answer } = await askServer(asked, () => { timers.forEach(clearTimeout); wait("asking_busy")(); });
    Object.assign(turn, answer, { state: failed || refused ? "refused" : "answered" });
    if (turn.state === "refused") announce(new DOMParser().parseFromString(turn.html, "text/html").body.textContent);
    else announce(turn.answered ? t("announce.found", { text: first }) : `${t("answer.not_found")}.`);
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
  return state.conversation.turns.find(({ id }) => id === box?.id);
}

const ACTS = {
  source: (button, turn) => openSourceOf(button, turn),
  copy: (button) => copy(button.dataset.copy),
  "as-typed": (_, turn) => ask(turn.question, true),
  helpful: (_, turn) => giveOpinion("helpful", turn),
  unhelpful: (_, turn) => giveOpinion("unhelpful", turn),
  "pass-on": (_, turn) => giveOpinion("passed-on", turn),
};

// Do what a button of an answer is for.
export function act(button) {
  ACTS[button.dataset.act]?.(button, turnOf(button));
}
