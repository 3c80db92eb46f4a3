"""Makes bpe.json and bpe-ids.txt by Hugging Face's library.

pip install tokenizers==0.23.2; python3 make_bpe.py, where make.py was run before. bpe.json is trained on corpus.txt, a
text on every line. A line of bpe-ids.txt: the text as JSON, then its ids, and those with a space put before it, all
separated by tabs. The texts are those of ids.txt.
"""
import json

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

texts = [json.loads(line.split("\t")[0]) for line in open("ids.txt", encoding="ascii")]
corpus = open("corpus.txt", encoding="utf-8").read().splitlines()

t = Tokenizer(models.BPE())
t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
alphabet = pre_tokenizers.ByteLevel.alphabet()
special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
t.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=460, special_tokens=special, initial_alphabet=alphabet, show_progress=False))
t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
t.save("bpe.json", pretty=False)
spaced = Tokenizer.from_file("bpe.json")
spaced.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
for each in (t, spaced):
    each.encode_special_tokens = True
with open("bpe-ids.txt", "w", encoding="ascii") as out:
    for text in texts:
        out.write("\t".join([json.dumps(text)] + [" ".join(map(str, each.encode(text).ids)) for each in (t, spaced)]) + "\n")
