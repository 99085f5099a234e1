// The list of conversations beside the page: to open, rename and delete them.

import { state } from "./state.js";
import { conversations, forget, newConversation, openConversation, refreshed, save } from "./store.js";
import { $, choose, element, plain, t } from "./words.js";

const TITLE = 60;
let open = () => {};

// Say what is done with a conversation that is chosen in the list.
export function onChoice(act) {
  open = act;
}

function nameOf(conversation) {
  return conversation.name || conversation.turns[0]?.question.slice(0, TITLE) || t("conversation.untitled");
}

export function showConversations() {
  const list = $("conversations");
  list.replaceChildren();
  for (const conversation of conversations()) {
    const item = element("li");
    const name = nameOf(conversation);
    const button = element("button", { type: "button", text: name, title: plain(name) });
    if (conversation.id === state.conversation.id) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => open(openConversation(conversation.id)));
    item.append(button, tool("rename", conversation, rename), tool("delete", conversation, remove));
    list.append(item);
  }
  $("clear").hidden = !list.children.length;
  $("bar").hidden = !state.conversation.turns.length;
  $("name").textContent = plain(nameOf(state.conversation));
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
  const position = conversations().findIndex(({ id }) => id === kept.id);
  $("conversations").children[position]?.querySelector(".rename").focus();
}

async function remove(conversation) {
  if (!(await choose(t("conversation.delete_sure")))) return;
  forget(conversation.id);
  if (conversation.id === state.conversation.id) open(newConversation());
  else {
    showConversations();
    $("new").focus();
  }
}

export async function clearAll() {
  if (!(await choose(t("conversation.clear_sure")))) return;
  conversations().forEach(({ id }) => forget(id));
  open(newConversation());
}
