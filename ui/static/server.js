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

// Ask through Gradio's queue: a number first, then a stream of events until the answer is there.
export async function askServer(question, earlier, asTyped, collections) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const begun = await fetch("/gradio_api/call/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ data: [question, earlier, asTyped, collections] }),
    signal,
  });
  if (!begun.ok) throw new Error(String(begun.status));
  const { event_id: number } = await begun.json();
  const response = await fetch(`/gradio_api/call/ask/${number}`, { signal });
  if (!response.ok) throw new Error(String(response.status));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let answer = null;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    let end;
    while ((end = text.indexOf("\n\n")) >= 0) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const event = lines.find((line) => line.startsWith("event:"))?.slice(6).trim();
      const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
      if (event === "error") throw new Error(data);
      if (event === "generating" || event === "complete") {
        const [found] = JSON.parse(data) ?? [];
        if (found?.html) answer = found;
        if (event === "complete" && answer) return answer;
      }
    }
  }
  if (!answer) throw new Error("the answer broke off");
  return answer;
}
