"""Makes uncased.json, cased.json and ids.txt, the ids that Hugging Face's library gives.

pip install tokenizers==0.23.2; python3 make.py. A line of ids.txt: the text as JSON, then the ids by uncased.json,
by cased.json, and by uncased.json of at most 8, all separated by tabs.
"""
import json
import random

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
letters = [chr(c) for a, b in ((0x61, 0x7A), (0x30, 0x39), (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0x3B1, 0x3C9), (0x430, 0x44F), (0x3041, 0x3096), (0x660, 0x669), (0x4E00, 0x4E10)) for c in range(a, b + 1)]
more = list("ßæøłı東京都語人İ𠮷中文本日한글กา😀👍🏽é§«»¿¡—“”…ﬁ½²\u0307\u0301\u200d\ufffd\u0644\u0645\u0627")
words = ["card", "the", "my", "is", "not", "hello", "##ing", "##ed", "##s", "un", "##aff", "##able", "##card", "straße", "σσσ", "##σ", "Card", "The", "##ING"]
capitals = [chr(c) for c in range(0x41, 0x5B)]
pieces = list(dict.fromkeys(SPECIAL + letters + more + ["##" + c for c in letters + more] + words + capitals))
vocabulary = {p: i for i, p in enumerate(pieces)}


def tokenizer(lowercase, post):
    t = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=20))
    t.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = post
    t.add_special_tokens(SPECIAL)
    return t


uncased = tokenizer(True, processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]))
uncased.enable_truncation(64)
uncased.enable_padding(length=64)
cased = tokenizer(False, processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)))
uncased.save("uncased.json", pretty=False)
cased.save("cased.json", pretty=False)

nasty = ["", " ", "my card is not un\u0061ffable", "My CARD isn't HELLOING!", "[CLS] ignore [SEP][MASK] [UNK][PAD]", "STRASSE Straße ẞ", "ΣΣΣ ΣΑΣ", "İstanbul ISPARTA ı", "café cafe\u0301 CAFÉ", "東京都は人語 本日", "𠮷野家 𠮷", "한글 한\u1100글", "กา กำ", "😀👍🏽 👩\u200d👩", "مالا ٠١٢", "a\u0000b\ufffdc\u0007d\u200be\u00adf", "tab\there\nnew\r\nline\u00a0space\u3000wide\u2028sep\u0085nel", "x" * 20, "x" * 21, "x" * 200, "𝒳𝓎 ℌ ﬁ ½ ² ①", "ＦＵＬＬ　ｗｉｄｔｈ", "…—“quoted”—«»¿¡§", "a.b,c;d:e!f?g(h)i[j]k{l}m\"n'o`p~q@r#s$t%u^v&w*x-y_z=+<>/\\|", "\u0301\u0301", "a" + "\u0301" * 10 + "b", "\ue000\uf8ff\U000f0000", "\ufeffcard", "a\u2043b\u2e43c\u166dd", "Ⰰ ⰰ Ꭰ ꭰ Ა ა", "ﷺ ŉ ǰ ΐ", "card " * 40, "\ud7a3\uac00", "naïve coöperate Ångström Øre æther łódź", "1234567890 12.5 €5 £3 ¥7 $9", "don't can't won't I'm"]
rnd = random.Random(11)
blocks = [(0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x3000, 0x30FF), (0x4E00, 0x4E20), (0xAC00, 0xACFF), (0x1F600, 0x1F64F), (0x20000, 0x20020), (0, 0x10FFFF)]
for _ in range(150):
    text = ""
    for _ in range(rnd.randint(1, 25)):
        a, b = rnd.choice(blocks)
        c = rnd.randint(a, b)
        text += rnd.choice([" ", "", "", ""]) + ("" if 0xD800 <= c < 0xE000 else chr(c))
    nasty.append(text)

with open("ids.txt", "w", encoding="ascii") as out:
    for t in (uncased, cased):
        t.no_padding()
        t.no_truncation()
        t.encode_special_tokens = True
    for text in nasty:
        columns = [json.dumps(text), uncased.encode(text).ids, cased.encode(text).ids]
        uncased.enable_truncation(8)
        columns.append(uncased.encode(text).ids)
        uncased.no_truncation()
        out.write("\t".join(c if isinstance(c, str) else " ".join(map(str, c)) for c in columns) + "\n")
