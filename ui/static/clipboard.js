// Copying, with a word on whether it worked.

import { element, t, toast } from "./words.js";

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    // Without HTTPS a browser gives no clipboard to another machine's page.
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    toast(t(done ? "copied" : "copy.failed"));
  }
}
