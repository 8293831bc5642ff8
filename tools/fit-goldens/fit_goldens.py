"""Reference solutions for the fits in packages/train, by scipy, scikit-learn and numpy, independently of them.

    python tools/fit-goldens/fit_goldens.py              # needs numpy, scipy and scikit-learn; prints JSON
    python tools/fit-goldens/fit_goldens.py --time       # numpy's time for the paper's recipe, see tools/bench

What it prints is written down in packages/train/test/fit-goldens.test.ts.
"""
import json
import sys
import time

import numpy as np


def examples(count, size, seed=12345):
    """The same numbers as in the test: a linear congruential generator, six draws a normal number."""
    state = seed

    def uniform():
        nonlocal state
        state = (state * 1103515245 + 12345) % 2147483648
        return state / 2147483648

    rows = np.zeros((count, size), np.float32)
    correct = np.zeros(count, int)
    for i in range(count):
        truth = 0.0
        for j in range(size):
            value = sum(uniform() for _ in range(6)) - 3
            truth += value * (1 if j % 3 == 0 else -0.5 if j % 3 == 1 else 0)
            rows[i, j] = value * (1 + j) + 20 * (j - 2)
        correct[i] = int(uniform() < 1 / (1 + np.exp(-1.5 * (truth + 1))))
    return rows, correct


def logistic():
    from scipy.optimize import minimize
    from sklearn.linear_model import LogisticRegression

    rows, correct = examples(400, 7)
    raw = rows.astype(np.float64)
    mean, spread = raw.mean(0), raw.std(0)
    z = ((raw - mean) / spread).astype(np.float32).astype(np.float64)
    sign = 2 * correct - 1
    wrong_weight = correct.sum() / (len(correct) - correct.sum())
    weight = np.where(correct == 1, 1.0, wrong_weight)
    found = []
    for c in [1e-3, 1e-1, 10.0]:
        def loss(p):
            logit = z @ p[:-1] + p[-1]
            value = c * (weight * np.logaddexp(0, -sign * logit)).sum() + 0.5 * (p[:-1] ** 2).sum()
            slope = -c * weight * sign / (1 + np.exp(sign * logit))
            return value, np.append(z.T @ slope + p[:-1], slope.sum())

        by_scipy = minimize(loss, np.zeros(8), jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 5000}).x
        model = LogisticRegression(C=c, tol=1e-10, max_iter=10000).fit(z, correct, sample_weight=weight)
        by_sklearn = np.append(model.coef_[0], model.intercept_[0])
        assert np.abs(by_scipy - by_sklearn).max() < 1e-5, (by_scipy, by_sklearn)
        found.append({"c": c, "parameters": by_scipy.round(7).tolist()})
    return {"positive": int(correct.sum()), "firstRow": rows[0].tolist(), "fits": found}


def paper_recipe(count, size, epochs=5, batch=128):
    """AdamW, 1e-4, 0.1, batches of 128, weighted cross-entropy on standardised float32 rows; numpy on all cores."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((count, size), dtype=np.float32)
    correct = (rng.random(count) < 0.8).astype(np.float32)
    weight = np.where(correct == 1, 1, correct.sum() / (count - correct.sum())).astype(np.float32)
    began = time.perf_counter()
    mean, spread = rows.mean(0), rows.std(0)
    rows -= mean
    rows /= spread
    ready = time.perf_counter()
    w, b = np.zeros(size, np.float32), np.float32(0)
    first, second = np.zeros(size + 1, np.float32), np.zeros(size + 1, np.float32)
    steps = 0
    for _ in range(epochs):
        order = rng.permutation(count)
        for start in range(0, count, batch):
            pick = order[start : start + batch]
            x, y, v = rows[pick], correct[pick], weight[pick]
            slope = v * (1 / (1 + np.exp(-(x @ w + b))) - y) / len(pick)
            gradient = np.append(slope @ x, slope.sum())
            steps += 1
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient * gradient
            move = first / (1 - 0.9**steps) / (np.sqrt(second / (1 - 0.999**steps)) + 1e-8)
            w -= 1e-4 * (move[:-1] + 0.1 * w)
            b -= 1e-4 * move[-1]
    done = time.perf_counter()
    return {"rows": count, "inputs": size, "epochs": epochs, "standardise": ready - began, "fit": done - ready}


if "--time" in sys.argv:
    count, size = (int(value) for value in sys.argv[sys.argv.index("--time") + 1 :][:2] or (30_000, 16_384))
    print(json.dumps(paper_recipe(count, size)))
else:
    print(json.dumps(logistic(), indent=1))
