// Conversations, kept in this browser: each under a key of its own. A tab has one object of each, and
// what other tabs have added to it meanwhile is merged in.

const PREFIX = "trichdan.conversation.";
const HERE = "trichdan.current"; // in this tab
const MOST = 100;
const opened = new Map();
const forgotten = new Set();

export function conversations() {
  const kept = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const key = localStorage.key(i);
    if (!key.startsWith(PREFIX)) continue;
    const conversation = read(key.slice(PREFIX.length));
    if (conversation) kept.push(conversation);
  }
  return kept.sort((a, b) => b.changed - a.changed);
}

function read(id) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + id));
    return Array.isArray(kept?.turns) && kept.id ? kept : null;
  } catch {
    return null;
  }
}

export function newConversation() {
  const id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const made = { id, name: "", changed: Date.now(), turns: [] };
  sessionStorage.setItem(HERE, id);
  opened.set(id, made);
  return made;
}

export function openConversation(id = sessionStorage.getItem(HERE)) {
  const kept = id && (refreshed(id) ?? null);
  if (!kept) return newConversation();
  sessionStorage.setItem(HERE, id);
  return kept;
}

// Return the tab's object of a conversation, with what is kept of it.
export function refreshed(id) {
  const kept = read(id);
  const ours = opened.get(id);
  if (!ours) {
    if (kept) opened.set(id, kept);
    return kept;
  }
  if (kept) merge(ours, kept);
  return ours;
}

function merge(ours, kept) {
  const here = new Map(ours.turns.map((turn) => [turn.id, turn]));
  for (const turn of kept.turns) {
    const own = here.get(turn.id);
    if (!own) ours.turns.push(turn);
    else if (!own.html && turn.html) Object.assign(own, turn);
  }
  if (kept.changed > ours.changed) ours.name = kept.name;
}

export function forget(id) {
  forgotten.add(id);
  opened.delete(id);
  localStorage.removeItem(PREFIX + id);
}

// Keep a conversation; where there is no more room the oldest ones go.
export function save(conversation) {
  if (!conversation.turns.length || forgotten.has(conversation.id)) return;
  const kept = read(conversation.id);
  if (!kept && conversation.kept) return; // another tab has deleted it
  if (kept) merge(conversation, kept);
  conversation.changed = Date.now();
  conversation.kept = true;
  const others = conversations().filter(({ id }) => id !== conversation.id);
  others.slice(MOST - 1).forEach(({ id }) => forget(id));
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
