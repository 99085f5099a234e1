// Conversations, kept in this browser: each under a key of its own, so that tabs do not overwrite
// each other's.

const PREFIX = "trichdan.conversation.";
const HERE = "trichdan.current"; // in this tab
const MOST = 100;

export function conversations() {
  const found = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const key = localStorage.key(i);
    if (!key.startsWith(PREFIX)) continue;
    const one = read(key);
    if (one) found.push(one);
  }
  return found.sort((a, b) => b.changed - a.changed);
}

function read(key) {
  try {
    const one = JSON.parse(localStorage.getItem(key));
    return Array.isArray(one?.turns) && one.id ? one : null;
  } catch {
    return null;
  }
}

export function newConversation() {
  const id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  sessionStorage.setItem(HERE, id);
  return { id, name: "", changed: Date.now(), turns: [] };
}

export function openConversation(id = sessionStorage.getItem(HERE)) {
  const known = id && read(PREFIX + id);
  if (!known) return newConversation();
  sessionStorage.setItem(HERE, id);
  return known;
}

export function forget(id) {
  localStorage.removeItem(PREFIX + id);
}

// Keep a conversation; where there is no more room the oldest ones go.
export function save(conversation) {
  if (!conversation.turns.length) return;
  conversation.changed = Date.now();
  const others = conversations().filter((one) => one.id !== conversation.id);
  others.slice(MOST - 1).forEach((one) => forget(one.id));
  for (;;) {
    try {
      localStorage.setItem(PREFIX + conversation.id, JSON.stringify(conversation));
      return;
    } catch {
      const oldest = others.pop();
      if (!oldest) return;
      forget(oldest.id);
    }
  }
}
