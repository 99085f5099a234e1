"""The reading network whose windows can be compared."""

import torch

from rag.model.reading_network import ReadingNetwork

__all__ = ["ComparingNetwork"]


class ComparingNetwork(ReadingNetwork):
    """A reading network that judges a text by the mean of its tokens, not by the first.

    Its logits of spans are those of one softmax over all windows of a question and over "there is
    no answer", whose logit is 0.
    """

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of spans, (batch, tokens, 2), and of answering, (batch,)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return self.span(states), self.answers(torch.tanh(self.inner(mean))).squeeze(-1)
