import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../error/index.ts';

type ForeignForm = {
  form: string;
  /** A file or folder of the checkpoint's directory that gives the form away. */
  mark: (name: string) => boolean;
  /** Shell command; `from` and `to` are quoted already. */
  command: (from: string, to: string, mark: string) => string;
};

const AUTO = 'from transformers import AutoModelForCausalLM as M, AutoTokenizer as T';

function transformersCommand(from: string, to: string, option: string): string {
  const load = `M.from_pretrained(a, dtype='auto'${option}).save_pretrained(b)`;
  const tokenizer = `T.from_pretrained(a${option}).save_pretrained(b)`;
  return `python -c "import sys; ${AUTO}; a, b = sys.argv[1:]; ${load}; ${tokenizer}" ${from} ${to}`;
}

const FORMS: readonly ForeignForm[] = [
  {
    form: 'a LoRA adapter without its base model',
    mark: (name) => name === 'adapter_config.json' || name === 'adapter_model.safetensors',
    command: (from, to) =>
      `python -c "import sys; from peft import AutoPeftModelForCausalLM as M; a, b = sys.argv[1:]; M.from_pretrained(a).merge_and_unload().save_pretrained(b)" ${from} ${to}`,
  },
  {
    form: 'PyTorch weights (pytorch_model.bin)',
    mark: (name) => /^pytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?$/.test(name),
    command: (from, to) => transformersCommand(from, to, ''),
  },
  {
    form: 'GGUF weights',
    mark: (name) => name.endsWith('.gguf'),
    command: (from, to, mark) => transformersCommand(from, to, `, gguf_file=${pythonQuote(mark)}`),
  },
  {
    form: 'TensorFlow weights',
    mark: (name) => /^tf_model(-\d+-of-\d+)?\.h5$/.test(name),
    command: (from, to) =>
      `python -c "import sys; ${AUTO}; a, b = sys.argv[1:]; M.from_pretrained(a, from_tf=True).save_pretrained(b); T.from_pretrained(a).save_pretrained(b)" ${from} ${to}`,
  },
  {
    form: 'Flax weights',
    mark: (name) => name === 'flax_model.msgpack',
    command: (from, to) =>
      `python -c "import sys; ${AUTO}; a, b = sys.argv[1:]; M.from_pretrained(a, from_flax=True).save_pretrained(b); T.from_pretrained(a).save_pretrained(b)" ${from} ${to}`,
  },
  {
    form: 'a DeepSpeed ZeRO checkpoint',
    mark: (name) => name === 'zero_to_fp32.py' || /^(bf16_)?zero_pp_rank_\d+_.*\.pt$/.test(name),
    command: (from, to) =>
      `python ${from}/zero_to_fp32.py ${from} ${to} --safe_serialization && cp ${from}/*.json ${to}`,
  },
  {
    form: 'a Megatron checkpoint',
    mark: (name) =>
      /^mp_rank_\d+/.test(name) ||
      /^iter_\d+$/.test(name) ||
      name === 'latest_checkpointed_iteration.txt',
    command: (from, to) =>
      `python -c "import sys; from megatron.bridge import AutoBridge as B; B.from_hf_pretrained('HF_MODEL_OF_THE_SAME_SHAPE').export_ckpt(*sys.argv[1:])" ${from} ${to}`,
  },
  {
    form: 'an OLMo-core checkpoint (torch distributed)',
    mark: (name) => name === 'model_and_optim',
    command: (from, to) =>
      `python src/examples/huggingface/convert_checkpoint_to_hf.py -i ${from} -o ${to}   (in a clone of OLMo-core)`,
  },
  {
    form: 'a torch distributed checkpoint (DCP)',
    mark: (name) => name === '.metadata' || name.endsWith('.distcp'),
    command: (from, to) =>
      `python -m torch.distributed.checkpoint.format_utils dcp_to_torch ${from} ${to}/pytorch_model.bin   (then rename its tensors as transformers names them and save as safetensors)`,
  },
  {
    form: 'an original Llama checkpoint (consolidated.*.pth)',
    mark: (name) => /^consolidated.*\.(pth|pt)$/.test(name),
    command: (from, to) =>
      `python -m transformers.models.llama.convert_llama_weights_to_hf --input_dir ${from} --output_dir ${to} --model_size SIZE`,
  },
  {
    form: 'a checkpoint of the first OLMo trainer (model.pt)',
    mark: (name) => name === 'model.pt',
    command: (from, to) =>
      `python scripts/convert_olmo2_to_hf.py --input_dir ${from} --output_dir ${to} --tokenizer_json_path TOKENIZER.json   (in a clone of OLMo)`,
  },
];

/**
 * Refuses a directory that holds weights in another form than safetensors.
 *
 * @throws UserError with the conversion to run.
 */
export async function refuseForeign(dir: string, names: ReadonlySet<string>): Promise<void> {
  for (const { form, mark, command } of FORMS) {
    const found = [...names].sort().find(mark);
    if (found === undefined) continue;
    const nested = await stepFolder(dir, found);
    const from = nested ?? dir;
    throw new UserError(
      `\`checkpoint\`: expected safetensors in Hugging Face format, found ${form} (${join(dir, found)}); convert it with\n  ${command(shellQuote(from), shellQuote(`${from}-hf`), found)}`,
    );
  }
}

/** Megatron's converter wants the folder of one step, not the run's. */
async function stepFolder(dir: string, mark: string): Promise<string | null> {
  if (mark !== 'latest_checkpointed_iteration.txt' && !/^iter_\d+$/.test(mark)) return null;
  const steps = (await readdir(dir)).filter((name) => /^iter_\d+$/.test(name)).sort();
  const last = steps.at(-1);
  return last === undefined ? null : join(dir, last);
}

function shellQuote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Inside a command in double quotes. */
function pythonQuote(name: string): string {
  return `'${name.replaceAll(/["$`\\']/g, '?')}'`;
}
