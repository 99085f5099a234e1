"""The chat page: Gradio wiring, and nothing else. What is shown is made in render.py."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import QuestionError, SettingsError
from ui.render import render_answer, render_failure, render_question, render_question_error
from ui.texts import EXAMPLES

__all__ = ["build_page", "serve"]

_logger = logging.getLogger(__name__)
_STYLE = Path(__file__).parent / "style.css"
_SANS = ["Noto Sans", "Segoe UI", "system-ui", "sans-serif"]
_THEME = gr.themes.Soft(
    primary_hue="teal", neutral_hue="slate", font=_SANS, font_mono=["monospace"]
)
_MAX_SHOWN = 300  # characters of a question that is too long to be asked
_REMEMBERED = 10  # earlier questions of a conversation

_SHOW_LAST_QUESTION = """() => {
  const asked = [...document.querySelectorAll("#td-chat .td-asked")].pop();
  const top = (element) => element.getBoundingClientRect().top;
  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowY);
  let log = asked && asked.parentElement;
  while (log && !(scrolls(log) && log.scrollHeight > log.clientHeight)) log = log.parentElement;
  if (log) log.scrollTop += top(asked) - top(log) - 24;
}"""
"""Lets the person read an answer from its beginning, however long it is."""

Messages = list[dict[str, Any]]


def build_page(assistant: Assistant) -> gr.Blocks:
    """Return the page over an index."""

    def respond(
        question: str, messages: Messages, earlier: list[str]
    ) -> Iterator[tuple[str, Messages, list[str]]]:
        """Show the question at once, then its answer."""
        shown = question if len(question) <= _MAX_SHOWN else question[:_MAX_SHOWN] + "…"
        messages = [*messages, _message("user", render_question(shown))]
        asked = [*earlier, question][-_REMEMBERED:]
        yield "", messages, asked
        answer = _answer(assistant, question, earlier)
        yield "", [*messages, _message("assistant", answer)], asked

    count = assistant.manifest.documents
    page: gr.Blocks = gr.Blocks(title="Trích Dẫn", analytics_enabled=False)
    with page:
        gr.HTML(
            '<header class="td-head"><h1>Trích Dẫn</h1>'
            f'<p lang="vi">Hỏi {count} tài liệu bằng tiếng Việt (có dấu hay không dấu) hoặc tiếng '
            "Anh, và đọc đúng câu trả lời trong nguyên văn.</p>"
            f'<p lang="en">Ask {count} documents in Vietnamese or English, and read the very '
            "sentences that answer.</p></header>"
        )
        chat = gr.Chatbot(
            show_label=False,
            height="60vh",
            elem_id="td-chat",
            autoscroll=False,
            layout="panel",
            buttons=[],
            placeholder="Câu trả lời sẽ hiện ở đây · Answers appear here",
        )
        earlier = gr.State([])
        with gr.Row(equal_height=True):
            box = gr.Textbox(
                placeholder="Nhập câu hỏi · Type a question",
                label="Câu hỏi · Question",
                show_label=False, lines=1, max_lines=4, autofocus=True, scale=8,
                elem_id="td-question",
            )  # fmt: skip
            button = gr.Button(
                "Hỏi · Ask", variant="primary", scale=1, min_width=110, elem_id="td-ask"
            )
        gr.Examples([[example] for example in EXAMPLES], box, label="Ví dụ · Examples")
        chat.clear(list, None, earlier, api_visibility="private")
        for event in (box.submit, button.click):
            event(
                respond,
                [box, chat, earlier],
                [box, chat, earlier],
                show_progress="hidden",
                api_visibility="private",
            ).then(js=_SHOW_LAST_QUESTION)
    return page


def _message(role: str, html: str) -> dict[str, Any]:
    return {"role": role, "content": gr.HTML(html)}


def _answer(assistant: Assistant, question: str, earlier: list[str]) -> str:
    """Return the answer as HTML; whatever goes wrong, the person gets a sentence."""
    try:
        return render_answer(assistant.ask(question, [{"question": one} for one in earlier]))
    except QuestionError as error:
        return render_question_error(error)
    except Exception:
        _logger.exception("a question could not be answered")
        return render_failure()


def serve(index: Path, *, host: str, port: int) -> None:
    """Serve the page until interrupted, and print its address.

    Raises:
        SettingsError: If the port cannot be used.
        TrichDanError: If the index cannot be opened.
    """
    _check_port(host, port)
    page = build_page(Assistant.open(index))
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        footer_links=[],
        theme=_THEME,
        css_paths=_STYLE,
        favicon_path=_STYLE.with_name("favicon.svg"),
        enable_monitoring=False,
        ssr_mode=False,
    )
    print(f"Trích Dẫn: http://{host}:{port}  (Ctrl+C to stop)", flush=True)  # noqa: T201
    page.block_thread()


def _check_port(host: str, port: int) -> None:
    """Find out before the model is loaded whether the port is free."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"the page cannot be served on {host}:{port}: {reason}; choose another with --port"
        ) from error
