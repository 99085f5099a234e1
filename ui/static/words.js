// The words of the page in both languages, and small helpers to show them.

export const data = JSON.parse(document.getElementById("data").textContent);
let shown = data.language;

export const $ = (id) => document.getElementById(id);

export const language = () => shown;

export function setLanguage(chosen) {
  shown = chosen;
  document.cookie = `trichdan_language=${chosen}; path=${location.pathname}; max-age=31536000; samesite=lax`;
}

export function t(name, values = {}) {
  const text = data.texts[shown][name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function translate() {
  document.documentElement.lang = shown;
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === shown));
}

// Without the characters that turn the direction of text, by which names read as others.
export const plain = (text) => String(text).replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

export function element(name, { text, ...attributes } = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = plain(text);
  return made;
}

export function announce(text) {
  $("announce").textContent = "";
  setTimeout(() => { $("announce").textContent = plain(text); }, 50);
}

let fading;
export function toast(text) {
  $("toast").textContent = plain(text);
  clearTimeout(fading);
  fading = setTimeout(() => { $("toast").textContent = ""; }, 4000);
}

// Ask for a yes or for some words; null if the person thinks better of it.
let asking = Promise.resolve();
export function choose(text, fields = [], yes = t("ok")) {
  asking = asking.then(() => chosen(text, fields, yes)); // one after the other
  return asking;
}

// Tell something that needs no choice.
export const tell = (text) => choose(text, null);

function chosen(text, fields, yes) {
  const dialog = $("dialog");
  const opener = document.activeElement;
  $("dialog-text").textContent = plain(text);
  $("dialog-yes").textContent = yes;
  $("dialog-no").textContent = t("cancel");
  $("dialog-no").hidden = fields === null;
  fields ??= [];
  $("dialog-fields").replaceChildren(
    ...fields.map(({ name, label, value = "", long = false, secret = false }) => {
      const row = element("label", { text: label });
      const box = element(long ? "textarea" : "input", { name, ...(long ? { rows: 3 } : { type: secret ? "password" : "text" }), maxlength: 2000 });
      box.value = value;
      row.append(box);
      return row;
    }),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (opener?.isConnected) opener.focus();
      if (dialog.returnValue !== "yes") return resolve(null);
      resolve(Object.fromEntries(fields.map(({ name }) => [name, dialog.querySelector(`[name="${name}"]`).value])));
    }, { once: true });
  });
}
