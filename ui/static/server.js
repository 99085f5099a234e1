// Requests to our own server.

const TIMEOUT_MS = 60_000;

export async function get(address) {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw Object.assign(new Error(String(response.status)), { status: response.status });
  return response.json();
}

export async function send(method, address, body, { whole = false } = {}) {
  const plain = body instanceof Blob;
  const response = await fetch(address, {
    method,
    headers: { "X-Trichdan": "1", ...(plain || body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: plain || body === undefined ? body : JSON.stringify(body),
  });
  if (!response.ok) {
    const error = new Error(String(response.status));
    error.status = response.status;
    error.detail = await response.json().catch(() => null);
    throw error;
  }
  return whole ? response : response.json();
}

// Ask, and if too many are waiting ask again when there should be room.
export async function askServer(asked, onWait = () => {}) {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const response = await fetch("api/ask", {
      method: "POST",
      headers: { "X-Trichdan": "1", "Content-Type": "application/json" },
      body: JSON.stringify(asked),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return response.json();
    const wait = Math.min(30, Number(response.headers.get("Retry-After")) || 2) * 1000;
    if (response.status !== 503 || Date.now() + wait > until) throw await problemOf(response);
    onWait();
    await new Promise((resolve) => { setTimeout(resolve, wait * (0.75 + Math.random() / 2)); });
  }
}

// What the server says is wrong with how it is reached: a line in Vietnamese, and one in English.
async function problemOf(response) {
  const words = response.status === 403 ? await response.text().catch(() => "") : "";
  return Object.assign(new Error(String(response.status)), { status: response.status, words });
}
