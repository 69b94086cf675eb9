"""What the trials of bench/sweeps learn: for each task a model made from a small config, rows to train on and rows held out, and a score or None.

The text is what Python itself ships, the source and the documentation of its standard library; the rest is made up. Nothing is downloaded.
"""
import io
import pathlib
import pydoc_data.topics
import random
import re
import sysconfig
import tokenize
import zlib

import torch
from transformers import (BartConfig, BartForConditionalGeneration, BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification,
                          GPT2Config, GPT2LMHeadModel, T5Config, T5ForConditionalGeneration, ViTConfig, ViTForImageClassification, Wav2Vec2Config, Wav2Vec2ForCTC)

BLOCK, SHORT = 64, 32  # tokens of a row: of language for LoRA, of the rest
WORDS = 2048
NO_LABEL = -100
PACKAGES = ("asyncio", "email", "idlelib", "unittest", "tkinter", "json", "logging", "multiprocessing", "xml", "http", "importlib", "concurrent")
CHARACTERS = "_^$0123456789-/, abcdefghijklmnopqrstuvwxyz"  # of dates: padding, beginning, end
MONTHS = "january february march april may june july august september october november december".split()


class Rows(torch.utils.data.Dataset):
    def __init__(self, **columns):
        self.columns = columns

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __getitem__(self, i):
        return {name: column[i] for name, column in self.columns.items()}


def split(held_out, **columns):
    """In an order that is always the same: the first rows are held out."""
    order = torch.randperm(len(next(iter(columns.values()))), generator=torch.Generator().manual_seed(0))
    return [Rows(**{name: column[order[part]] for name, column in columns.items()}) for part in (slice(held_out, None), slice(held_out))]


def made(seed=0):
    return torch.Generator().manual_seed(seed)


def library(package=""):
    """The source files of the standard library, or of one of its packages."""
    top = pathlib.Path(sysconfig.get_paths()["stdlib"])
    return [path.read_text(errors="replace") for path in sorted((top / package).glob("**/*.py" if package else "*.py"))]


def documentation():
    return "\n".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))


def in_blocks(values, block):
    return values[: len(values) // block * block].view(-1, block)


def bytes_of(text):
    return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8).long()


def words_of(text, words=WORDS):
    """Hashed; 0 is kept for padding."""
    return torch.tensor([zlib.crc32(word.encode()) % (words - 1) + 1 for word in re.findall(r"\w+|[^\w\s]", text)])


def accuracy(p):
    told = p.label_ids != NO_LABEL
    return {"accuracy": float((p.predictions.argmax(-1) == p.label_ids)[told].mean())}


# ---- language --------------------------------------------------------------------------------------------------------------

def language(text, block, held_out):
    """Bytes as tokens; the model predicts the next."""
    blocks = in_blocks(bytes_of(text), block)
    return split(held_out, input_ids=blocks, labels=blocks)


def scratch(a):
    width, block = (64, BLOCK) if a.save else (48, SHORT)  # what is saved becomes the base of others
    model = GPT2LMHeadModel(GPT2Config(vocab_size=256, n_positions=block, n_embd=width, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0))
    return model, language(documentation(), block, a.held_out), None


def source(a):
    return language("\n".join(library())[:2_000_000], BLOCK, a.held_out)


def lora(a):
    """The model that has read the documentation (--base) learns source code with adapters of rank 8."""
    import peft
    config = peft.LoraConfig(r=8, lora_alpha=16, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True, task_type="CAUSAL_LM")
    return peft.get_peft_model(GPT2LMHeadModel.from_pretrained(a.base), config), source(a), None


def finetune(a):
    """The same with all its weights, on a tenth as much."""
    return GPT2LMHeadModel.from_pretrained(a.base), language("\n".join(library("asyncio"))[:200_000], BLOCK, a.held_out), None


class Preference(torch.nn.Module):
    """Direct preference optimisation (Rafailov et al. 2023, equation 7): which of two continuations the model should find likelier than its base does."""
    def __init__(self, base, beta=0.5):
        super().__init__()
        self.policy, self.reference, self.beta = GPT2LMHeadModel.from_pretrained(base), GPT2LMHeadModel.from_pretrained(base).eval(), beta
        self.reference.requires_grad_(False)

    @staticmethod
    def likelihood(model, ids):
        logits = model(input_ids=ids[:, :-1]).logits
        return -torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none").sum(1)

    def forward(self, chosen, rejected, labels=None):
        both = torch.cat([chosen, rejected])
        with torch.no_grad():
            before = self.likelihood(self.reference, both)
        gain = self.beta * (self.likelihood(self.policy, both) - before)
        margin = gain[: len(chosen)] - gain[len(chosen):]
        return {"loss": -torch.nn.functional.logsigmoid(margin).mean(), "logits": torch.stack([-margin, margin], 1)}


