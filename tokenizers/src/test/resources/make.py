"""Makes the files of this folder: python3 make.py (tokenizers 0.23.2).

unigram.json: Unigram with NFKC, Metaspace and the signs <s> and </s>, trained on a few sentences.
sequence.json: WordPiece behind a sequence of normalizers and a split at white space, cut at 12 ids.
ids.json: the ids of texts by both; in those of "signs", signs with a meaning are text. For these the
library is asked without added tokens, and Unigram without the pieces of that name.
"""
import json

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SENTENCES = [
    "The still stands in the kitchen, and the kettle sings beside it.",
    "A large vessel is heated; a small cup collects what matters.",
    "What the large model knows, the small one learns in a few hours.",
    "蘭引は日本の蒸留器です。大きな器を熱し、小さな杯に集めます。",
    "Where did my card go? I have waited for two weeks now.",
    "I cannot top up my account, and nobody answers the phone.",
] * 20
SIGNS = ["<s>", "</s>", "<unk>", "<pad>"]
TEXTS = [
    "The kettle stands beside the still.",
    "What did the small model learn in two weeks?",
    "",
    "   two  spaces\tand a tab\n",
    "ﬁne ｆｕｌｌ ｗｉｄｔｈ Ⅷ ½",
    "蘭引を熱します。",
    "naïve café, ÀÉÎ e\u0301",
    "🫖 zxqjk \ufdd0 \u0000 end",
    "supercalifragilistic" * 5,
]
WITH_SIGNS = ["<s> the card </s>", "a<unk>b", "[CLS] the still [SEP] [UNK]", "<pad><pad>"]


def plain(tokenizer):
    tree = json.loads(tokenizer.to_str())
    signs = [token["content"] for token in tree["added_tokens"] if token["special"]]
    tree["added_tokens"] = []
    if tree["model"]["type"] == "Unigram":
        for piece in tree["model"]["vocab"]:
            if piece[0] in signs:
                piece[0] = "\U0010fffe" + piece[0]
    return Tokenizer.from_str(json.dumps(tree))


def save(tokenizer, name, ids):
    tokenizer.save(name + ".json", pretty=False)
    ids[name] = [[text, tokenizer.encode(text).ids] for text in TEXTS]
    ids[name + " signs"] = [[text, plain(tokenizer).encode(text).ids] for text in WITH_SIGNS]


ids = {}
unigram = Tokenizer(models.Unigram())
unigram.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\t", " ")])
unigram.pre_tokenizer = pre_tokenizers.Metaspace()
unigram.decoder = decoders.Metaspace()
unigram.train_from_iterator(
    SENTENCES,
    trainers.UnigramTrainer(vocab_size=260, special_tokens=SIGNS, unk_token="<unk>", show_progress=False),
)
unigram.post_processor = processors.TemplateProcessing(
    single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
)
save(unigram, "unigram", ids)

sequence = Tokenizer(models.WordPiece(unk_token="[UNK]"))
sequence.normalizer = normalizers.Sequence(
    [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
)
sequence.pre_tokenizer = pre_tokenizers.Whitespace()
sequence.train_from_iterator(
    SENTENCES,
    trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False),
)
sequence.post_processor = processors.Sequence(
    [
        processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
        )
    ]
)
sequence.enable_truncation(12)
save(sequence, "sequence", ids)
with open("ids.json", "w", encoding="utf-8") as file:
    json.dump(ids, file, ensure_ascii=True, indent=0)
    file.write("\n")
