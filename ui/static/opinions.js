// What a person thinks of an answer, and questions that are passed on to the owners.

import { send } from "./server.js";
import { state } from "./state.js";
import { save } from "./store.js";
import { $, choose, element, language, t, toast } from "./words.js";

// Show in a turn's box what was thought of it.
export function markOpinion(box, turn) {
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

export async function giveOpinion(kind, turn) {
  const fields = [];
  if (kind !== "helpful") fields.push({ name: "reason", label: t("reason"), long: true });
  if (kind === "passed-on" && state.start?.keep_names) fields.push({ name: "person", label: t("name") });
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
  save(state.conversation);
  markOpinion($(turn.id), turn);
  toast(t(kind === "passed-on" ? "passed-on" : "thanks"));
}