def preference(a):
    """Code as it was written is preferred to the same with two stretches exchanged."""
    chosen = in_blocks(bytes_of("\n".join(library("email"))), SHORT)[:6000]
    at = torch.randint(0, SHORT - 12, (len(chosen), 1), generator=made())
    place = torch.arange(SHORT).expand(len(chosen), SHORT)
    place = torch.where((place >= at) & (place < at + 6), place + 6, torch.where((place >= at + 6) & (place < at + 12), place - 6, place))
    return Preference(a.base), split(a.held_out, chosen=chosen, rejected=chosen.gather(1, place), labels=torch.ones(len(chosen), dtype=torch.long)), accuracy


def bert(kind, **settings):
    return kind(BertConfig(**{**dict(vocab_size=WORDS, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, max_position_embeddings=SHORT),
                              **settings}))


def masked(a):
    """A sixth of the words of source code is masked."""
    labels = in_blocks(words_of("\n".join(library())[:1_500_000], 512), SHORT)
    hidden = torch.rand(labels.shape, generator=made()) < 0.16
    model = bert(BertForMaskedLM, vocab_size=513)
    return model, split(a.held_out, input_ids=labels.masked_fill(hidden, 512), labels=labels.masked_fill(~hidden, NO_LABEL)), None


def tokens(a):
    """Bytes of source code: is each part of a name, a number, a string, a comment or an operator?"""
    ids, labels = [], []
    for text in library("asyncio")[:20]:
        text, lines = text.encode().decode("ascii", "replace"), text.splitlines(keepends=True)
        begins, kinds = [0], torch.zeros(len(text), dtype=torch.long)
        for line in lines:
            begins.append(begins[-1] + len(line))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = {tokenize.NAME: 1, tokenize.NUMBER: 2, tokenize.STRING: 3, tokenize.COMMENT: 4, tokenize.OP: 5}.get(token.type, 0)
            kinds[begins[token.start[0] - 1] + token.start[1]: begins[min(token.end[0], len(lines)) - 1] + token.end[1]] = kind
        ids.append(torch.tensor([min(ord(c), 127) for c in text]))
        labels.append(kinds)
    return bert(BertForTokenClassification, vocab_size=128, num_labels=6), split(a.held_out, input_ids=in_blocks(torch.cat(ids), SHORT), labels=in_blocks(torch.cat(labels), SHORT)), accuracy


# ---- classification, regression -----------------------------------------------------------------------------------------------

def stretches(length, most):
    """Of each package: rows of words."""
    return [in_blocks(words_of("\n".join(library(package))), length)[:most] for package in PACKAGES]


def classify(a):
    """A stretch of source, its words hashed: which package is it from?"""
    inputs = stretches(SHORT, 1200)
    labels = torch.cat([torch.full((len(rows),), label) for label, rows in enumerate(inputs)])
    return bert(BertForSequenceClassification, num_labels=len(PACKAGES)), split(a.held_out, input_ids=torch.cat(inputs), labels=labels), accuracy


def tuned(a):
    """The same, by a model that begins with what masked words have taught it (--masked), from few rows."""
    model = BertForSequenceClassification.from_pretrained(a.masked, num_labels=len(PACKAGES))
    inputs = [rows % 511 + 1 for rows in stretches(SHORT, 150)]
    labels = torch.cat([torch.full((len(rows),), label) for label, rows in enumerate(inputs)])
    return model, split(a.held_out, input_ids=torch.cat(inputs), labels=labels), accuracy


def pairs(a):
    """Are two stretches of twelve words the same in another order? At guessing until the model looks from one to the other."""
    left = torch.randint(2, 34, (8000, 12), generator=made(1))
    order = torch.rand(left.shape, generator=made(2)).argsort(1)
    other = torch.randint(2, 34, left.shape, generator=made(3))
    same = torch.rand(len(left), generator=made(4)) < 0.5
    right = torch.where(same[:, None], left, other).gather(1, order)
    ids = torch.cat([left, torch.ones(len(left), 1, dtype=torch.long), right], 1)
    return bert(BertForSequenceClassification, vocab_size=34, num_labels=2, hidden_dropout_prob=0.0), split(a.held_out, input_ids=ids, labels=same.long()), accuracy


