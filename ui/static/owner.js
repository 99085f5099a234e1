// Who may see a page for document owners, and how they sign in.

import { send } from "./server.js";
import { element, t } from "./words.js";

// Return whether the person is an owner; if not, show how to become one.
export function admitted(place, start, again) {
  if (start?.owner) return true;
  place.replaceChildren();
  if (!start) {
    place.append(element("p", { class: "problem", role: "alert", text: t("owner.unreachable") }));
    return false;
  }
  if (start.entrance === "here") {
    place.append(element("p", { text: t("owner.only") }));
    return false;
  }
  const byCode = start.entrance === "code";
  const form = element("form");
  const label = element("label", { text: t(byCode ? "owner.code" : "owner.password") });
  const box = element("input", byCode
    ? { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: "" }
    : { type: "password", autocomplete: "current-password", required: "" });
  const problem = element("p", { class: "problem", role: "alert" });
  const enter = element("button", { type: "submit", class: "first", text: t("owner.enter") });
  label.append(box);
  const row = element("div", { class: "filters" });
  row.append(label, enter);
  form.append(element("p", { text: t("owner.sign-in") }));
  if (byCode) form.append(element("p", { class: "quiet", text: t("owner.code_where") }));
  form.append(row, problem);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await send("POST", "api/owner", { password: box.value });
      start.owner = true;
      again();
    } catch (error) {
      const wrong = byCode ? "owner.code_wrong" : "owner.wrong";
      problem.textContent = t({ 403: wrong, 429: "owner.often" }[error.status] ?? "failed");
    }
  });
  place.append(form);
  box.focus();
  return false;
}

// Show what went wrong; who is no longer signed in can sign in again.
export function failed(place, error, start, again) {
  if (error.status === 403) {
    start.owner = false;
    admitted(place, start, again);
  } else place.replaceChildren(element("p", { class: "problem", role: "alert", text: t("failed") }));
}

export function signOut(start, again) {
  const button = element("button", { type: "button", class: "link", text: t("owner.leave") });
  button.addEventListener("click", async () => {
    await send("DELETE", "api/owner").catch(() => null);
    start.owner = false;
    again();
  });
  return button;
}

export function cell(name, content, className = "") {
  const made = element("td", { "data-name": t(name), class: className });
  made.append(content);
  return made;
}

// A table with these columns; on a narrow screen its box scrolls.
export function table(columns, rows) {
  const box = element("div", { class: "table" });
  const made = element("table");
  const head = element("thead");
  const names = element("tr");
  for (const name of columns) names.append(element("th", { scope: "col", text: t(name) }));
  head.append(names);
  const body = element("tbody");
  body.append(...rows);
  made.append(head, body);
  box.append(made);
  return box;
}

export function line(cells) {
  const made = element("tr");
  made.append(...cells);
  return made;
}
