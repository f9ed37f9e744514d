"""Tokenizers as transformers loads them, for src/checkpoint: what AutoTokenizer makes of texts and messages.

Without an argument: trains small tokenizers of the common kinds and writes test/golden/tokenizers/<case>/ with the
tokenizer's files and expected.json, and test/golden/tokenizer-texts.json with the 500 texts of all of them. With directories: prints expected.json of each of those (one JSON line a directory).

With --suite ITEMS_JSONL DIR: prints a digest of the token ids of every prompt, and of its messages as a chat.

Usage: python scripts/make-tokenizer-goldens.py [CHECKPOINT_DIR … | --suite ITEMS_JSONL CHECKPOINT_DIR]
(pip install transformers==4.57.1 jinja2)
"""

import hashlib
import json
import pathlib
import random
import sys

import jinja2
import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

VERSIONS = {
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "jinja2": jinja2.__version__,
    "python": sys.version.split()[0],
}
TEXTS = pathlib.Path(__file__).parent.parent / "test" / "golden" / "tokenizer-texts.json"
TARGET = pathlib.Path(__file__).parent.parent / "test" / "golden" / "tokenizers"

PIECES = [
    "Hello", "world", " the", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n ", "\u00a0", "\u3000", "\u2028", "\u200b",
    "\u0085", "\ufeff", "\x00", "\x1b[0m", "\x7f", "I'm", "you'LL", "we'Ve", "it\u2019s", "'s", "don't", "\u017fe",
    "'\u017f", "123", "1234567", "3.14", "-5e10", "\u0663\u0664", "\u2167", "\u00bd", "\u00b2", "\u00e9", "e\u0301",
    "\u0130", "\u1e9e", "\ufb01", "\u00c5ngstr\u00f6m", "\u4f60\u597d", "\u3053\u3093", "\ud55c\uad6d",
    "\u1112\u1161\u11ab", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05c1", "\u0939\u093f\u0928", "\u0e2a\u0e27",
    "\U0001f600", "\U0001f469\u200d\U0001f4bb", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f", "\U0001d538", "\U00020000",
    "\ue000", "\u0378", "\U0001fae8", "{}", "[]()", "<", ">", "<|", "|>", "<|endoftext|>", " <|endoftext|> ",
    "<|pad|>", "<|user|>x", "<|ENDOFTEXT|>", "<s>", "</s>", "<unk>", "<new>", "  <new>  ", "<norm>", " <norm> ",
    "def f(x):\n    return x + 1", "if (a && b) {", "https://a.b/c?d=e&f", "a_b", "__init__", "#", "$5", "%", "...",
    "!?", "\u2026", "\u2014", "\"quoted\"", "\\n", "`", "\u2581", "\u0120", "aaaaaaaaaaaaaaaaaaaa", "=" * 12, "A" * 5,
]


def texts() -> list[str]:
    draw = random.Random(7)
    found = ["", " ", "\n", *PIECES]
    for _ in range(250):
        found.append("".join(draw.choice(PIECES) + draw.choice(["", "", " "]) for _ in range(draw.randint(2, 9))))
    for _ in range(500 - len(found)):
        points = [draw.choice([draw.randrange(1, 0x250), draw.randrange(1, 0xD800), draw.randrange(0x10000, 0x1BFFF)])
                  for _ in range(draw.randint(1, 12))]
        found.append("".join(map(chr, points)))
    return found


CHATS = [
    [{"role": "user", "content": "Hi"}],
    [{"role": "user", "content": "  spaced \n"}, {"role": "assistant", "content": "ok\n\n"}, {"role": "user", "content": "{{ x }}"}],
    [{"role": "system", "content": "Be \"brief\" <b>&amp;</b>"}, {"role": "user", "content": "\u00e9 \U0001f600 <|endoftext|>"}],
    [{"role": "user", "content": ""}],
    [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\nso"},
     {"role": "user", "content": "and"}, {"role": "assistant", "content": "<think>a</think>b"}],
]


