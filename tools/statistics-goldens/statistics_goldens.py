"""Reference values for the statistics in packages/eval, by scipy and numpy, independently of them.

    python tools/statistics-goldens/statistics_goldens.py     # needs numpy and scipy; prints JSON

What it prints is written down in packages/eval/test/statistics-goldens.test.ts.
"""
import json

import numpy as np
from scipy import stats


def mcnemar(lost, won):
    return stats.binomtest(min(lost, won), lost + won, 0.5).pvalue if lost + won else 1.0


def wilson(successes, count):
    interval = stats.binomtest(successes, count).proportion_ci(0.95, method="wilson")
    return [interval.low, interval.high]


def agresti_min(count, lost, won):
    """Agresti and Min 2005: the Wald interval after half a pair was added to each cell."""
    n, b, c = count + 2, lost + 0.5, won + 0.5
    d = (c - b) / n
    half = stats.norm.ppf(0.975) * np.sqrt(b + c - (c - b) ** 2 / n) / n
    return [d - half, d + half]


def sample(seed, prompts, repeats):
    """Prompts with an ease of their own: repeats of a prompt are alike. The same numbers as in the test."""
    state = seed
    values = []
    for _ in range(prompts):
        state = (state * 1103515245 + 12345) % 2147483648
        ease = state / 2147483648
        row = []
        for _ in range(repeats):
            state = (state * 1103515245 + 12345) % 2147483648
            row.append(1.0 if state / 2147483648 < ease else 0.0)
        values.append(row)
    return np.array(values)


def cluster_bootstrap(values, resamples=200_000, seed=1):
    """Percentile interval of the mean, prompts drawn with all their repeats."""
    rng = np.random.default_rng(seed)
    means = values.mean(axis=1)
    drawn = rng.integers(0, len(means), size=(resamples, len(means)))
    return np.quantile(means[drawn].mean(axis=1), [0.025, 0.975]).tolist()


def naive_bootstrap(values, resamples=20_000, seed=1):
    rng = np.random.default_rng(seed)
    flat = values.ravel()
    drawn = rng.integers(0, len(flat), size=(resamples, len(flat)))
    return np.quantile(flat[drawn].mean(axis=1), [0.025, 0.975]).tolist()


def needed(margin, discordance, power=0.8, alpha=0.025):
    z = stats.norm.ppf(1 - alpha) + stats.norm.ppf(power)
    return int(np.ceil(z * z * discordance / margin**2))


values = sample(7, 120, 5)
print(
    json.dumps(
        {
            "mcnemar": [[b, c, mcnemar(b, c)] for b, c in [(0, 0), (5, 0), (1, 7), (10, 10), (86, 150), (13, 31), (900, 1100), (3, 0)]],
            "wilson": [[k, n, *wilson(k, n)] for k, n in [(0, 10), (81, 100), (991, 1000), (10, 10), (1, 1)]],
            "agrestiMin": [[n, b, c, *agresti_min(n, b, c)] for n, b, c in [(300, 0, 0), (100, 7, 2), (1319, 31, 13)]],
            "normal": [[p, stats.norm.ppf(p)] for p in [1e-9, 0.001, 0.02, 0.025, 0.1, 0.5, 0.8, 0.9, 0.975, 0.9999]],
            "clusterMean": float(values.mean()),
            "clusterBootstrap": cluster_bootstrap(values),
            "naiveBootstrap": naive_bootstrap(values),
            "clusterWald": float(1.96 * values.mean(axis=1).std(ddof=0) / np.sqrt(len(values))),
            "needed": [[m, d, needed(m, d)] for m, d in [(0.01, 0.04), (0.02, 0.04), (0.01, 0.05), (0.005, 0.01)]],
        },
        indent=1,
    )
)
