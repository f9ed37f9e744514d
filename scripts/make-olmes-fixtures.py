"""Logs in the shape of OLMES (oe-eval), for src/outcomes/importers/olmes.

OLMES is in no package registry: these files are made by hand, after its `run_eval.py` and `metrics/metric.py` (2025). Each
task's metrics are computed here from the likelihoods and answers as MCAccuracy, ExactMatch and PassAtK compute them.

Writes test/fixtures/logs/olmes/run/. Usage: python scripts/make-olmes-fixtures.py
"""

import json
import math
import pathlib

TARGET = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "logs" / "olmes" / "run"
LOG_2_OF_E = 1.44269504089
MODEL = {"model": "allenai/OLMo-2-1124-7B", "revision": "stage1-step1000-tokens5B", "trust_remote_code": None,
         "max_length": 2048, "model_path": None, "model_type": "hf"}


def save_lines(name: str, rows: list[dict]) -> None:
    (TARGET / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def config(core: str, alias: str, primary: str, **more) -> dict:
    return {"task_name": core, "task_core": core, "limit": None, "split": "test", "num_shots": 0, "fewshot_seed": 1234,
            "primary_metric": primary, "random_subsample_seed": 1234, "context_kwargs": None, "generation_kwargs": None,
            "metric_kwargs": None, "native_id_field": "id", "use_chat_format": None, "version": 0,
            "metadata": {"regimes": ["OLMES-v0.1"], "alias": alias}, **more}


def task_metrics(index: int, core: str, settings: dict, metrics: dict, count: int) -> dict:
    primary = settings["primary_metric"]
    return {"task_name": core, "task_hash": f"{index:032x}", "model_hash": "f" * 32, "model_config": MODEL,
            "task_config": settings, "compute_config": {"batch_size": "1"}, "processing_time": 1.5,
            "current_date": "2026-01-02 03:04:05 UTC", "num_instances": count, "beaker_info": {},
            "metrics": {**metrics, "primary_score": metrics[primary]}, "task_idx": index}


def mean(rows: list[dict], names: list[str]) -> dict:
    return {name: sum(row["metrics"][name] for row in rows) / len(rows) for name in names}


def write_task(index: int, core: str, settings: dict, rows: list[dict], requests: list[dict], names: list[str]) -> dict:
    prefix = f"task-{index:03d}-{core}"
    metrics = task_metrics(index, core, settings, mean(rows, names), len(rows))
    for row in rows:
        row.update(task_hash=metrics["task_hash"], model_hash=metrics["model_hash"])
    save_lines(f"{prefix}-predictions.jsonl", rows)
    save_lines(f"{prefix}-requests.jsonl", requests)
    shown = {key: value for key, value in requests[0].items() if key not in ("request", "idx")}
    save_lines(f"{prefix}-recorded-inputs.jsonl", [{**shown, "requests": [requests[0]]}])
    (TARGET / f"{prefix}-metrics.json").write_text(json.dumps(metrics, indent=2))
    return metrics


MC = ["acc_raw", "acc_per_token", "acc_per_char", "acc_per_byte", "sum_logits_corr", "logits_per_token_corr",
      "logits_per_char_corr", "bits_per_byte_corr"]


def choice_row(doc: int, native: str, label: int, texts: list[str], sums: list[float]) -> dict:
    outputs = []
    for text, total in zip(texts, sums):
        tokens, size = max(len(text.split()), 1), len(text.encode())
        outputs.append({"sum_logits": total, "num_tokens": tokens, "num_tokens_all": tokens + 10, "is_greedy": False,
                        "logits_per_token": total / tokens, "logits_per_char": total / len(text),
                        "bits_per_byte": -LOG_2_OF_E * total / size, "num_chars": len(text)})

    def best(key, pick=max):
        values = [output[key] for output in outputs]
        return values.index(pick(values))

    raw, token, char, byte = best("sum_logits"), best("logits_per_token"), best("logits_per_char"), best("bits_per_byte", min)
    gold = outputs[label]
    metrics = {"predicted_index_raw": raw, "predicted_index_per_token": token, "predicted_index_per_char": char,
               "predicted_index_per_byte": byte, "predicted_index_uncond": None, "correct_choice": label,
               "acc_raw": int(raw == label), "acc_per_token": int(token == label), "acc_per_char": int(char == label),
               "acc_per_byte": int(byte == label), "acc_uncond": None, "no_answer": 0,
               "sum_logits_corr": gold["sum_logits"], "logits_per_token_corr": gold["logits_per_token"],
               "logits_per_char_corr": gold["logits_per_char"], "bits_per_byte_corr": gold["bits_per_byte"]}
    return {"doc_id": doc, "native_id": native, "metrics": metrics, "model_output": outputs, "label": label}


def request(kind: str, core: str, doc: int, native, label, index: int, asked: dict, document: dict) -> dict:
    return {"request_type": kind, "doc": document, "request": asked, "idx": index, "task_name": core, "doc_id": doc,
            "native_id": native, "label": label}


def arc_easy() -> dict:
    docs = [("Mercury_1", "Which is a gas at room temperature?", [" iron", " oxygen", " salt", " quartz"], 1,
             [-9.5, -2.5, -7.0, -8.25]),
            ("Mercury_2", "What do plants take in?", [" carbon dioxide", " sand", " wool", " gold"], 0,
             [-7.5, -6.0, -9.0, -6.5]),
            ("Mercury_3", "Where does the sun rise?", [" in the west", " in the east", " in the north"], 1,
             [-3.0, -2.875, -5.0]),
            ("Mercury_4", "What melts at 0 \u00b0C?", [" steel", " ice", " stone", " glass"], 1, [-4.0, -5.0, -6.0, -7.0])]
    rows, requests = [], []
    for doc, (native, query, texts, label, sums) in enumerate(docs):
        rows.append(choice_row(doc, native, label, texts, sums))
        context = f"Question: {query}\nAnswer:"
        for index, text in enumerate(texts):
            requests.append(request("loglikelihood", "arc_easy", doc, native, label, index,
                                    {"context": context, "continuation": text}, {"query": query, "choices": texts}))
    return write_task(0, "arc_easy", config("arc_easy", "arc_easy:rc::olmes", "acc_per_char"), rows, requests, MC)


def winogrande() -> dict:
    rows, requests = [], []
    for doc, (names, end, label, sums) in enumerate([(["Ann", "Bea"], " was tired.", 0, [-3.0, -3.5]),
                                                     (["Cem", "Dan"], " was late.", 1, [-4.0, -4.5])]):
        rows.append(choice_row(doc, f"wino_{doc}", label, [end, end], sums))
        for index, name in enumerate(names):
            requests.append(request("loglikelihood", "winogrande", doc, f"wino_{doc}", label, index,
                                    {"context": f"It was because {name}", "continuation": end}, {"choices": names}))
    return write_task(1, "winogrande", config("winogrande", "winogrande:rc::olmes", "acc_raw"), rows, requests, MC)


def gsm8k() -> dict:
    drawn = {"do_sample": True, "temperature": 0.6, "top_p": 0.95, "max_gen_toks": 512, "repeats": 3}
    docs = [(0, "3+4?", "7", ["7", "8", "7"]), (1, "5+6?", "11", ["10", "11", "11"]), (2, "1+1?", "2", ["3", "3", "2"])]
    rows, requests = [], []
    for doc, query, label, answers in docs:
        outputs = [{"continuation": f" So it is {answer}.", "num_tokens": 5, "model_answer": answer} for answer in answers]
        exact = float(answers[0] == label)
        rows.append({"doc_id": doc, "native_id": doc, "metrics": {"exact_match_simple": exact, "exact_match": exact,
                                                                 "num_tokens": 5},
                     "model_output": outputs, "label": label})
        for index in range(3):
            asked = {"context": f"Question: {query}\nAnswer:", "stop_sequences": ["Question:", "\n\n"],
                     "generation_kwargs": {key: value for key, value in drawn.items() if key != "repeats"}}
            requests.append(request("generate_until", "gsm8k", doc, doc, label, index, asked, {"query": query}))
    settings = config("gsm8k", "gsm8k::olmes", "exact_match", num_shots=8, generation_kwargs=drawn)
    return write_task(2, "gsm8k", settings, rows, requests, ["exact_match_simple", "exact_match"])


def humaneval() -> dict:
    drawn = {"do_sample": True, "temperature": 0.8, "top_p": 0.95, "max_gen_toks": 512, "repeats": 4}
    rows, requests = [], []
    for doc, right in enumerate([3, 0, 4]):
        native = f"HumanEval/{doc}"
        # As estimate_pass_at_k computes it, with its rounding.
        share = 1.0 if right == 4 else 1.0 - math.prod(1.0 - 1.0 / n for n in range(4 - right + 1, 5))
        rows.append({"doc_id": doc, "native_id": native, "metrics": {"pass_at_1": share},
                     "model_output": [{"continuation": f"    return {index}\n", "num_tokens": 4} for index in range(4)],
                     "label": None})
        for index in range(4):
            asked = {"context": f"def f{doc}(x):\n", "stop_sequences": ["\nclass"], "generation_kwargs": {
                key: value for key, value in drawn.items() if key != "repeats"}}
            requests.append(request("generate_until", "codex_humaneval", doc, native, None, index, asked, {}))
    settings = config("codex_humaneval", "codex_humaneval", "pass_at_1", generation_kwargs=drawn)
    return write_task(3, "codex_humaneval", settings, rows, requests, ["pass_at_1"])


def bits_per_byte() -> dict:
    rows, requests = [], []
    for doc, (text, total) in enumerate([(" forty two", -3.0), (" one", -2.0)]):
        # The same dataset id twice, as some datasets have it.
        rows.append(choice_row(doc, "same", 0, [text], [total]))
        context = {"messages": [{"role": "user", "content": f"Say it {doc}"}], "assistant_prefix": "Sure:"}
        requests.append(request("loglikelihood", "said", doc, "same", 0, 0, {"context": context, "continuation": text}, {}))
    settings = config("said", "said:bpb::none", "bits_per_byte_corr", use_chat_format=True)
    return write_task(4, "said", settings, rows, requests, MC)


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    tasks = [arc_easy(), winogrande(), gsm8k(), humaneval(), bits_per_byte()]
    first = tasks[:2]
    macro = sum(task["metrics"]["primary_score"] for task in first) / 2
    bits = sum(task["metrics"]["bits_per_byte_corr"] for task in first) / 2
    group = {**task_metrics(0, "core:rc::olmes", config("core:rc::olmes", "core:rc::olmes", "primary_score"),
                            {"primary_score": macro, "primary_score_macro": macro, "bits_per_byte_corr_macro": bits}, 6)}
    save_lines("metrics-all.jsonl", [group, *tasks])
    summary = [{"alias": task["task_config"]["metadata"]["alias"], "metrics": task["metrics"],
                "num_instances": task["num_instances"], "processing_time": 1.5, "task_config": {}} for task in tasks]
    (TARGET / "metrics.json").write_text(json.dumps(
        {"all_primary_scores": [f"core: {macro:.6}"], "tasks": summary, "model_config": {"model": MODEL["model"]}}, indent=2))


if __name__ == "__main__":
    main()
