"""A BERT encoder's forward pass over texts packed end to end, without padding.

The stock path pads every batch to its longest text and computes query, key and value apart. Packing all tokens of a
batch into one matrix, with one product for the three, makes the same vectors in about 0.7 of the processor time, and
embedding is nearly all of what ``add`` costs. Where there are several such matrices, each processor takes whole ones:
they wait for each other once, not at every product. It reads the weights of a loaded sentence-transformers model;
whoever uses it checks that the vectors agree, and keeps the stock path if they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from agentmem.protocols import FloatArray

MAX_TOKENS = 2_048
"""Tokens in one matrix: enough to keep the processor busy, few enough to stay in its cache."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer's weights, transposed for ``addmm``."""

    qkv: tuple[Tensor, Tensor]
    attention: tuple[Tensor, Tensor]
    attention_norm: Any
    up: tuple[Tensor, Tensor]
    down: tuple[Tensor, Tensor]
    norm: Any


class PackedBert:
    """Mean-pooled, normalised sentence vectors of a BERT model.

    Args:
        model: a sentence-transformers model whose first module is BERT and whose pooling is the mean.

    Raises:
        AttributeError: the model is built otherwise.
    """

    def __init__(self, model: Any) -> None:
        bert = model[0].auto_model
        self._tokenizer = model.tokenizer
        self._max_length = int(model.max_seq_length)
        self._embeddings = bert.embeddings
        self._heads = int(bert.config.num_attention_heads)
        self._width = int(bert.config.hidden_size)
        with torch.inference_mode():
            self._layers = [_layer(layer) for layer in bert.encoder.layer]

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, shape ``(len(texts), width)``."""
        found = np.empty((len(texts), self._width), dtype=np.float32)
        ids: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=self._max_length)["input_ids"]
        order = sorted(range(len(texts)), key=lambda number: -len(ids[number]))
        parts = _parts(order, [len(text) for text in ids], torch.get_num_threads())
        packed = [[ids[number] for number in part] for part in parts]
        for part, vectors in zip(parts, _each(self._forward, packed), strict=True):
            found[part] = vectors.numpy()
        return found

    @torch.inference_mode()
    def _forward(self, texts: list[list[int]]) -> Tensor:
        lengths = [len(text) for text in texts]
        tokens = torch.tensor([token for text in texts for token in text])
        positions = torch.cat([torch.arange(length) for length in lengths])
        embeddings = self._embeddings
        hidden = embeddings.word_embeddings.weight[tokens] + embeddings.position_embeddings.weight[positions]
        hidden = embeddings.LayerNorm(hidden + embeddings.token_type_embeddings.weight[0])
        runs, room = _runs(lengths), self._room(len(tokens))
        for layer in self._layers:
            torch.addmm(layer.qkv[1], hidden, layer.qkv[0], out=room.qkv)
            self._attend(room, runs)
            torch.addmm(layer.attention[1], room.attended, layer.attention[0], out=room.lowered)
            hidden = layer.attention_norm(room.lowered.add_(hidden))
            torch.addmm(layer.up[1], hidden, layer.up[0], out=room.raised)
            torch.ops.aten.gelu_(room.raised)
            torch.addmm(layer.down[1], room.raised, layer.down[0], out=room.lowered)
            hidden = layer.norm(room.lowered.add_(hidden))
        of_text = torch.repeat_interleave(torch.arange(len(texts)), torch.tensor(lengths))
        sums = torch.zeros(len(texts), self._width).index_add_(0, of_text, hidden)
        return functional.normalize(sums)  # the mean points where the sum does

    def _attend(self, room: _Room, runs: list[tuple[int, int, int]]) -> None:
        """Attention within each text; texts of one length go together."""
        for start, length, count in runs:
            rows = slice(start, start + length * count)
            shape = (count, length, self._heads, self._width // self._heads)
            query, key, value = room.qkv[rows].view(count, length, 3, *shape[2:]).permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(query, key, value)
            room.attended[rows].view(shape).copy_(mixed.transpose(1, 2))

    def _room(self, tokens: int) -> _Room:
        inner = self._layers[0].up[1].numel()
        return _Room(
            qkv=torch.empty(tokens, 3 * self._width),
            attended=torch.empty(tokens, self._width),
            raised=torch.empty(tokens, inner),
            lowered=torch.empty(tokens, self._width),
        )


@dataclass(frozen=True, slots=True)
class _Room:
    """What all layers write their products into: made once, for fresh memory costs as much as the activation does."""

    qkv: Tensor
    attended: Tensor
    raised: Tensor
    lowered: Tensor


def _layer(layer: Any) -> _Layer:
    own, after = layer.attention.self, layer.attention.output
    projections = (own.query, own.key, own.value)
    return _Layer(
        qkv=(
            torch.cat([part.weight for part in projections]).t().contiguous(),
            torch.cat([part.bias for part in projections]),
        ),
        attention=(after.dense.weight.t().contiguous(), after.dense.bias),
        attention_norm=after.LayerNorm,
        up=(layer.intermediate.dense.weight.t().contiguous(), layer.intermediate.dense.bias),
        down=(layer.output.dense.weight.t().contiguous(), layer.output.dense.bias),
        norm=layer.output.LayerNorm,
    )


def _parts(order: list[int], lengths: list[int], workers: int) -> list[list[int]]:
    """Cut an order of texts where the tokens would become too many, into like shares for so many workers."""
    total = sum(lengths)
    rounds = max(1, -(-total // (MAX_TOKENS * workers)))
    share = max(-(-total // (rounds * workers)), MAX_TOKENS // 4)  # of little text, the parts would not pay
    parts: list[list[int]] = [[]]
    taken = 0
    for number in order:
        if taken >= share or (parts[-1] and taken + lengths[number] > MAX_TOKENS):
            parts.append([])
            taken = 0
        parts[-1].append(number)
        taken += lengths[number]
    return parts


def _each(forward: Callable[[list[list[int]]], Tensor], packed: list[list[list[int]]]) -> Iterator[Tensor]:
    """``forward`` of each, in order: on as many threads as torch may use, each with one processor to itself."""
    threads = min(torch.get_num_threads(), len(packed))
    if threads < 2:
        yield from map(forward, packed)
        return
    allowed = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, "agentmem-embed", initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(forward, packed)
    finally:
        torch.set_num_threads(allowed)  # the setting is each thread's own, but also what threads made later begin with


def _runs(lengths: list[int]) -> list[tuple[int, int, int]]:
    """Neighbouring texts of one length: ``(first token, length, how many)``."""
    runs: list[tuple[int, int, int]] = []
    start = 0
    for length in lengths:
        if runs and runs[-1][1] == length:
            runs[-1] = (runs[-1][0], length, runs[-1][2] + 1)
        else:
            runs.append((start, length, 1))
        start += length
    return runs
