"""Reference token ids, chat renderings and hidden states of one checkpoint, from Hugging Face transformers in fp32.

Needs: pip install torch==2.13.0 transformers==4.57.1 safetensors
Usage: python scripts/reference-states.py CHECKPOINT test/golden/real-prompts.jsonl OUT_DIR
Then:  node scripts/compare-states.mjs CHECKPOINT test/golden/real-prompts.jsonl OUT_DIR
"""

import json
import pathlib
import sys

import safetensors.torch
import torch
import transformers

checkpoint, prompts, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)
model = transformers.AutoModelForCausalLM.from_pretrained(
    checkpoint, dtype=torch.float32, attn_implementation="eager"
).eval()

items, last, mean = [], [], []
with open(prompts, encoding="utf-8") as lines, torch.inference_mode():
    for line in lines:
        item = json.loads(line)
        ids = tokenizer(item["prompt"])["input_ids"]
        rendered = tokenizer.apply_chat_template(item["messages"], tokenize=False, add_generation_prompt=True)
        message_ids = tokenizer(rendered, add_special_tokens=False)["input_ids"]
        states = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        stacked = torch.stack([layer[0] for layer in states])
        last.append(stacked[:, -1])
        mean.append(stacked.mean(dim=1))
        greedy = model.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, pad_token_id=0)[0, len(ids) :]
        items.append(
            {"id": item["id"], "ids": ids, "rendered": rendered, "messageIds": message_ids, "greedy": greedy.tolist()}
        )

out.mkdir(parents=True, exist_ok=True)
safetensors.torch.save_file({"last": torch.stack(last), "mean": torch.stack(mean)}, out / "reference.safetensors")
versions = {"torch": torch.__version__, "transformers": transformers.__version__}
(out / "reference.json").write_text(json.dumps({"versions": versions, "items": items}, ensure_ascii=False), encoding="utf-8")
print(f"{len(items)} prompts, states {tuple(torch.stack(last).shape)}, {versions}")
