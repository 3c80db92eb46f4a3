"""Says the accuracy of a finished run with and without the test texts that have a near twin among the training texts.

  python3 benchmark/data/twins.py RUN TRAIN.csv TEST.csv [COLUMN]

RUN is a run folder, whose evaluation/ holds the answers of every model and seed. Two texts are near twins if their sets of words
have a Jaccard index of 0.8 or more; words are runs of lower-case letters, digits and apostrophes. COLUMN (text) holds the texts.
The number depends on what a word is. Of the 3,080 of Banking77 it is 480 so, 490 where an apostrophe ends a word (any other letter
or digit does not change that), 341 where case counts, too, and 266 for what stands between spaces, with its punctuation.
Needs numpy and safetensors.
"""
import csv, re, sys
from pathlib import Path
import numpy as np
from safetensors.numpy import load_file

NEAR = 0.8


def words(text):
  return frozenset(re.findall(r"[a-z0-9']+", text.lower()))


def texts(file, column):
  with open(file, encoding="utf-8", newline="") as rows:
    return [words(row[column]) for row in csv.DictReader(rows)]


def twins(train, test):
  """Whether each test text has a near twin. Only texts that share a word are compared."""
  holders = {}
  for number, each in enumerate(train):
    for word in each:
      holders.setdefault(word, []).append(number)
  found = []
  for each in test:
    shared = {}
    for word in each:
      for number in holders.get(word, ()):
        shared[number] = shared.get(number, 0) + 1
    found.append(any(n / (len(each) + len(train[t]) - n) >= NEAR for t, n in shared.items()))
  return np.array(found)


def main(run, train, test, column="text"):
  near = twins(texts(train, column), texts(test, column))
  print(f"{near.sum():,} of {len(near):,} test texts have a near twin among the training texts")
  print(f"{'model':24} {'all':>8} {'without':>8} {'twins':>8}")
  for file in sorted(Path(run, "evaluation").glob("*.safetensors")):
    answers = load_file(file)
    if "logits" in answers and len(answers["ids"]) == len(near):
      right = answers["logits"].argmax(1) == answers["labels"]
      told, twin = answers["labels"] >= 0, near[answers["ids"]]
      shares = [right[told].mean(), right[told & ~twin].mean(), right[told & twin].mean()]
      print(f"{file.stem:24} " + " ".join(f"{100 * share:7.2f}%" for share in shares))


if __name__ == "__main__":
  main(*sys.argv[1:])