def greatest(a):
    """Which of eight numbers of two digits is the greatest?"""
    digits = torch.randint(2, 12, (16000, 16), generator=made())
    numbers = 10 * digits[:, ::2] + digits[:, 1::2]
    return bert(BertForSequenceClassification, vocab_size=12, num_labels=8, hidden_dropout_prob=0.0), split(a.held_out, input_ids=digits, labels=numbers.argmax(1)), accuracy


def brackets(a):
    """Do brackets of two kinds match, or were two of them exchanged?"""
    draw, rows, labels = random.Random(0), [], []
    while len(rows) < 16000:
        row, open_ones = [], []
        while len(row) + len(open_ones) < 24:
            if open_ones and draw.random() < 0.45:
                row.append(open_ones.pop() + 2)
            else:
                open_ones.append(draw.choice((2, 3)))
                row.append(open_ones[-1])
        row += [kind + 2 for kind in reversed(open_ones)]
        other = row[:]
        i, j = draw.sample(range(24), 2)
        other[i], other[j] = row[j], row[i]
        rows, labels = rows + [row, other], labels + [0, int(other != row)]
    return bert(BertForSequenceClassification, vocab_size=6, num_labels=2, hidden_dropout_prob=0.0), split(a.held_out, input_ids=torch.tensor(rows), labels=torch.tensor(labels)), accuracy


def regression(a):
    """How many of the bytes of a line are letters, and how many brackets?"""
    rows = in_blocks(bytes_of("\n".join(library("unittest"))[:400_000]), SHORT)
    letters = ((rows >= 97) & (rows <= 122)).float().mean(1)
    brackets = sum((rows == ord(c)).float().sum(1) for c in "()[]{}")
    target = torch.stack([(letters - letters.mean()) / letters.std(), (brackets - brackets.mean()) / brackets.std()], 1)
    return bert(BertForSequenceClassification, vocab_size=256, num_labels=2, problem_type="regression"), split(a.held_out, input_ids=rows, labels=target), None


