// What the page's modules share: what is asked, and what the server has told.

import { openConversation } from "./store.js";
import { data } from "./words.js";

export const state = {
  conversation: openConversation(),
  examples: data.examples,
  start: null, // what the server says of itself, once it has
};