def expected(folder: str, prompts: list[str], chats: list[list[dict]]) -> dict:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rendered = []
    for chat in chats if tokenizer.chat_template else []:
        try:
            text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
            rendered.append({"text": text, "ids": tokenizer(text, add_special_tokens=False)["input_ids"]})
        except jinja2.exceptions.TemplateError as error:
            rendered.append({"error": str(error)})
    ids = [tokenizer(text)["input_ids"] for text in prompts]
    return {
        "versions": VERSIONS,
        "class": type(tokenizer).__name__,
        "ids": ids,
        "decoded": [tokenizer.decode(row, skip_special_tokens=True) for row in ids],
        "chats": chats,
        "rendered": rendered,
    }


CORPUS = ["the quick brown fox and the other one", "hello world, hello there", "return the value in and out",
          "1 2 3 10 20 100", "\u00e9t\u00e9 caf\u00e9", "def f(x): return x + 1", "I'm you'll we've it's don't",
          "a \u0085 \u0085b", " \ufeff__ \ufeffx", "\u0663\u0664\u0665 \u00bd\u00bd \u2167\u2167 \u00b2\u00b3", "   \u200b  \u200b"] * 20
SPECIAL = ["<|endoftext|>", "<|pad|>", "<|user|>", "<|assistant|>"]
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_level(pre=None, normalizer=None, post=None, special=tuple(SPECIAL)) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre or pre_tokenizers.ByteLevel(add_prefix_space=False)
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(vocab_size=380, special_tokens=list(special), show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.ByteLevel()
    if post:
        tokenizer.post_processor = post
    return tokenizer


def split(pattern: str):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"),
                                    pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def known_words() -> Tokenizer:
    """As Llama 3 and Tekken: a word that is in the vocabulary is one token, whether merges lead to it or not."""
    begin = processors.TemplateProcessing(single="<|user|> $A", special_tokens=[("<|user|>", 2)])
    post = processors.Sequence([processors.ByteLevel(trim_offsets=False), begin])
    state = json.loads(byte_level(pre=split(LLAMA3), post=post).to_str())
    state["model"]["ignore_merges"] = True
    for word in ["Hello", "world", "\u0120world", "aaaaaaaaaaaaaaaaaaaa", "123", "\u0120\u0120", "ing", "\u00c3\u00a9"]:
        state["model"]["vocab"].setdefault(word, len(state["model"]["vocab"]))
    return Tokenizer.from_str(json.dumps(state))


def gemma() -> Tokenizer:
    """Spaces are replaced, not added in front; bytes for what is unknown; added tokens for newlines and spaces."""
    tokenizer = sentencepiece_bpe(False, ("<pad>", "<eos>", "<bos>", "<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ["\n\n", "\u2581\u2581", "   ", "[multimodal]"]])
    tokenizer.add_special_tokens([AddedToken("<start_of_turn>", normalized=False, special=True)])
    return tokenizer


def phi3() -> Tokenizer:
    tokenizer = sentencepiece_bpe(False)
    tokenizer.add_special_tokens([AddedToken("<|user|>", normalized=False, rstrip=True, special=True),
                                  AddedToken("<|endoftext|>", normalized=False, special=True)])
    return tokenizer


def sentencepiece_bpe(metaspace: bool, special=("<unk>", "<s>", "</s>")) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=380, special_tokens=[*special, *bytes_], show_progress=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(CORPUS, trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if token["id"] < len(special)]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    if metaspace:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.pre_tokenizer = None
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    return tokenizer


def unigram(byte_fallback: bool = False) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=120, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>",
                                      show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.Metaspace()
    if not byte_fallback:
        return tokenizer
    state = json.loads(tokenizer.to_str())
    state["model"]["vocab"] += [[f"<0x{b:02X}>", 0.0] for b in range(256)]
    state["model"]["byte_fallback"] = True
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    return tokenizer


def added(content: str, **flags) -> dict:
    base = {"lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": False}
    return {"content": content, **base, **flags}


CHATML = ("{% for message in messages %}\n{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim }}"
          "{%- if not loop.last %}<|im_end|>\n{% endif %}\n{% endfor %}\n  {% if add_generation_prompt %}\n<|assistant|>\n{% endif %}")
BOS_TEMPLATE = ("{{ bos_token }}{%- if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}"
                "{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}"
                "{% for m in rest %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
                "{{ raise_exception('roles must alternate') }}{% endif %}"
                "{% if loop.index0 == 0 and system is defined %}{{ '<<SYS>>\\n' ~ system ~ '\\n<</SYS>>\\n\\n' }}{% endif %}"
                "{{ '[' + m.role | upper + '] ' + m.content + eos_token }}{% endfor %}{{ 'no tools' if tools is none }}|{{ 'x' if missing is defined else 'undefined' }}"
                "|{{ messages | length }}|{{ messages | tojson }}|{{ pad_token | default('none') }}")
THINKING = r"""{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- macro turn(role, text, end='<|pad|>') -%}
<|user|>{{ role }}
{{ text }}{{ end }}
{%- endmacro %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message['role'] in ['user', 'system'] %}
{{ turn(message.role, content) }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index or not loop.last and reasoning_content %}
            {{- '<think>\\n' + reasoning_content.strip('\\n') + '</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- content }}
        {%- endif %}
        {#- a comment #}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
{{ messages | map(attribute='role') | join('/') }} {{ (messages | selectattr('role', 'equalto', 'user') | list)[0].content | replace(' ', '_') }}
{% for key, value in messages[0] | dictsort %}{{ key ~ '=' ~ value }};{% endfor %}{{ 7 // 2 }}{{ 7 % 4 }}{{ -3 + 2 ** 3 }}{{ '%s' if false else 'é' | upper }}
""".replace("\\\\n", "\\n")
NAMED = [{"name": "tool_use", "template": "TOOLS"}, {"name": "default", "template": "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}{% if add_generation_prompt %}>{% endif %}"}]


def cases():
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>", "pad_token": "<|pad|>"}
    begin = processors.TemplateProcessing(single="<|user|> $A <|pad|>", special_tokens=[("<|user|>", 2), ("<|pad|>", 1)])
    gpt2 = byte_level()
    llama_tokens = {"bos_token": "<|user|>", "eos_token": "<|endoftext|>", "unk_token": None}
    yield "gpt2-regex", gpt2, {**fast, "chat_template": CHATML}, {}
    yield "chat-features", gpt2, {**fast, "chat_template": THINKING}, {}
    yield "prefix-space-in-file", byte_level(pre=pre_tokenizers.ByteLevel(add_prefix_space=True)), fast, {}
    yield "prefix-space-in-config", gpt2, {**fast, "add_prefix_space": True}, {}
    yield "post-processor", byte_level(post=begin), {**fast, "add_bos_token": False, "chat_template": NAMED}, {}
    yield "byte-level-post-processor", byte_level(post=processors.ByteLevel(trim_offsets=False)), fast, {}
    yield "llama3-regex", byte_level(pre=split(LLAMA3), post=begin), fast, {}
    yield "o200k-regex", byte_level(pre=split(O200K)), fast, {}
    yield "qwen2-nfc", byte_level(pre=split(LLAMA3.replace("{1,3}", "")), normalizer=normalizers.NFC()), {
        "tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|pad|>", "pad_token": "<|endoftext|>", "add_bos_token": False}, {}
    yield "deepseek-sequence", byte_level(pre=pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"[\r\n]"), "isolated"), pre_tokenizers.Split(Regex(r"\s?\p{L}+"), "isolated"),
        pre_tokenizers.Split(Regex(r"\s?\p{P}+"), "isolated"), pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])), fast, {}
    yield "llama-class", gpt2, {"tokenizer_class": "LlamaTokenizer", **llama_tokens, "chat_template": BOS_TEMPLATE}, {}
    yield "llama-class-no-bos", gpt2, {"tokenizer_class": "LlamaTokenizerFast", **llama_tokens, "add_bos_token": False,
                                       "add_eos_token": True}, {}
    yield "neox-class-of-model", gpt2, {"add_bos_token": True}, {"model_type": "gpt_neox"}
    yield "llama-class-of-model", sentencepiece_bpe(False), {}, {"model_type": "llama"}
    yield "sentencepiece-metaspace", sentencepiece_bpe(True), {"tokenizer_class": "LlamaTokenizerFast", "legacy": False,
                                                               "clean_up_tokenization_spaces": False}, {}
    yield "unigram-nfkc", unigram(), {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>"}, {}
    yield "unigram-byte-fallback", unigram(True), {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>"}, {}
    yield "llama3-known-words", known_words(), {**fast, "bos_token": "<|user|>"}, {}
    yield "gemma-class-of-model", gemma(), {}, {"model_type": "gemma3_text"}
    yield "phi3", phi3(), {"tokenizer_class": "LlamaTokenizer", "add_bos_token": False, "legacy": False, "eos_token": "<|endoftext|>",
                           "pad_token": "<|endoftext|>", "unk_token": "<unk>", "bos_token": "<s>"}, {}
    yield "olmo3-class-of-model", byte_level(pre=split(LLAMA3)), {"eos_token": "<|endoftext|>", "add_bos_token": True}, {"model_type": "olmo3"}
    yield "olmo-class-of-model", byte_level(normalizer=normalizers.NFC()), {"pad_token": "<|pad|>"}, {"model_type": "olmo"}
    yield "smollm3-class-of-model", byte_level(pre=split(LLAMA3), post=begin), {"bos_token": None}, {"model_type": "smollm3"}
    merged = [pre_tokenizers.Split(" ", "merged_with_next"), pre_tokenizers.Split("\n", "merged_with_previous"),
              pre_tokenizers.Split(Regex("[a-c]\\d?"), "merged_with_next"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    yield "merged-splits", byte_level(pre=pre_tokenizers.Sequence(merged)), fast, {}
    new = {"4": added("<new>", lstrip=True), "1": added("<|pad|>", special=True, rstrip=True)}
    yield "added-in-config", gpt2, {**fast, "bos_token": "<s>", "additional_special_tokens": ["</s>"],
                                    "added_tokens_decoder": {"0": added("<|endoftext|>", special=True), **new}}, {}
    tokenizer = byte_level(normalizer=normalizers.NFC(), special=SPECIAL[:2])
    tokenizer.add_tokens([AddedToken("<norm>", normalized=True), AddedToken("<new>", normalized=False, lstrip=True, rstrip=True),
                          AddedToken("   ", normalized=True)])
    yield "added-normalized", tokenizer, fast, {}


def write_case(name: str, tokenizer: Tokenizer, config: dict, model: dict) -> None:
    folder = TARGET / name
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "config.json").write_text(json.dumps(model))
    (folder / "expected.json").write_text(json.dumps(expected(str(folder), texts(), CHATS)))


def digest(ids: list[int]) -> str:
    return hashlib.sha256(json.dumps(ids, separators=(",", ":")).encode()).hexdigest()[:8]


def suite_digests(items: str, folder: str) -> dict:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = {}
    for line in pathlib.Path(items).read_text().splitlines():
        item = json.loads(line)
        digests = [digest(tokenizer(item["prompt"])["input_ids"])]
        if tokenizer.chat_template and item.get("messages"):
            digests.append(digest(tokenizer.apply_chat_template(item["messages"], add_generation_prompt=True)))
        found[f"{item['task']}/{item['id']}"] = digests
    return {"versions": VERSIONS, "items": found}


if sys.argv[1:2] == ["--suite"]:
    print(json.dumps(suite_digests(*sys.argv[2:])))
elif len(sys.argv) > 1:
    for directory in sys.argv[1:]:
        print(json.dumps({"directory": directory, **expected(directory, texts(), CHATS)}))
else:
    TEXTS.write_text(json.dumps(texts()))
    for case in cases():
        write_case(*case)
        print(case[0])
