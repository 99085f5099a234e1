// The first screen: examples to try, and what the server knows.

import { get } from "./server.js";
import { state } from "./state.js";
import { ask } from "./turns.js";
import { $, element, language, t } from "./words.js";

export function showExamples() {
  $("examples").replaceChildren(
    ...(state.examples ?? []).map((text) => {
      const item = element("li");
      const button = element("button", { type: "button", text });
      button.addEventListener("click", () => ask(text));
      item.append(button);
      return item;
    }),
  );
}

export async function fetchStart(tries = 40) {
  state.start = await get("api/start").catch(() => state.start);
  if (state.start?.examples) {
    state.examples = state.start.examples;
    showExamples();
  } else if (tries) setTimeout(() => fetchStart(tries - 1), 1000);
  showFacts();
  showCollections();
}

export function showCollections() {
  const names = state.start?.collections ?? [];
  const chosen = $("collection").value;
  const options = [["", t("collections.all")], ...names.map((name) => [name, name])];
  $("collection").replaceChildren(...options.map(([value, text]) => element("option", { value, text })));
  $("collection").value = names.includes(chosen) ? chosen : "";
  $("collections").hidden = !names.length;
}

export function showFacts() {
  const facts = state.start?.facts?.[language()];
  if (!facts) return;
  const newest = facts.newest ? `, ${t("newest", { date: facts.newest })}` : "";
  $("known").textContent = t(facts.count === 1 ? "knows_one" : "knows", facts) + newest;
}
