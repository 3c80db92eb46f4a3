"""Reference values of the metrics, by scikit-learn. Writes classes.csv, labels.csv, numbers.csv and expected.txt beside itself.

python make.py   (numpy, scikit-learn)
"""
from pathlib import Path

import numpy as np
from sklearn import metrics

here = Path(__file__).parent
rng = np.random.default_rng(7)
lines = []


def save(name, truth, answers, teacher):
    np.savetxt(here / name, np.column_stack([truth, answers, teacher]), fmt="%.6g", delimiter=",")


def read(name):
    return np.loadtxt(here / name, delimiter=",").astype(np.float32)


def say(task, metric, value):
    lines.append(f"{task} {metric} {value:.12f}")


# 12 classes, of which one never occurs; answers are rounded, so that some are equal.
n, c = 200, 12
truth = rng.integers(0, c - 1, n)
answers = np.round(rng.normal(size=(n, c)) + 1.5 * np.eye(c)[truth], 1)
teacher = np.round(rng.normal(size=(n, c)) + 2.5 * np.eye(c)[truth], 1)
save("classes.csv", truth, answers, teacher)
table = read("classes.csv")
truth, answers, teacher = table[:, 0].astype(int), table[:, 1 : 1 + c], table[:, 1 + c :]
p = np.exp(answers.astype(np.float64))
p /= p.sum(axis=1, keepdims=True)
say("classes", "accuracy", metrics.accuracy_score(truth, answers.argmax(1)))
say("classes", "macro-f1", metrics.f1_score(truth, answers.argmax(1), average="macro"))
say("classes", "auc", np.mean([metrics.roc_auc_score(truth == k, p[:, k]) for k in range(c - 1)]))
say("classes", "out-of-scope-auc", metrics.roc_auc_score(truth == 3, 1 - p.max(1)))  # as if 3 were none
say("classes", "agreement", np.mean(answers.argmax(1) == teacher.argmax(1)))
ranks = (answers > answers[np.arange(n), truth][:, None]).sum(1)  # ties count for the class
say("classes", "top-5", np.mean(ranks < 5))

# 4 labels, some not known; the last is never answered with yes and never true.
n, c = 150, 4
truth = (rng.random((n, c)) < [0.5, 0.2, 0.7, 0.0]).astype(float)
answers = np.round(rng.normal(size=(n, c)) + 1.5 * (truth - 0.5), 1)
answers[:, 3] = -np.abs(answers[:, 3]) - 0.1
teacher = np.round(rng.normal(size=(n, c)) + 3 * (truth - 0.5), 1)
truth[rng.random((n, c)) < 0.2] = np.nan
save("labels.csv", truth, answers, teacher)
table = read("labels.csv")
truth, answers, teacher = table[:, :c], table[:, c : 2 * c], table[:, 2 * c :]
known = ~np.isnan(truth)
say("labels", "accuracy", metrics.accuracy_score(truth[known] > 0.5, answers[known] > 0))
say(
    "labels",
    "macro-f1",
    np.mean([metrics.f1_score(truth[known[:, k], k], answers[known[:, k], k] > 0, zero_division=0) for k in range(c)]),
)
say("labels", "auc", np.mean([metrics.roc_auc_score(truth[known[:, k], k], answers[known[:, k], k]) for k in range(3)]))
say("labels", "agreement", np.mean((answers > 0) == (teacher > 0)))

# 2 quantities of different size, some not known.
n, c = 120, 2
truth = rng.normal(size=(n, c)) * [1, 300]
answers = truth + rng.normal(size=(n, c)) * [0.3, 50]
truth[rng.random((n, c)) < 0.1] = np.nan
save("numbers.csv", truth, answers, answers)
table = read("numbers.csv").astype(np.float64)
truth, answers = table[:, :c], table[:, c : 2 * c]
known = ~np.isnan(truth)
for name, error in [("rmse", metrics.root_mean_squared_error), ("mae", metrics.mean_absolute_error)]:
    say("numbers", name, np.mean([error(truth[known[:, k], k], answers[known[:, k], k]) for k in range(c)]))

(here / "expected.txt").write_text("\n".join(lines) + "\n")
