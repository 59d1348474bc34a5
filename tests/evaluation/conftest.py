import numpy as np
import pytest

from lamina.evaluation.predictions import Predictions
from tests.evaluation.made_boxes import boxes


def make_classes(num_rows=200, num_classes=3, *, seed=0, strength=1.5, ties=False):
    random = np.random.default_rng(seed)
    targets = random.integers(0, num_classes, num_rows)
    logits = random.normal(size=(num_rows, num_classes))
    logits[np.arange(num_rows), targets] += strength
    if ties:
        logits = np.round(logits)
    values = np.exp(logits)
    return Predictions("classes", values / values.sum(1, keepdims=True)), targets


def make_labels(num_rows=150, num_labels=4, *, seed=0):
    random = np.random.default_rng(seed)
    targets = (random.random((num_rows, num_labels)) < 0.4).astype(float)
    values = np.clip(0.3 * targets + 0.7 * random.random((num_rows, num_labels)), 0, 1)
    return Predictions("labels", values), targets


def make_numbers(num_rows=150, num_targets=1, *, seed=0):
    random = np.random.default_rng(seed)
    targets = random.normal(10, 2, size=(num_rows, num_targets))
    return Predictions("numbers", targets + random.normal(size=targets.shape)), targets


def make_quantiles(num_rows=150, *, seed=0):
    random = np.random.default_rng(seed)
    targets = random.normal(10, 2, size=(num_rows, 1))
    middle = targets + random.normal(size=targets.shape)
    return Predictions("quantiles", middle + np.array([-1.6, 0, 1.6]), (0.05, 0.5, 0.95)), targets


def make_likelihoods(num_rows=120, *, seed=0):
    random = np.random.default_rng(seed)
    tokens = random.integers(5, 30, num_rows).astype(float)
    nats = tokens * random.uniform(1.0, 3.0, num_rows)
    return Predictions("likelihoods", np.stack([nats, tokens, 2 * tokens], 1)), np.zeros(num_rows)


def make_fill_ins(num_rows=120, *, seed=0):
    predictions, targets = make_likelihoods(num_rows, seed=seed)
    hits = np.random.default_rng(seed).uniform(0, 0.9, num_rows) * predictions.values[:, 1]
    return Predictions("fill_ins", np.column_stack([predictions.values, hits.round()])), targets


def make_forecasts(num_rows=60, *, seed=0):
    random = np.random.default_rng(seed)
    future = random.normal(10, 2, size=(num_rows, 4, 2))
    middle = future + random.normal(size=future.shape)
    values = middle[..., None] + np.array([-1.6, 0, 1.6])
    targets = np.concatenate([future, np.full((num_rows, 2, 2), 2.0)], axis=1)
    flat = values.reshape(num_rows, -1)
    return Predictions("forecasts", flat, (0.05, 0.5, 0.95)), targets


def make_embeddings(num_rows=40, *, seed=0, noise=0.7):
    random = np.random.default_rng(seed)
    identities = np.arange(num_rows) % 8
    vectors = random.normal(size=(8, 5))[identities] + noise * random.normal(size=(num_rows, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.concatenate([np.zeros((num_rows, 2)), vectors], axis=1)
    return Predictions("embeddings", values), identities[:, None].astype(float)


def make_texts(num_rows=40, *, seed=0):
    random = np.random.default_rng(seed)
    words = ["a", "dog", "runs", "over", "the", "green", "hill"]
    true = [list(random.choice(words, random.integers(4, 9))) for _ in range(num_rows)]
    own = [[w if random.random() < 0.8 else "cat" for w in row] for row in true]
    own[0] = true[0]
    targets = np.array([" ".join(row) for row in true], dtype=object)
    values = np.stack([random.uniform(1, 9, num_rows), np.full(num_rows, 9.0)], axis=1)
    return Predictions("texts", values, texts=tuple(" ".join(row) for row in own)), targets


def make_tag_sequences(num_rows=40, *, seed=0):
    random = np.random.default_rng(seed)
    true, own = [], []
    for _ in range(num_rows):
        tags = random.choice(["O", "O", "B-town", "B-day"], random.integers(3, 9)).tolist()
        true.append(tags)
        wrong = random.choice(["O", "B-day"], len(tags)).tolist()
        own.append([t if random.random() < 0.8 else w for t, w in zip(tags, wrong)])
    true[0] = own[0] = ["B-town", "I-town", "O"]
    targets = np.array([" ".join(row) for row in true], dtype=object)
    values = np.stack([random.uniform(1, 9, num_rows), [len(row) for row in true]], axis=1)
    texts = tuple(" ".join(row) for row in own)
    return Predictions("tag_sequences", values, texts=texts), targets


def masks(num_rows=40):
    """Masks of three classes in which one pixel in four is wrong."""
    rng = np.random.default_rng(7)
    targets = rng.integers(0, 3, (num_rows, 50), dtype=np.uint8)
    values = np.where(rng.random(targets.shape) < 0.25, (targets + 1) % 3, targets)
    return Predictions("masks", values, num_classes=3), targets


MAKERS = {
    "boxes": boxes,
    "masks": masks,
    "tag_sequences": make_tag_sequences,
    "texts": make_texts,
    "embeddings": make_embeddings,
    "forecasts": make_forecasts,
    "classes": make_classes,
    "labels": make_labels,
    "numbers": make_numbers,
    "quantiles": make_quantiles,
    "likelihoods": make_likelihoods,
    "fill_ins": make_fill_ins,
}


@pytest.fixture(params=sorted(MAKERS))
def answers(request):
    return MAKERS[request.param]()
