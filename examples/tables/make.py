"""Makes the files of these examples: tables with a header, and the answers of forests to them.

    python3 examples/tables/make.py "$RANBIKI_DATA" "$RANBIKI_DATA/tables"

needs numpy and scikit-learn, and the data sets `adult` and `letter` of the UCI repository as they are distributed.
A forest answers its own training rows by the trees that have not seen the row (out of bag).
"""

import csv
import gzip
import pathlib
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

NUMBERS = ["age", "final-weight", "education-years", "capital-gain", "capital-loss", "hours"]
COLUMNS = ["age", "workclass", "final-weight", "education", "education-years", "marital-status", "occupation",
           "relationship", "race", "sex", "capital-gain", "capital-loss", "hours", "country", "income"]
LETTER = ["letter", "x-box", "y-box", "width", "high", "onpix", "x-bar", "y-bar", "x2bar", "y2bar", "xybar", "x2ybr",
          "xy2br", "x-ege", "xegvy", "y-ege", "yegvx"]


def write(file, header, rows):
    with open(file, "w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator="\n").writerows([header, *rows])


def table(file, header, rows, first):
    """Every row gets a number, by which an answer finds it; those of the test follow those of the training."""
    write(file, ["number", *header], ([first + i, *row] for i, row in enumerate(rows)))


def answers(file, names, given, first):
    write(file, ["number", *names], ([first + i, *(f"{value:.6g}" for value in row)] for i, row in enumerate(given)))


def adult(source, target):
    def rows(name):
        with gzip.open(source / name, "rt") as text:
            for row in csv.reader(text, skipinitialspace=True):
                if len(row) == len(COLUMNS):  # the test begins with a remark, and both end with an empty line
                    yield ["" if value == "?" else value.rstrip(".") if i == 14 else value for i, value in enumerate(row)]

    parts = {part: list(rows(name)) for part, name in (("train", "adult.data.gz"), ("test", "adult.test.gz"))}
    codes = {}

    def features(part, label):
        names = [name for name in COLUMNS if name != label]
        columns = []
        for name in names:
            values = [row[COLUMNS.index(name)] for row in parts[part]]
            of = codes.setdefault(name, {})
            columns.append([float(v) for v in values] if name in NUMBERS else [of.setdefault(v, len(of)) for v in values])
        return np.array(columns).T

    first = 1
    for part, of in parts.items():
        table(target / f"adult-{part}.csv", COLUMNS, of, first)
        first += len(of)
    tests = 1 + len(parts["train"])
    income = {part: [row[14] for row in of] for part, of in parts.items()}
    hours = {part: np.array([float(row[12]) for row in of]) for part, of in parts.items()}

    forest = RandomForestClassifier(300, min_samples_leaf=3, oob_score=True, random_state=1)
    forest.fit(features("train", "income"), income["train"])
    print("income: forest", forest.score(features("test", "income"), income["test"]))
    answers(target / "income-forest.csv", forest.classes_, forest.oob_decision_function_, 1)
    answers(target / "income-forest-test.csv", forest.classes_, forest.predict_proba(features("test", "income")), tests)
    rivals("income", features("train", "income"), income["train"], features("test", "income"), income["test"])

    forest = RandomForestRegressor(200, min_samples_leaf=5, max_features=0.4, oob_score=True, random_state=1)
    forest.fit(features("train", "hours"), hours["train"])
    told = forest.predict(features("test", "hours"))
    print("hours: forest, RMSE", np.sqrt(np.mean((told - hours["test"]) ** 2)))
    answers(target / "hours-forest.csv", ["hours"], forest.oob_prediction_[:, None], 1)
    answers(target / "hours-forest-test.csv", ["hours"], told[:, None], tests)


def letter(source, target):
    with open(source / "letter-recognition.data") as text:
        rows = [row for row in csv.reader(text) if row]
    parts = {"train": rows[:16_000], "test": rows[16_000:]}
    first = 1
    for part, of in parts.items():
        table(target / f"letter-{part}.csv", LETTER, of, first)
        first += len(of)
    features = {part: np.array([row[1:] for row in of], float) for part, of in parts.items()}
    names = {part: [row[0] for row in of] for part, of in parts.items()}
    forest = RandomForestClassifier(300, oob_score=True, random_state=1).fit(features["train"], names["train"])
    print("letter: forest", forest.score(features["test"], names["test"]))
    answers(target / "letter-forest.csv", forest.classes_, forest.oob_decision_function_, 1)
    answers(target / "letter-forest-test.csv", forest.classes_, forest.predict_proba(features["test"]), 16_001)
    rivals("letter", features["train"], names["train"], features["test"], names["test"])


def rivals(name, features, labels, tests, truth, limit=100_000):
    """The best small forest of at most so many bytes, 8 for a split and 1 for the class of a leaf; its trees vote."""
    best = (0, "")
    for trees in (1, 3, 10, 30):
        for leaves in (30, 100, 300, 1000):
            if trees * (8 * (leaves - 1) + leaves) <= limit:
                forest = RandomForestClassifier(trees, max_leaf_nodes=leaves, random_state=1).fit(features, labels)
                votes = sum(np.eye(len(forest.classes_))[tree.predict_proba(tests).argmax(1)] for tree in forest)
                right = np.mean(forest.classes_[votes.argmax(1)] == np.array(truth))
                best = max(best, (right, f"{trees} trees of {leaves} leaves"))
    print(name + ": best forest of 100 kB", *best)


if __name__ == "__main__":
    data, made = map(pathlib.Path, sys.argv[1:])
    made.mkdir(parents=True, exist_ok=True)
    adult(data / "adult", made)
    letter(data / "letter", made)
