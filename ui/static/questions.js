// The questions that were passed on and what people thought of answers, for the owners.

import { get, send } from "./server.js";
import { admitted, cell, failed, line, table } from "./owner.js";
import { announce, element, language, t, toast } from "./words.js";

const KINDS = ["passed-on", "unhelpful", "helpful"];
const COLUMNS = ["questions.when", "questions.kind", "questions.question", "questions.reason", "documents.actions"];
const filter = { kind: "", state: "open", containing: "" };

export function showQuestions(place, start, ask) {
  if (!admitted(place, start, () => showQuestions(place, start, ask))) return;
  const list = element("div", { tabindex: "-1" });
  const csv = element("a", { class: "second", text: t("questions.csv"), download: "questions.csv" });
  const page = (before) => get(`api/questions?${new URLSearchParams(before ? { ...filter, before } : filter)}`);
  const rows = (entries) => entries.map((entry) => rowOf(entry, refresh, ask));
  const refresh = async () => {
    csv.href = `api/questions.csv?${new URLSearchParams(filter)}`;
    try {
      const { entries, more } = await page();
      list.replaceChildren(entries.length ? table(COLUMNS, rows(entries)) : element("p", { text: t("questions.none") }));
      if (more) list.append(moreButton(list, entries, page, rows));
      announce(t("questions.count", { count: entries.length }));
    } catch (error) {
      failed(place, error, start, () => showQuestions(place, start, ask));
    }
  };
  const filters = element("form", { class: "filters", role: "search" });
  filters.append(
    selection("kind", "questions.kind", [["", "questions.all"], ...KINDS.map((kind) => [kind, `kind.${kind}`])], refresh),
    selection("state", "documents.state", [["open", "questions.open"], ["resolved", "questions.resolved"], ["", "questions.all"]], refresh),
    searching(refresh),
    csv,
  );
  filters.addEventListener("submit", (event) => event.preventDefault());
  place.replaceChildren(filters, list);
  refresh();
}

// A button that shows older entries below those that are shown.
function moreButton(list, entries, page, rows) {
  let last = entries.at(-1).id;
  const button = element("button", { type: "button", class: "second", text: t("questions.more") });
  button.addEventListener("click", async () => {
    button.disabled = true;
    const older = await page(last).catch(() => null);
    button.disabled = false;
    if (!older) return toast(t("failed"));
    list.querySelector("tbody").append(...rows(older.entries));
    last = older.entries.at(-1)?.id ?? last;
    if (!older.more) button.remove();
    announce(t("questions.count", { count: list.querySelectorAll("tbody tr").length }));
  });
  return button;
}

function selection(name, label, options, refresh) {
  const row = element("label", { text: t(label) });
  const box = element("select");
  for (const [value, words] of options) box.append(element("option", { value, text: t(words), ...(filter[name] === value ? { selected: "" } : {}) }));
  box.addEventListener("change", () => { filter[name] = box.value; refresh(); });
  row.append(box);
  return row;
}

function searching(refresh) {
  const row = element("label", { text: t("questions.search") });
  const box = element("input", { type: "search" });
  box.value = filter.containing;
  let timer;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { filter.containing = box.value; refresh(); }, 250);
  });
  row.append(box);
  return row;
}

function rowOf(entry, refresh, ask) {
  const when = element("time", { datetime: entry.created, text: new Date(entry.created).toLocaleString(language()) });
  const question = element("div");
  question.append(element("strong", { text: entry.question }));
  if (entry.understood && entry.understood !== entry.question) question.append(element("br"), element("span", { class: "quiet", text: entry.understood }));
  if (entry.quoted) question.append(element("br"), element("span", { class: "quiet", text: entry.quoted }));
  const reason = element("div", { text: entry.reason || "–" });
  if (entry.person) reason.append(element("p", { class: "quiet", text: entry.person }));
  return line([
    cell("questions.when", when),
    cell("questions.kind", t(`kind.${entry.kind}`)),
    cell("questions.question", question),
    cell("questions.reason", reason),
    cell("documents.actions", actions(entry, refresh, ask)),
  ]);
}

function actions(entry, refresh, ask) {
  const group = element("div", { class: "group" });
  const settle = element("button", { type: "button", class: "link", text: t(entry.resolved ? "questions.reopen" : "questions.resolve") });
  settle.append(element("span", { class: "hidden", text: ` ${entry.question}` }));
  settle.addEventListener("click", async () => {
    await send("POST", `api/questions/${entry.id}`, { resolved: !entry.resolved }).catch(() => toast(t("failed")));
    await refresh();
    document.querySelector("#questions-view .owner > div")?.focus();
  });
  const again = element("button", { type: "button", class: "link", text: t("questions.ask") });
  again.append(element("span", { class: "hidden", text: ` ${entry.question}` }));
  again.addEventListener("click", () => ask(entry.question));
  group.append(settle, again);
  return group;
}
