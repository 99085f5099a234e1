// The documents: what is there, adding, replacing, removing, and bringing the index up to date.

import { get, send } from "./server.js";
import { admitted, cell, failed, line, signOut, table } from "./owner.js";
import { announce, choose, element, language, t, tell, toast } from "./words.js";

const POLL_MS = 500;
const COLUMNS = ["documents.name", "documents.date", "documents.passages", "documents.state", "documents.actions"];

export async function showDocuments(place, start, open) {
  const again = () => showDocuments(place, start, open);
  if (!admitted(place, start, again)) return;
  let listed;
  try {
    listed = await get("api/documents");
  } catch (error) {
    failed(place, error, start, again);
    return;
  }
  const status = element("div", { class: "status" });
  place.replaceChildren(dropZone(listed.kinds, again), status, table(COLUMNS, listed.documents.map((row) => rowOf(row, again, open))));
  if (listed.problem) place.prepend(element("p", { class: "problem", role: "alert", text: listed.problem[language()] }));
  place.append(exampleChoice());
  if (listed.can_sign_out) place.append(signOut(start, again));
  showStatus(status, listed, again);
}

// The questions that the first screen shows, one a line; without any they are made from the documents.
function exampleChoice() {
  const box = element("details", { class: "examples-choice" });
  box.append(element("summary", { text: t("examples.choose") }));
  const label = element("label", { text: t("examples.lines") });
  const lines = element("textarea", { rows: 6 });
  const save = element("button", { type: "button", class: "second", text: t("examples.save") });
  label.append(lines);
  box.append(element("p", { class: "quiet", text: t("examples.how") }), label, save);
  box.addEventListener("toggle", async () => {
    if (!box.open) return;
    const chosen = await get("api/examples").catch(() => null);
    if (chosen) lines.value = chosen.lines.join("\n");
    else toast(t("failed"));
  });
  save.addEventListener("click", async () => {
    try {
      await send("PUT", "api/examples", { lines: lines.value.split("\n").slice(0, 100) });
      toast(t("examples.saved"));
    } catch (error) {
      await tell(reasonOf(error, t("examples.choose")));
    }
  });
  return box;
}

function dropZone(kinds, again) {
  const zone = element("div", { class: "drop" });
  const input = element("input", { type: "file", multiple: "", accept: kinds.join(","), id: "files", class: "hidden", tabindex: "-1", "aria-hidden": "true" });
  const button = element("button", { type: "button", class: "link", text: t("documents.choose") });
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => add([...input.files], again));
  zone.append(element("span", { text: `${t("documents.drop")} ` }), button, input, element("p", { class: "quiet", text: t("documents.kinds", { kinds: kinds.join(" ") }) }));
  const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => { over(false)(event); add([...event.dataTransfer.files], again); });
  return zone;
}

async function add(files, again, as = null) {
  const problems = [];
  const added = [];
  for (const file of files) {
    const name = as ?? file.name;
    try {
      await put(name, file, Boolean(as));
      added.push(name);
    } catch (error) {
      if (error.detail?.exists && (await choose(t("documents.exists_sure", { name })))) {
        await put(name, file, true).then(() => added.push(name), (again) => problems.push(reasonOf(again, name)));
      } else if (!error.detail?.exists) problems.push(reasonOf(error, name));
    }
  }
  await again();
  if (added.length) announce(t("documents.added", { name: added.join(", ") }));
  if (problems.length) await tell(problems.join("\n"));
  else if (added.length) toast(t("documents.added", { name: added.join(", ") }));
}

const put = (name, file, replacing) =>
  send("PUT", `api/documents?${new URLSearchParams({ name, replacing })}`, file);

/** What is said of an indexing that failed. */
function failure(indexing) {
  return t("documents.index_failed", { error: indexing.error[language()] });
}

function reasonOf(error, name) {
  const reason = error.detail?.reason?.[language()] ?? t("failed");
  return reason.includes(name) ? reason : `${name}: ${reason}`;
}

function shownDate(day) {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return day || "–";
  return new Date(day).toLocaleDateString(language() === "vi" ? "vi-VN" : "en-GB", { timeZone: "UTC" });
}

function rowOf(row, again, open) {
  const name = element("div");
  name.append(element("strong", { text: row.title }), element("br"), element("span", { class: "quiet", text: row.source }));
  const state = element("div", { class: `state-${row.state}`, text: t(`state.${row.state}`) });
  if (row.standing) state.append(element("p", { class: "warning", text: t(`standing.${row.standing}`) }));
  if (row.reason) state.append(element("p", { class: "quiet", text: row.reason[language()] }));
  return line([
    cell("documents.name", name),
    cell("documents.date", shownDate(row.date), "day"),
    cell("documents.passages", String(row.passages), "number"),
    cell("documents.state", state),
    cell("documents.actions", actions(row, again, open)),
  ]);
}

function actions(row, again, open) {
  const group = element("div", { class: "group" });
  const button = (name, act) => {
    const made = element("button", { type: "button", class: "link", text: t(name) });
    made.append(element("span", { class: "hidden", text: ` ${row.source}` }));
    made.addEventListener("click", () => act(made));
    group.append(made);
  };
  if (row.passages) button("documents.open", (opener) => open(row.source, opener));
  if (row.state !== "gone") {
    button("documents.replace", () => {
      const input = element("input", { type: "file" });
      input.addEventListener("change", () => add([...input.files].slice(0, 1), again, row.source));
      input.click();
    });
    button("documents.remove", () => remove(row, again));
  }
  return group;
}

async function remove(row, again) {
  if (!(await choose(t("documents.remove_sure", { name: row.source })))) return;
  try {
    await send("DELETE", `api/documents?${new URLSearchParams({ d: row.source })}`);
    toast(t("documents.removed", { name: row.source }));
  } catch (error) {
    await tell(reasonOf(error, row.source));
  }
  await again();
}

function showStatus(place, { documents, indexing }, again) {
  place.replaceChildren();
  if (indexing.running) {
    const words = indexing.total ? t("documents.indexing", indexing) : t("documents.indexing_begun");
    const bar = element("progress", { "aria-label": words, ...(indexing.total ? { max: indexing.total, value: indexing.done } : {}) });
    place.append(bar, element("span", { text: words }));
    setTimeout(() => poll(place, again), POLL_MS);
    return;
  }
  if (indexing.error) place.append(element("p", { class: "problem", role: "alert", text: failure(indexing) }));
  const waiting = documents.some(({ state }) => state === "waiting" || state === "gone");
  const button = element("button", { type: "button", class: waiting ? "first" : "second", text: t("documents.index") });
  button.addEventListener("click", async () => {
    button.disabled = true;
    await send("POST", "api/indexing").catch(() => toast(t("failed")));
    poll(place, again);
  });
  place.append(button, element("span", { class: "quiet", text: t(waiting ? "documents.waiting" : "documents.indexed") }));
}

async function poll(place, again) {
  if (!place.isConnected) return;
  try {
    const indexing = await get("api/indexing");
    if (indexing.running) showStatus(place, { documents: [], indexing }, again);
    else {
      await again();
      announce(indexing.error ? failure(indexing) : t("documents.indexed"));
    }
  } catch {
    setTimeout(() => poll(place, again), 4 * POLL_MS);
  }
}
