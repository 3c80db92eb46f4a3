"""Makes files of JSON lines of the one JSON file that CLINC150 is published as.

  python3 benchmark/data/clinc150.py CLINC150 OUT

CLINC150 holds data_full.json. OUT gets train.jsonl, val.jsonl and test.jsonl, of which every line is
{"text": ..., "label": ...}: the queries of the 150 intents, then those of none, whose label is oos.
"""
import json, sys
from pathlib import Path


def main(clinc, out):
  parts = json.loads((Path(clinc) / "data_full.json").read_text("utf-8"))
  Path(out).mkdir(parents=True, exist_ok=True)
  for part in ("train", "val", "test"):
    with open(Path(out) / f"{part}.jsonl", "w", encoding="utf-8", newline="\n") as lines:
      for text, label in parts[part] + parts["oos_" + part]:
        lines.write(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
  main(*sys.argv[1:])