def images(a):
    """Ten gratings of other angles and widths, shifted, under noise."""
    label = torch.randint(0, 10, (6000,), generator=made(1))
    phase, noise = torch.rand(6000, 1, 1, generator=made(2)) * 6.28, torch.randn(6000, 16, 16, generator=made(3))
    angle, wave = (label % 5).view(-1, 1, 1) * 0.628, 0.6 + 0.5 * (label // 5).view(-1, 1, 1)
    y, x = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    pixels = (torch.sin(wave * (x * torch.cos(angle) + y * torch.sin(angle)) + phase) + 0.8 * noise)[:, None]
    model = ViTForImageClassification(ViTConfig(image_size=16, patch_size=4, num_channels=1, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
                                                intermediate_size=96, num_labels=10))
    return model, split(a.held_out, pixel_values=pixels, labels=label), accuracy


# ---- from sequence to sequence ----------------------------------------------------------------------------------------------------

def small_t5(vocabulary):
    return T5ForConditionalGeneration(T5Config(vocab_size=vocabulary, d_model=48, d_kv=12, d_ff=96, num_layers=2, num_heads=4, dropout_rate=0.0, decoder_start_token_id=0))


def sort(a):
    """Eight digits in order: learned late, then at once."""
    digits = torch.randint(2, 12, (8000, 8), generator=made())
    return small_t5(12), split(a.held_out, input_ids=digits, labels=digits.sort(1).values), None


def reversal(a):
    """Ten letters, from the last to the first."""
    letters = torch.randint(2, 28, (12000, 10), generator=made())
    return small_t5(28), split(a.held_out, input_ids=letters, labels=letters.flip(1)), None


def speech(a):
    """Five tones one after another, under noise: which? Blank until they are told apart (connectionist temporal classification)."""
    tones = torch.randint(1, 9, (4000, 5), generator=made(1))
    time = torch.arange(320) / 320
    waves = torch.sin(2 * torch.pi * (10 + 6 * tones)[..., None] * time).flatten(1) + 0.3 * torch.randn(len(tones), 1600, generator=made(2))
    model = Wav2Vec2ForCTC(Wav2Vec2Config(vocab_size=9, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, conv_dim=(32, 48), conv_stride=(8, 8),
                                          conv_kernel=(16, 8), num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, mask_time_prob=0.0, ctc_loss_reduction="mean"))
    return model, split(a.held_out, input_values=waves, labels=tones), None


def written(texts):
    width = max(map(len, texts)) + 1
    return torch.tensor([[CHARACTERS.index(c) for c in (text + "$").ljust(width, "_")] for text in texts])


def dates(a):
    """2024-03-05 is 5 march, 2024."""
    day, month, year = (torch.randint(low, high, (6000,), generator=made(low + high)).tolist() for low, high in ((1, 29), (0, 12), (1950, 2050)))
    labels = written(["%d %s, %d" % (d, MONTHS[m], y) for d, m, y in zip(day, month, year)])
    model = BartForConditionalGeneration(BartConfig(vocab_size=len(CHARACTERS), d_model=48, encoder_layers=1, decoder_layers=1, encoder_attention_heads=4,
                                                    decoder_attention_heads=4, encoder_ffn_dim=96, decoder_ffn_dim=96, max_position_embeddings=SHORT, dropout=0.0,
                                                    pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, forced_eos_token_id=None))
    inputs = written(["%d-%02d-%02d" % (y, m + 1, d) for d, m, y in zip(day, month, year)])
    return model, split(a.held_out, input_ids=inputs, labels=labels.masked_fill(labels == 0, NO_LABEL)), None


# ---- rules that are found late -------------------------------------------------------------------------------------------------------

def small_gpt(vocabulary, positions):
    return GPT2LMHeadModel(GPT2Config(vocab_size=vocabulary, n_positions=positions, n_embd=64, n_layer=2, n_head=4, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                                      bos_token_id=0, eos_token_id=0))


def modular(a):
    """a + b modulo 31, from four fifths of all pairs: the sums are learned by heart first."""
    pairs_of = torch.cartesian_prod(torch.arange(31), torch.arange(31))
    ids = torch.cat([pairs_of, torch.full((len(pairs_of), 1), 31), (pairs_of.sum(1, keepdim=True)) % 31], 1)
    labels = ids.clone()
    labels[:, :3] = NO_LABEL
    return small_gpt(32, 4), split(a.held_out, input_ids=ids, labels=labels), None


def copying(a):
    """Twelve letters, and again: the second time they can be known."""
    first = torch.randint(0, 24, (12000, 12), generator=made())
    ids = torch.cat([first, first], 1)
    return small_gpt(24, 24), split(a.held_out, input_ids=ids, labels=ids), None


def recall(a):
    """Six letters, each with a number, then one of the letters: its number."""
    letters = torch.rand(24000, 16, generator=made(1)).argsort(1)[:, :6]
    numbers, asked = torch.randint(16, 32, letters.shape, generator=made(2)), torch.randint(0, 6, (len(letters), 1), generator=made(3))
    ids = torch.cat([torch.stack([letters, numbers], 2).flatten(1), letters.gather(1, asked), numbers.gather(1, asked)], 1)
    labels = ids.clone()
    labels[:, :-1] = NO_LABEL
    return small_gpt(32, 14), split(a.held_out, input_ids=ids, labels=labels), None


def addition(a):
    """Two numbers of three digits, and the digits of their sum from the last on."""
    x, y = (torch.randint(0, 1000, (20000,), generator=made(seed)) for seed in (1, 2))
    digits = lambda v, n: torch.stack([v // 10 ** k % 10 for k in range(n)], 1)
    ids = torch.cat([digits(x, 3), digits(y, 3), torch.full((len(x), 1), 10), digits(x + y, 4)], 1)
    labels = ids.clone()
    labels[:, :7] = NO_LABEL
    return small_gpt(11, 11), split(a.held_out, input_ids=ids, labels=labels), None


class Contrast(torch.nn.Module):
    """Which second half belongs to which first half, among those of the batch (van den Oord et al. 2018, equation 4)? Chance is the logarithm of their number."""
    def __init__(self, words=WORDS, width=48):
        super().__init__()
        self.words, self.sides = torch.nn.Embedding(words, width), torch.nn.ModuleList(torch.nn.Linear(width, width) for _ in range(2))

    def forward(self, first, second, labels=None):
        a, b = (torch.nn.functional.normalize(side(torch.tanh(self.words(ids).mean(1))), dim=1) for side, ids in zip(self.sides, (first, second)))
        logits = 10 * a @ b.T
        return {"loss": torch.nn.functional.cross_entropy(logits, torch.arange(len(logits))), "logits": logits.diagonal()}


def contrast(a):
    """The halves of stretches of source code."""
    rows = torch.cat(stretches(SHORT, 1200))
    return Contrast(), split(a.held_out, first=rows[:, :16], second=rows[:, 16:], labels=torch.zeros(len(rows))), None


TASKS = {f.__name__: f for f in (lora, finetune, scratch, preference, masked, tokens, classify, tuned, pairs, regression, images, sort, dates, modular, copying, greatest, brackets, reversal, speech, recall,
                                addition, contrast)}
