"""Makes pair-ids.txt, the ids and type ids of pairs that Hugging Face's library gives.

pip install tokenizers==0.23.2; python3 make_pairs.py, where make.py and make_bpe.py were run before. The texts are those of
ids.txt and their next but two. A line: the file, the two texts as JSON, the most ids, the ids, the type ids, separated by tabs.
"""
import json

from tokenizers import Tokenizer

texts = [json.loads(line.split("\t")[0]) for line in open("ids.txt", encoding="ascii")][:70]
with open("pair-ids.txt", "w", encoding="ascii") as out:
    for name in ("uncased", "cased", "bpe"):
        tokenizer = Tokenizer.from_file(name + ".json")
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        for i, text in enumerate(texts):
            most = (1000, 6, 9, 12, 17)[i % 5]
            tokenizer.enable_truncation(most)
            pair = tokenizer.encode(text, texts[(i + 3) % len(texts)])
            columns = [name, json.dumps(text), json.dumps(texts[(i + 3) % len(texts)]), str(most)]
            columns += [" ".join(map(str, numbers)) for numbers in (pair.ids, pair.type_ids)]
            out.write("\t".join(columns) + "\n")
